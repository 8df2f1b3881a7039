package dev.penstock.jwt;

import static dev.penstock.jwt.TestTokens.NOW;
import static dev.penstock.jwt.TestTokens.RSA;
import static dev.penstock.jwt.TestTokens.SECRET;
import static dev.penstock.jwt.TestTokens.U1_OF_ACME;
import static dev.penstock.jwt.TestTokens.at;
import static dev.penstock.jwt.TestTokens.hmac;
import static dev.penstock.jwt.TestTokens.hs256;
import static dev.penstock.jwt.TestTokens.rs256;
import static dev.penstock.jwt.TestTokens.token;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.CapturedLog;
import dev.penstock.FakeClock;
import dev.penstock.Identity;
import dev.penstock.Limit;
import dev.penstock.LimitPolicy;
import dev.penstock.http.ClientAddress;
import dev.penstock.http.HeaderField;
import dev.penstock.http.HttpRateLimiter;
import dev.penstock.http.Verdict;
import dev.penstock.memory.InMemoryRateLimiter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.logging.LogRecord;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What becomes of requests whose tokens are not valid, and how it is told. */
class InvalidTokensTest {

  private static final LimitPolicy ONE = LimitPolicy.perIdentity("runs", Limit.perDay(1));
  private static final byte[] OTHER = "x".repeat(32).getBytes(US_ASCII);

  private final FakeClock nanoClock = new FakeClock(0);

  static Stream<Arguments> faults() {
    return Stream.of(
        fault("malformed", "-", "Bearer secret"),
        fault("malformed", "-", "Bearer e30.e30.e30.e30.e30"),
        fault("too_long", "-", "Bearer " + hs256("{'pad':'" + "x".repeat(9000) + "'}")),
        fault("other_scheme", "- scheme=dpop", "DPoP " + hs256()),
        fault("other_scheme", "- scheme=dpop", "dpop opaque"),
        fault("other_scheme", "- scheme=other", "<script> " + hs256()),
        fault("other_scheme", "- scheme=none", hs256()),
        fault("claims", "HS256", "Bearer " + hs256("{'sub':'u1'}")),
        fault("claims", "HS256", "Bearer " + hs256(claims("u1").replace("'u1'", "4.2"))),
        fault("claims", "HS256", "Bearer " + hs256(claims("u1").replace("'sub'", "'x'"))),
        fault("claims", "HS256", "Bearer " + hs256("{'sub':'u','nbf':'x','exp':" + at(60) + "}")),
        fault("expired", "HS256", "Bearer " + hs256("{'sub':'u1','exp':" + at(-11) + "}")),
        fault(
            "not_yet_valid",
            "HS256",
            "Bearer " + hs256("{'sub':'u1','nbf':" + at(11) + ",'exp':" + at(60) + "}")),
        fault("issuer", "HS256", "Bearer " + hs256("{'sub':'u1','iss':'x','exp':" + at(60) + "}")),
        fault(
            "audience",
            "HS256",
            "Bearer " + hs256("{'sub':'u1','iss':'i','aud':'x','exp':" + at(60) + "}")),
        fault("reserved_name", "HS256", "Bearer " + hs256(claims("sa:robot"))),
        fault("header", "HS256", "Bearer " + signed("{'alg':'HS256','crit':['x']}")),
        fault("header", "HS256", "Bearer " + signed("{'alg':'HS256','kid':1}")),
        fault("algorithm", "none", "Bearer " + signed("{'alg':'none'}")),
        fault("algorithm", "HS512", "Bearer " + signed("{'alg':'HS512'}")),
        fault("algorithm", "other", "Bearer " + signed("{'alg':'<script>'}")),
        fault("algorithm", "other", "Bearer " + signed("{'alg':['HS256']}")),
        fault("algorithm", "-", "Bearer " + signed("{'typ':'JWT'}")),
        fault(
            "algorithm",
            "RS256",
            "Bearer " + token("{'alg':'RS256'}", claims("u1"), rs256(RSA.getPrivate()))),
        fault("signature", "HS256", "Bearer " + forged("u1")));
  }

  private static Arguments fault(String reason, String alg, String authorization) {
    return Arguments.of(reason, alg, authorization);
  }

  private static String claims(String user) {
    return "{'sub':'" + user + "','iss':'i','aud':'os1','exp':" + at(60) + "}";
  }

  private static String signed(String header) {
    return token(header, claims("u1"), hmac(SECRET));
  }

  private static String forged(String user) {
    return token("{'alg':'HS256'}", claims(user), hmac(OTHER));
  }

  @ParameterizedTest
  @MethodSource("faults")
  void resolve_invalidToken_isCountedAndLoggedByItsReason(
      String reason, String alg, String authorization) {
    JwtIdentityResolver resolver = builder().build();
    try (CapturedLog log = new CapturedLog(RejectedTokens.class)) {
      assertThat(resolver.resolve(TokenRequests.authorization(authorization))).isEmpty();
      assertThat(log.records())
          .extracting(LogRecord::getMessage)
          .containsExactly("rejected token: reason=" + reason + " alg=" + alg);
    }

    assertOnly(resolver, reason, 1);
  }

