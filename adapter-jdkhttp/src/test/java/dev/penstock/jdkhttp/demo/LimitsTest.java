package dev.penstock.jdkhttp.demo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.config.ReloadingGate;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LimitsTest {

  private static final String RULES =
      """
      policies:
        runs: {runs: 10/minute}
      rules:
        - {pattern: POST /runs, policy: runs}
      """;
  private static final String TOKENS = "jwt: {secret: env:JWT_SECRET}\n";

  @Test
  void metrics_fileThatIsChanged_areThoseOfWhoeverReadsTokensNow(@TempDir Path directory)
      throws IOException {
    Path file = Files.writeString(directory.resolve("policy.yaml"), RULES + "...\n");
    try (Limits limits = Limits.of(Settings.of(Map.of("POLICY_FILE", file.toString())))) {
      assertThat(limits.metrics().prometheusText())
          .contains("penstock_policy_current 1")
          .doesNotContain("penstock_signature_checks_total");
      Files.writeString(file, RULES + TOKENS + "...\n");
      assertThat(((ReloadingGate) limits.gate()).reload()).isEmpty();
      assertThat(limits.metrics().prometheusText())
          .contains("penstock_reloads_total{outcome=\"accepted\"} 1")
          .contains("penstock_signature_checks_total");
    }
  }
}
