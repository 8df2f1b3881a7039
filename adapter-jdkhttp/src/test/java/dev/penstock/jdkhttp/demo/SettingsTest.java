package dev.penstock.jdkhttp.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.penstock.Limit;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SettingsTest {

  private static final String TOKEN = "0123456789abcdef0123456789abcdef";

  @Test
  void of_emptyEnvironment_hasTheDefaults() {
    Settings settings = Settings.of(Map.of());
    assertThat(settings.port()).isEqualTo(8080);
    assertThat(settings.limits()).containsExactly(Limit.perMinute(10));
    assertThat(settings.inFlight()).isEmpty();
    assertThat(settings.modelTokens()).isEmpty();
    assertThat(settings.secret().getEncoded()).hasSize(32);
    assertThat(settings.secret()).isNotEqualTo(Settings.of(Map.of()).secret());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          PORT            | abc        | PORT must be a number from 0 to 65535: "abc"
          PORT            | ``         | PORT must be a number from 0 to 65535: ""
          PORT            | -1         | PORT must be a number from 0 to 65535: "-1"
          PORT            | 65536      | PORT must be a number from 0 to 65535: "65536"
          RATE_LIMIT      | ten        | RATE_LIMIT is not a limit: rate must have a count at position 0: "ten"
          RATE_LIMIT      | ``         | RATE_LIMIT is not a limit: rate must have a count at position 0: ""
          IN_FLIGHT       | two        | IN_FLIGHT must be a number: "two"
          IN_FLIGHT       | ``         | IN_FLIGHT must be a number: ""
          IN_FLIGHT       | 0          | IN_FLIGHT is not a limit: slots must be from 1 to 1000000000: 0
          MODEL_TOKENS    | many       | MODEL_TOKENS is not a limit: rate must have a count at position 0: "many"
          MODEL_TOKENS    | ``         | MODEL_TOKENS is not a limit: rate must have a count at position 0: ""
          JWT_SECRET      | short      | JWT_SECRET must be at least 32 bytes: it has 5
          JWT_SECRET      | ``         | JWT_SECRET must be at least 32 bytes: it has 0
          """)
  void of_badValue_namesTheVariableAndTheValue(String variable, String value, String message) {
    assertThatThrownBy(() -> Settings.of(Map.of(variable, value)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {"localhost", "10.0.0.0/33", "10.0.0.0/8,", "10.0.0.1/8"})
  void of_badProxies_namesTheVariable(String value) {
    assertThatThrownBy(() -> Settings.of(Map.of("TRUSTED_PROXIES", value)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("TRUSTED_PROXIES is not a list of CIDR blocks: ")
        .hasMessageNotContaining("\n");
  }

  @Test
  void of_slotsAndTokens_areRead() {
    Settings settings = Settings.of(Map.of("IN_FLIGHT", "2", "MODEL_TOKENS", "1000/hour"));
    assertThat(settings.inFlight()).contains(Limit.inFlight(2));
    assertThat(settings.modelTokens())
        .contains(Limit.perHour(1000).withUnit("model-tokens").withOverdraft(1_000_000));
    assertThat(Settings.of(Map.of("MODEL_TOKENS", "1000")).modelTokens())
        .contains(Limit.perMinute(1000).withUnit("model-tokens").withOverdraft(1_000_000));
  }

  @Test
  void of_policyFile_saysWhatTheSettingsElseWould() {
    Settings settings = Settings.of(Map.of("POLICY_FILE", "policy.yaml"));
    assertThat(settings.policyFile()).contains(Path.of("policy.yaml"));
    assertThat(settings.environment().get("JWT_SECRET")).hasSize(32);
    assertThatThrownBy(
            () -> Settings.of(Map.of("POLICY_FILE", "policy.yaml", "RATE_LIMIT", "10/minute")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("RATE_LIMIT must not stand beside POLICY_FILE, which says it: policy.yaml");
  }

  /** A debt of a million tokens would last for longer than a limit may. */
  @Test
  void of_fewTokens_mayNotBeOwed() {
    assertThat(Settings.of(Map.of("MODEL_TOKENS", "1/day")).modelTokens())
        .contains(Limit.perDay(1).withUnit("model-tokens"));
  }

  @Test
  void of_severalLimitsAndProxies_areRead() {
    Settings settings =
        Settings.of(
            Map.of(
                "RATE_LIMIT", "10/minute; 100/hour", "TRUSTED_PROXIES", "10.0.0.0/8, 127.0.0.1"));
    assertThat(settings.limits()).containsExactly(Limit.perMinute(10), Limit.perHour(100));
  }

  @Test
  void of_admin_isNowhereUnlessItIsSaid() {
    assertThat(Settings.of(Map.of()).admin()).isEmpty();
    AdminPort port =
        Settings.of(Map.of("ADMIN_PORT", "9090", "ADMIN_TOKEN", TOKEN)).admin().orElseThrow();
    assertThat(port.address().getAddress().isLoopbackAddress()).isTrue();
    assertThat(port.address().getPort()).isEqualTo(9090);
    assertThat(
            Settings.of(
                    Map.of("ADMIN_PORT", "0", "ADMIN_TOKEN", TOKEN, "ADMIN_ADDRESS", "192.0.2.1"))
                .admin()
                .orElseThrow()
                .address()
                .getHostString())
        .isEqualTo("192.0.2.1");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          ADMIN_PORT=9090                                     | ADMIN_TOKEN must be set where ADMIN_PORT is: 9090
          ADMIN_TOKEN=short                                   | ADMIN_PORT must be set where ADMIN_TOKEN is
          ADMIN_PORT=9090 ADMIN_TOKEN=short                   | ADMIN_TOKEN is no token: token must be 32 to 4096 characters: it has 5
          ADMIN_PORT=port ADMIN_TOKEN=short                   | ADMIN_PORT must be a number from 0 to 65535: "port"
          ADMIN_PORT=1 ADMIN_TOKEN=short ADMIN_ADDRESS=[1:2]  | ADMIN_ADDRESS must be an address of this machine: "[1:2]"
          """)
  void of_badAdmin_namesTheVariable(String environment, String message) {
    Map<String, String> variables = new HashMap<>();
    for (String variable : environment.split(" ", -1)) {
      String[] parts = variable.split("=", 2);
      variables.put(parts[0], parts[1]);
    }
    assertThatThrownBy(() -> Settings.of(variables))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
  }
}