  /** A line of a second that has had its lines is left out, and the next says so. */
  @Test
  void log_isBoundedAndTellsNoToken() {
    RejectedTokens tokens = new RejectedTokens();
    try (CapturedLog log = new CapturedLog(RejectedTokens.class)) {
      for (int i = 0; i < 1000; i++) {
        tokens.add(new TokenOutcome.Refused(TokenFault.SIGNATURE, "secret"), "");
      }
      assertThat(log.records()).hasSizeLessThan(100);
      assertThat(log.records()).noneMatch(line -> line.getMessage().contains("secret"));
    }
    assertThat(tokens.byReason()).containsEntry("signature", 1000L);
  }

  @Test
  void rejectedTokensByReason_hasEveryReasonFromTheStart() {
    assertThat(builder().build().rejectedTokensByReason())
        .hasSize(TokenFault.values().length)
        .containsKeys(
            "other_scheme",
            "too_long",
            "malformed",
            "claims",
            "expired",
            "not_yet_valid",
            "issuer",
            "audience",
            "reserved_name",
            "no_workspace",
            "header",
            "algorithm",
            "unknown_key",
            "checks_exhausted",
            "signature")
        .allSatisfy((reason, count) -> assertThat(count).isZero());
  }

  @ParameterizedTest
  @CsvSource({
    "DPoP TOKEN, dpop",
    "dPoP  TOKEN, dpop",
    "DPoP opaque, dpop",
    "Token TOKEN, token",
    "JWT\tTOKEN, jwt",
    "Basic TOKEN, basic",
    "TOKEN, none",
    "' TOKEN ', none",
    "none TOKEN, other",
    "other TOKEN, other",
    "Xyz TOKEN, other",
  })
  void rejectedTokensByScheme_tokenBehindAnotherScheme_isCountedByItsName(
      String authorization, String scheme) {
    JwtIdentityResolver resolver = builder().build();
    String line = authorization.replace("TOKEN", hs256(claims("u1")));
    resolver.resolve(TokenRequests.authorization(line));
    resolver.resolve(TokenRequests.authorization("Basic dTE6cA==", line));

    assertOnly(resolver, "other_scheme", 2);
    Map<String, Long> byScheme = resolver.rejectedTokensByScheme();
    assertThat(byScheme).hasSize(21).containsEntry(scheme, 2L);
    assertThat(byScheme.values().stream().mapToLong(Long::longValue).sum()).isEqualTo(2);
  }

  /** Where something stands behind Bearer, that is what is wrong. */
  @Test
  void rejectedTokensByScheme_noTokenOrOneBehindBearer_countsNothing() {
    JwtIdentityResolver resolver = builder().build();
    for (String line :
        new String[] {"", "DPoP", "DPoP ", "Basic dTE6cA==", "Digest a.b", "Bearer x"}) {
      resolver.resolve(TokenRequests.authorization(line));
    }
    resolver.resolve(TokenRequests.authorization("DPoP " + hs256(), "Bearer " + forged("u1")));
    resolver.resolve(
        TokenRequests.authorization("DPoP " + hs256(), "Bearer " + hs256(claims("u1"))));

    assertThat(resolver.rejectedTokensByScheme().values()).containsOnly(0L);
  }

  @Test
  void resolve_unknownKid_isCountedAsUnknownKey(@TempDir Path directory) throws Exception {
    Path file = directory.resolve("jwks.json");
    Files.writeString(file, TestJwks.set(TestJwks.key(RSA.getPublic(), "'kid':'r1'")));
    JwtIdentityResolver resolver =
        JwtIdentityResolver.builder().jwks(file).clock(InstantSource.fixed(NOW)).build();
    resolver.resolve(
        TokenRequests.bearer(
            token("{'alg':'RS256','kid':'r2'}", U1_OF_ACME, rs256(RSA.getPrivate()))));

    assertOnly(resolver, "unknown_key", 1);
  }

  @Test
  void resolve_stoppedSender_isCountedAsExhausted() {
    JwtIdentityResolver resolver = builder().build();
    for (int i = 0; i < SignatureGate.AT_ONCE.capacity() + 7; i++) {
      resolver.resolve(TokenRequests.bearer(forged("u" + i)));
    }

    assertThat(resolver.rejectedTokensByReason())
        .containsEntry("signature", SignatureGate.AT_ONCE.capacity())
        .containsEntry("checks_exhausted", 7L);
  }

