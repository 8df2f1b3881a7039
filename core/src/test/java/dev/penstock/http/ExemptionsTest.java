package dev.penstock.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.penstock.Decision;
import dev.penstock.FixedLimiter;
import dev.penstock.Identity;
import dev.penstock.Limit;
import dev.penstock.LimitPolicy;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ExemptionsTest {

  private static final LimitPolicy ALL = LimitPolicy.perIdentity("all", Limit.perMinute(10));
  private static final ClientAddress BEHIND_PROXIES =
      ClientAddress.trusting("10.0.0.0/8", "2001:db8:ffff::/48");

  private final FixedLimiter limiter = new FixedLimiter(Decision.open());

  @Test
  void exempt_beforeTheRule_isChargedNothingByIt() {
    HttpRateLimiter gate = gate().exempt("GET /health").rule("/**", ALL).build();
    assertThat(isExempt(gate, FakeRequest.of("GET /health"))).isTrue();
    assertThat(isExempt(gate, FakeRequest.of("POST /health"))).isFalse();
    assertThat(isExempt(gate, FakeRequest.of("GET /health/x"))).isFalse();
  }

  @Test
  void exempt_afterTheRule_comesTooLate() {
    HttpRateLimiter gate = gate().rule("/**", ALL).exempt("GET /health").build();
    assertThat(isExempt(gate, FakeRequest.of("GET /health"))).isFalse();
  }

  @Test
  void exempt_asksNobodyWhoItIs() {
    AtomicInteger asked = new AtomicInteger();
    HttpRateLimiter gate =
        gate()
            .identity(
                request -> {
                  asked.incrementAndGet();
                  return Optional.empty();
                })
            .exempt("GET /health")
            .exemptAddresses(ClientAddress.ofPeer(), "203.0.113.0/24")
            .rule("/**", ALL)
            .build();
    gate.decide(FakeRequest.of("GET /health"));
    gate.decide(FakeRequest.of("GET /x").from("203.0.113.1"));
    assertThat(asked).hasValue(0);
    gate.decide(FakeRequest.of("GET /x"));
    assertThat(asked).hasValue(1);
  }

  @ParameterizedTest
  @CsvSource({
    "203.0.113.1, '', true",
    "203.0.114.1, '', false",
    "'', '', false",
    "::ffff:203.0.113.1, '', true",
    "64:ff9b::203.0.113.1, '', false",
    "2002:cb00:7101::1, '', false",
    "2001::34ff:8efe, '', false",
    "2001:db8:1::5, '', true",
    "198.51.100.1, 203.0.113.1, false",
    "10.0.0.1, 203.0.113.1, true",
    "10.0.0.1, '203.0.113.1, 198.51.100.1', false",
    "10.0.0.1, '198.51.100.1, 203.0.113.1', true",
    "10.0.0.1, '203.0.113.1, 198.51.100.1, 10.0.0.2', false",
    "10.0.0.1, '203.0.113.1, unknown', false",
    "10.0.0.1, '203.0.113.1, \"', false",
    "10.0.0.1, '', false",
  })
  void exemptAddresses_clientBehindProxies_isFoundAsForItsBucket(
      String peer, String forwardedFor, boolean exempt) {
    HttpRateLimiter gate =
        gate()
            .exemptAddresses(BEHIND_PROXIES, "203.0.113.0/24", "2001:db8:1::/64")
            .rule("/**", ALL)
            .build();
    FakeRequest request = FakeRequest.of("POST /runs").from(peer);
    assertThat(
            isExempt(
                gate,
                forwardedFor.isEmpty() ? request : request.with("X-Forwarded-For", forwardedFor)))
        .isEqualTo(exempt);
  }

  @Test
  void exemptAddresses_ofPeer_believesNoHeader() {
    HttpRateLimiter gate =
        gate()
            .exemptAddresses(ClientAddress.ofPeer(), "203.0.113.0/24")
            .exemptAddresses(ClientAddress.ofPeer(), "198.51.100.7")
            .rule("/**", ALL)
            .build();
    FakeRequest request = FakeRequest.of("POST /runs").with("X-Forwarded-For", "203.0.113.1");
    assertThat(isExempt(gate, request)).isFalse();
    assertThat(isExempt(gate, request.from("203.0.113.9"))).isTrue();
    assertThat(isExempt(gate, request.from("198.51.100.7"))).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "10.0.0.0/8",
        "10.1.2.3",
        "0.0.0.0/0",
        "8.0.0.0/5",
        "2001:db8:ffff:1::/64",
        "::/0",
      })
  void exemptAddresses_trustedProxyAmongThem_isRefused(String cidr) {
    String block = cidr.equals("10.1.2.3") ? cidr + "/32" : cidr;
    assertThatThrownBy(() -> gate().exemptAddresses(BEHIND_PROXIES, "192.0.2.0/24", cidr))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("cidr must hold no trusted proxy: " + block);
  }

  @Test
  void exemptAddresses_noneOrMalformed_isRefused() {
    assertThatThrownBy(() -> gate().exemptAddresses(ClientAddress.ofPeer()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("cidrs must not be empty");
    assertThatThrownBy(() -> gate().exemptAddresses(ClientAddress.ofPeer(), "localhost"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("cidr must be an address block such as 10.0.0.0/8 or 2001:db8::/32: localhost");
  }

  @Test
  void exemptIdentities_ofTheseKinds_areChargedNothing() {
    Identity user = Identity.user("acme", "u1");
    Identity job = Identity.named("job", "nightly");
    for (Identity identity : new Identity[] {user, job, Identity.workspace("acme")}) {
      HttpRateLimiter gate =
          gate()
              .identity(request -> Optional.of(identity))
              .exemptIdentities(Identity.Kind.NAMED)
              .exemptIdentities(Identity.Kind.USER)
              .rule("/**", ALL)
              .build();
      assertThat(isExempt(gate, FakeRequest.of("POST /runs")))
          .isEqualTo(identity.kind() != Identity.Kind.WORKSPACE);
    }
  }

  @Test
  void exemptIdentities_nobodyFound_isChargedAllTheSame() {
    HttpRateLimiter gate =
        gate()
            .identity(request -> Optional.empty())
            .exemptIdentities(Identity.Kind.USER, Identity.Kind.WORKSPACE, Identity.Kind.NAMED)
            .rule("/**", ALL)
            .build();
    assertThat(isExempt(gate, FakeRequest.of("POST /runs"))).isFalse();
  }

  @Test
  void exemptIdentities_addressesOrNone_isRefused() {
    assertThatThrownBy(() -> gate().exemptIdentities(Identity.Kind.USER, Identity.Kind.ADDRESS))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("kind must not be the one of callers without a token: ADDRESS");
    assertThatThrownBy(() -> gate().exemptIdentities())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("kinds must not be empty");
  }

  @Test
  void build_onlyExemptions_isRefused() {
    assertThatThrownBy(() -> gate().exempt("/**").build())
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("rules must not be empty: add one with rule(pattern, policy)");
  }

  @Test
  void build_thenMoreExemptions_changesNoGateThatIsBuilt() {
    HttpRateLimiterBuilder builder = gate().rule("/**", ALL);
    HttpRateLimiter gate = builder.build();
    builder.exemptAddresses(ClientAddress.ofPeer(), FakeRequest.PEER);
    assertThat(isExempt(gate, FakeRequest.of("POST /runs"))).isFalse();
    assertThat(isExempt(builder.build(), FakeRequest.of("POST /runs"))).isTrue();
  }

  @Test
  @SuppressWarnings("NullAway") // null is what is tested
  void nulls_nameTheParameter() {
    assertThatNullPointerException().isThrownBy(() -> gate().exempt(null)).withMessage("pattern");
    assertThatNullPointerException()
        .isThrownBy(() -> gate().exemptAddresses(null, "192.0.2.1"))
        .withMessage("clients");
  }

  private HttpRateLimiterBuilder gate() {
    return HttpRateLimiter.builder(limiter);
  }

  private boolean isExempt(Gate gate, RequestView request) {
    limiter.calls().clear();
    Verdict verdict = gate.decide(request);
    assertThat(verdict.identity().isEmpty()).isEqualTo(limiter.calls().isEmpty());
    return limiter.calls().isEmpty();
  }
}
