package dev.penstock.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import dev.penstock.Limit;
import dev.penstock.LimitPolicy;
import dev.penstock.memory.InMemoryRateLimiter;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PatienceTest {

  private static final Duration SECOND = Duration.ofSeconds(1);

  @Test
  void constructor_fewerBytesThanAConnectionIsWorth_isRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Patience(65_535, SECOND))
        .withMessage("bytes must be at least 65536: 65535");
  }

  @ParameterizedTest
  @ValueSource(strings = {"PT0.249999999S", "PT10M0.000000001S", "PT-1S"})
  void constructor_timeOutOfRange_isRefused(Duration time) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Patience(65_536, time))
        .withMessage("time must be from PT0.25S to PT10M: " + time);
  }

  @Test
  void constructor_bounds_areTaken() {
    assertThat(new Patience(65_536, Duration.ofMillis(250))).isEqualTo(Patience.least());
    assertThat(new Patience(Long.MAX_VALUE, Duration.ofMinutes(10)).bytes()).isPositive();
  }

  @Test
  void standard_isThatOfTomcat() {
    assertThat(Patience.standard()).isEqualTo(new Patience(2_097_152, Duration.ofSeconds(20)));
  }

  @Test
  void gate_isPatientByPeer() {
    Patience more = new Patience(100_000, SECOND);
    ClientAddress proxies = ClientAddress.trusting("192.0.2.0/24");
    HttpRateLimiter gate = rules().patience(proxies, more).patience(Patience.least()).build();
    FakeRequest request = FakeRequest.of("POST /runs");
    assertThat(rejected(gate, request.from("192.0.2.7"))).isEqualTo(more);
    assertThat(rejected(gate, request.from("192.0.3.7"))).isEqualTo(Patience.least());
    assertThat(rejected(gate, request.from(""))).isEqualTo(Patience.least());
  }

  @Test
  void gate_byItself_isPatientAsTheStandard() {
    assertThat(rejected(rules().build(), FakeRequest.of("POST /runs")))
        .isEqualTo(Patience.standard());
  }

  @Test
  @SuppressWarnings("NullAway") // null is what is tested
  void nulls_nameTheParameter() {
    assertThatNullPointerException()
        .isThrownBy(() -> new Patience(65_536, null))
        .withMessage("time");
    assertThatNullPointerException()
        .isThrownBy(() -> rules().patience(null))
        .withMessage("patience");
    assertThatNullPointerException()
        .isThrownBy(() -> rules().patience(null, Patience.least()))
        .withMessage("proxies");
    assertThatNullPointerException()
        .isThrownBy(() -> rules().patience(ClientAddress.ofPeer(), null))
        .withMessage("patience");
  }

  private static Patience rejected(Gate gate, RequestView request) {
    Verdict verdict = gate.decide(request);
    while (verdict instanceof Verdict.Proceed) {
      verdict = gate.decide(request);
    }
    return ((Verdict.Reject) verdict).patience();
  }

  private static HttpRateLimiterBuilder rules() {
    return HttpRateLimiter.builder(InMemoryRateLimiter.create())
        .rule("/**", LimitPolicy.everyone("all", Limit.perDay(1)));
  }
}
