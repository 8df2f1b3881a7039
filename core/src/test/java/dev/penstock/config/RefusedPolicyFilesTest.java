package dev.penstock.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Each file of {@code policy-files} is refused with exactly the faults of the {@code .faults}
 * beside it: {@code text} is about JSON and YAML, {@code form} about what a schema can tell, and
 * {@code meaning} about the rest.
 */
class RefusedPolicyFilesTest {

  private static final boolean WRITES = Boolean.getBoolean("penstock.faults.update");

  static Stream<Path> files() {
    return Stream.of("text", "form", "meaning")
        .flatMap(kind -> PolicyFiles.in(PolicyFiles.REFUSED.resolve(kind)).stream());
  }

  @ParameterizedTest
  @MethodSource("files")
  void load_refusedFile_tellsAllFaultsWithTheirPlaces(Path file) throws IOException {
    List<String> told =
        PolicyFiles.faults(file).stream()
            .map(PolicyFault::toString)
            .map(line -> line.substring(file.toString().length() + 1))
            .toList();
    Path listed = file.resolveSibling(file.getFileName() + ".faults");
    if (WRITES) {
      Files.write(listed, told);
    }
    assertThat(told).isNotEmpty().isEqualTo(Files.readAllLines(listed));
  }

  @ParameterizedTest
  @MethodSource("files")
  void load_refusedFile_tellsNoSecret(Path file) {
    assertThat(PolicyFiles.faults(file).toString())
        .doesNotContain("hunter2", "correct-horse", "my-secret-word");
  }
}
