package dev.penstock.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A file that is cut off, as one that is being written, is never another policy. */
class TruncatedPolicyTest {

  private static final String YAML =
      """
      policies:
        runs:
          runs: 10/minute
          day: {rate: 1000/day, partition: workspace}
      rules:
        - exempt: GET /health
        - pattern: POST /agents/*/runs
          policy: runs
          cost: 10
        - pattern: /**
          policy: runs
      ...
      """;

  private static final String JSON =
      """
      {
        "policies": {"runs": {"runs": "10/minute"}},
        "rules": [
          {"exempt": "GET /health"},
          {"pattern": "POST /agents/*/runs", "policy": "runs", "cost": 10},
          {"pattern": "/**", "policy": "runs"}
        ]
      }
      """;

  @ParameterizedTest
  @CsvSource({"policy.yaml", "policy.json"})
  void load_everyTruncation_isRefused(String name) {
    String whole = (name.endsWith(".json") ? JSON : YAML).strip();
    assertThat(isTaken(name, whole)).isTrue();
    List<String> taken =
        IntStream.range(0, whole.length())
            .mapToObj(length -> whole.substring(0, length))
            .filter(part -> isTaken(name, part))
            .toList();
    assertThat(whole.length()).isGreaterThan(200);
    assertThat(taken).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"policy.yaml", "policy.json"})
  void load_everyTruncationThatIsFilledWithZeros_isRefused(String name) {
    String whole = (name.endsWith(".json") ? JSON : YAML).strip();
    byte[] bytes = whole.getBytes(StandardCharsets.UTF_8);
    for (int length = 0; length < bytes.length; length++) {
      byte[] half =
          Arrays.copyOf(
              bytes, bytes.length); // as a file of a size that is set before it is written
      Arrays.fill(half, length, half.length, (byte) 0);
      assertThat(isTaken(name, new String(half, StandardCharsets.UTF_8))).isFalse();
    }
  }

  private static boolean isTaken(String name, String text) {
    try {
      PolicyFile.read(Path.of(name), text.getBytes(StandardCharsets.UTF_8), Map.of());
      return true;
    } catch (PolicyFileException e) {
      return false;
    }
  }
}
