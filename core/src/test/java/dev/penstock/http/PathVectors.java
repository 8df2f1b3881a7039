package dev.penstock.http;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.Arguments;

/** Request lines, and whether the rule {@code POST /agents/*}{@code /runs} is for them. */
public final class PathVectors {

  private PathVectors() {}

  /** {@return request line, limited or not, why} */
  public static Stream<Arguments> rows() throws IOException {
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(
                Objects.requireNonNull(PathVectors.class.getResourceAsStream("/vectors/paths.tsv")),
                StandardCharsets.UTF_8))) {
      return lines
          .lines()
          .filter(line -> !line.startsWith("#"))
          .map(line -> line.split("\t", -1))
          .map(row -> Arguments.of(row[0], row[1].equals("yes"), row[2]))
          .toList()
          .stream();
    }
  }
}