  /** One request, one count: of what came nearest to being valid. */
  @Test
  void resolve_severalInvalidTokens_areCountedOnce() {
    JwtIdentityResolver resolver = builder().build();
    String expired = hs256("{'sub':'u1','exp':" + at(-11) + "}");
    resolver.resolve(
        TokenRequests.authorization("Bearer x", "Bearer " + expired, "DPoP " + hs256()));

    assertOnly(resolver, "expired", 1);
  }

  @Test
  void resolve_validTokenBesideInvalidOnes_isNotCounted() {
    JwtIdentityResolver resolver = builder().build();
    String valid = hs256(claims("u1"));
    resolver.resolve(TokenRequests.authorization("Bearer x", "DPoP " + hs256(), "Bearer " + valid));

    assertThat(resolver.rejectedTokens()).isZero();
  }

  @ParameterizedTest
  @MethodSource("faults")
  void reject_invalidToken_is401WithTheReasonAndChargesNobody(
      String reason, String alg, String authorization) {
    InMemoryRateLimiter limiter = InMemoryRateLimiter.create();
    HttpRateLimiter gate = rejecting(limiter, builder());
    String sentence = TokenFault.valueOf(reason.toUpperCase(Locale.ROOT)).sentence();

    for (int i = 0; i < 3; i++) {
      Verdict verdict = gate.decide(TokenRequests.authorization(authorization));
      assertThat(verdict).isInstanceOf(Verdict.Reject.class);
      assertThat(((Verdict.Reject) verdict).status()).isEqualTo(401);
      assertThat(((Verdict.Reject) verdict).body())
          .isEqualTo(
              "{\"type\":\"about:blank\",\"title\":\"Unauthorized\",\"status\":401,\"detail\":\""
                  + sentence
                  + "\"}");
      assertThat(verdict.fields())
          .contains(
              new HeaderField(
                  "WWW-Authenticate",
                  "Bearer error=\"invalid_token\", error_description=\"" + sentence + "\""));
    }
    assertThat(limiter.size()).isZero();
  }

  @Test
  void reject_validAndAbsentTokens_areChargedAsEver() {
    HttpRateLimiter gate = rejecting(InMemoryRateLimiter.create(), builder());
    Optional<Identity> address = Optional.of(Identity.address("192.0.2.1"));

    assertThat(gate.decide(TokenRequests.bearer(hs256(claims("u1")))).identity())
        .hasValueSatisfying(identity -> assertThat(identity.name()).isEqualTo("u1"));
    for (String other : new String[] {"", "Bearer", "Bearer ", "Basic dTE6cA=="}) {
      assertThat(gate.decide(TokenRequests.authorization(other)).identity()).isEqualTo(address);
    }
    assertThat(gate.decide(TokenRequests.authorization()).identity()).isEqualTo(address);
  }

  /** Else a client could spend its sender's checks to be taken for nobody. */
  @Test
  void reject_stoppedSender_is401() {
    HttpRateLimiter gate = rejecting(InMemoryRateLimiter.create(), builder());
    for (int i = 0; i < 100; i++) {
      assertThat(gate.decide(TokenRequests.bearer(forged("u" + i))))
          .isInstanceOf(Verdict.Reject.class);
    }
    Verdict verdict = gate.decide(TokenRequests.bearer(hs256(claims("new"))));
    assertThat(((Verdict.Reject) verdict).status()).isEqualTo(401);
  }

  /** The way to the gate is any: the answer does not hang on the class of the resolver. */
  @Test
  void reject_behindALambda_is401() {
    JwtIdentityResolver tokens = builder().onInvalidToken(InvalidTokenMode.REJECT).build();
    HttpRateLimiter gate =
        HttpRateLimiter.builder(InMemoryRateLimiter.create())
            .identity(request -> tokens.resolve(request))
            .rule("/agents/*/runs", ONE)
            .build();

    assertThat(gate.decide(TokenRequests.bearer("x"))).isInstanceOf(Verdict.Reject.class);
  }

  private static HttpRateLimiter rejecting(
      InMemoryRateLimiter limiter, JwtIdentityResolverBuilder builder) {
    JwtIdentityResolver tokens = builder.onInvalidToken(InvalidTokenMode.REJECT).build();
    return HttpRateLimiter.builder(limiter)
        .identity(tokens.orElse(ClientAddress.trusting("10.0.0.0/8")))
        .rule("/agents/*/runs", LimitPolicy.perIdentity("runs", Limit.perDay(100)))
        .build();
  }

  private JwtIdentityResolverBuilder builder() {
    return JwtIdentityResolver.builder()
        .hmac(SECRET)
        .clock(InstantSource.fixed(NOW))
        .nanoClock(nanoClock)
        .issuer("i")
        .audience("os1")
        .reservedPrefixes("sa:");
  }

  private static void assertOnly(JwtIdentityResolver resolver, String reason, long count) {
    assertThat(resolver.rejectedTokens()).isEqualTo(count);
    assertThat(resolver.rejectedTokensByReason()).containsEntry(reason, count);
  }
}
