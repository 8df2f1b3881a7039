package dev.penstock.http;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.Arguments;

/**
 * The data of {@code vectors/}: whether the rule {@code POST /agents/*}{@code /runs} is for a
 * request.
 */
public final class PathVectors {

  private PathVectors() {}

  /** {@return request line, limited or not, why} */
  public static Stream<Arguments> rows() throws IOException {
    return rows("/vectors/paths.tsv")
        .map(row -> Arguments.of(row[0], row[1].equals("yes"), row[2]));
  }

  /** {@return request line of a target that servers read differently, charged or not} */
  public static Stream<Arguments> oddTargets() throws IOException {
    return rows("/vectors/odd-targets.tsv")
        .map(row -> Arguments.of("POST " + row[0], row[1].equals("yes")));
  }

  private static Stream<String[]> rows(String name) throws IOException {
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(
                Objects.requireNonNull(PathVectors.class.getResourceAsStream(name)),
                StandardCharsets.UTF_8))) {
      return lines
          .lines()
          .filter(line -> !line.startsWith("#"))
          .map(line -> line.split("\t", -1))
          .toList()
          .stream();
    }
  }
}
