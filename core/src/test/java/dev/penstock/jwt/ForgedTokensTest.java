package dev.penstock.jwt;

import static dev.penstock.jwt.TestTokens.EC;
import static dev.penstock.jwt.TestTokens.NOW;
import static dev.penstock.jwt.TestTokens.at;
import static dev.penstock.jwt.TestTokens.es256;
import static dev.penstock.jwt.TestTokens.hs256;
import static dev.penstock.jwt.TestTokens.pem;
import static dev.penstock.jwt.TestTokens.token;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.penstock.CapturedLog;
import dev.penstock.FakeClock;
import dev.penstock.Identity;
import dev.penstock.IdentityResolver;
import dev.penstock.Limit;
import dev.penstock.LimitPolicy;
import dev.penstock.http.ClientAddress;
import dev.penstock.http.FakeRequest;
import dev.penstock.http.HttpRateLimiter;
import dev.penstock.http.RequestView;
import dev.penstock.memory.InMemoryRateLimiter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Senders of ES256 tokens that nobody signed, and those who share an address with them. */
class ForgedTokensTest {

  private static final int FLOOD = 10_000;
  private static final int STOPPED_AFTER = (int) SignatureGate.AT_ONCE.capacity();
  private static final long MOST_CHECKS =
      STOPPED_AFTER
          + SignatureGate.AT_ONCE_OF_USERS.capacity()
          + SignatureGate.AT_ONCE_OF_VISITORS.capacity();

  /** 1.5 to 2.4 with JDK 17 and 25; 7 to 22 of long tokens that are read as before a check. */
  private static final int TIMES = 4;

  /** Rounds after which all code is compiled, also where others keep the processors busy. */
  private static final int WARM_AFTER = 20;

  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

  private static final JsonFactory JSON =
      JsonFactory.builder()
          .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
          .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
          .build();

  private static final Identity ADDRESS = Identity.address("192.0.2.1");

  private final Random random = new Random(20260101);
  private final FakeClock nanoClock = new FakeClock(0);
  private Instant now = NOW;
  private final ClientAddress clients = ClientAddress.trusting("10.0.0.0/8");
  private final JwtIdentityResolver tokens = builder().senders(clients).build();
  private final IdentityResolver<RequestView> resolver = tokens.orElse(clients);

  private JwtIdentityResolverBuilder builder() {
    return JwtIdentityResolver.builder()
        .publicKey(pem(EC.getPublic()))
        .clock(() -> now)
        .nanoClock(nanoClock);
  }

  @Test
  void decide_tenThousandForgedTokens_costThirtySignaturesAndOneBucket() {
    InMemoryRateLimiter limiter = InMemoryRateLimiter.create();
    HttpRateLimiter gate =
        HttpRateLimiter.builder(limiter)
            .identity(tokens)
            .rule("/agents/*/runs", LimitPolicy.perIdentity("runs", Limit.perDay(10)))
            .build();

    for (int i = 0; i < FLOOD; i++) {
      assertThat(gate.decide(TokenRequests.bearer(forged("u" + i))).identity()).contains(ADDRESS);
    }

    assertThat(tokens.signatureChecks()).isEqualTo(STOPPED_AFTER);
    assertThat(tokens.rejectedTokens()).isEqualTo(FLOOD);
    assertThat(limiter.size()).isEqualTo(1);
  }

  @Test
  void resolve_rememberedTokenBehindAStoppedAddress_isItsUser() {
    String token = signed("u1", 3600);
    assertUser("u1", token);
    stopTheAddress();

    assertUser("u1", token);
    assertThat(tokens.signatureChecks()).isEqualTo(1 + STOPPED_AFTER);
  }

  @Test
  void resolve_tokenOfLastHourBehindAStoppedAddress_isItsUser() {
    String token = signed("u1", 7200);
    assertUser("u1", token);
    now = now.plusSeconds(3600);
    stopTheAddress();

    assertUser("u1", token);
  }

  @Test
  void resolve_renewedTokenBehindAStoppedAddress_isItsUser() {
    assertUser("u1", signed("u1", 60));
    stopTheAddress();

    for (int i = 0; i < 2 * STOPPED_AFTER; i++) {
      assertUser("u1", signed("u1", 61 + i));
    }
  }

  @Test
  void resolve_forgedTokensOfAKnownUser_stopNobodyElse() {
    String token = signed("u1", 3600);
    assertUser("u1", token);
    assertUser("u2", signed("u2", 60));
    for (int i = 0; i < FLOOD; i++) {
      assertAddress(forged("u1"));
    }

    assertThat(tokens.signatureChecks())
        .isEqualTo(2 + STOPPED_AFTER + SignatureGate.AT_ONCE_OF_A_USER.capacity());
    assertAddress(signed("u1", 61));
    assertUser("u1", token);
    assertUser("u2", signed("u2", 61));
    now = now.plusSeconds(60);
    assertUser("u1", token);
  }

  @Test
  void resolve_newUserBehindAStoppedAddress_isTheAddressUntilACheckIsLeft() {
    stopTheAddress();
    String token = signed("u3", 3600);

    assertAddress(token);
    nanoClock.advance(Duration.ofSeconds(2).minusNanos(1));
    assertAddress(token);
    nanoClock.advanceNanos(1);
    assertUser("u3", token);
  }

  @Test
  void resolve_userKnownAtAnotherAddress_passesAStoppedOne() {
    assertThat(resolver.resolve(forwarded("203.0.113.9", signed("u1", 60)))).contains(user("u1"));
    stopTheAddress();

    for (int i = 0; i < 2 * STOPPED_AFTER; i++) {
      assertUser("u1", signed("u1", 61 + i));
    }
  }

  @Test
  void resolve_forgedTokensOfUsersKnownElsewhere_costTwentyMore() {
    for (int i = 0; i < 2 * STOPPED_AFTER; i++) {
      String user = "u" + i;
      assertThat(resolver.resolve(forwarded("203.0.113.9", signed(user, 60)))).contains(user(user));
    }
    assertUser("here", signed("here", 60));
    long before = tokens.signatureChecks();
    for (int i = 0; i < FLOOD; i++) {
      assertAddress(forged("u" + i % (2 * STOPPED_AFTER)));
    }

    assertThat(tokens.signatureChecks())
        .isEqualTo(before + STOPPED_AFTER + SignatureGate.AT_ONCE_OF_VISITORS.capacity());
    assertAddress(signed("u1", 61));
    assertUser("here", signed("here", 61));
  }

  /** Whatever names a sender knows. */
  @Test
  void resolve_forgedTokensOfManyKnownUsers_costAFewMoreForAllOfThem() {
    for (int i = 0; i < 300; i++) {
      assertUser("here" + i, signed("here" + i, 60));
      String elsewhere = "elsewhere" + i;
      assertThat(resolver.resolve(forwarded("203.0.113.9", signed(elsewhere, 60))))
          .contains(user(elsewhere));
    }
    long before = tokens.signatureChecks();
    for (int i = 0; i < FLOOD; i++) {
      assertAddress(forged((i % 2 == 0 ? "here" : "elsewhere") + i % 300));
    }

    assertThat(tokens.signatureChecks() - before).isEqualTo(MOST_CHECKS).isEqualTo(80);
    assertAddress(signed("here0", 61));
    nanoClock.advance(Duration.ofSeconds(4));
    assertUser("x", signed("x", 61));
    assertUser("here0", signed("here0", 61));
  }

  /** Refused before it is read, so that expired tokens in a known name do not cost more. */
  @Test
  void resolve_wrongTokenOfAKnownUserBehindAStoppedAddress_isChargedWhateverIsWrong() {
    assertUser("u1", signed("u1", 60));
    stopTheAddress();
    for (int i = 0; i < SignatureGate.AT_ONCE_OF_A_USER.capacity(); i++) {
      assertAddress(signed("u1", -60));
    }

    assertThat(tokens.signatureChecks()).isEqualTo(1 + STOPPED_AFTER);
    assertAddress(signed("u1", 61));
  }

  @Test
  void resolve_longTokenOfAKnownUser_isTheAddressOnlyWhereThatIsStopped() {
    String padding = ",'x':'" + "x".repeat(ClaimedNames.MAX_LENGTH) + "'";
    assertUser("u1", signed("u1", 60, padding));
    assertUser("u2", signed("u2", 60));
    stopTheAddress();

    assertAddress(signed("u1", 61, padding));
    assertUser("u2", signed("u2", 61, padding.substring(0, 1000) + "'"));
  }

  /**
   * Plain, in the names of users who are known, long, and with as many claims as fit. Whatever
   * signatures cost: hardly one is checked here, as the budgets are spent. What a reader without
   * any care takes for the same texts, and the gate for requests without a token, is as fast as the
   * machine.
   */
  @ParameterizedTest
  @CsvSource({
    "10000, 0, ''",
    "300, 0, ''",
    "10000, 5700, x",
    "10000, 1600, x",
    "10000, 5700, '\":1,\"'",
    "10000, 5700, '\":[[{}]],\"'",
    "10000, 1200, '\":1,\"'",
    "300, 1200, '\":[[{}]],\"'",
  })
  void decide_tenThousandForgedTokens_takeFourTimesTheProcessorOfSkimmingThem(
      int users, int length, String piece) {
    HttpRateLimiter gate =
        HttpRateLimiter.builder(InMemoryRateLimiter.create())
            .identity(tokens)
            .rule("/agents/*/runs", LimitPolicy.perIdentity("runs", Limit.perDay(10)))
            .build();
    for (int i = 0; i < 300; i++) {
      gate.decide(TokenRequests.bearer(signed("u" + i, 60)));
    }
    List<String> texts =
        IntStream.range(0, FLOOD)
            .mapToObj(i -> forged("u" + i % users, padding(length, piece)))
            .toList();
    List<FakeRequest> forged = texts.stream().map(TokenRequests::bearer).toList();
    FakeRequest bare = TokenRequests.authorization();
    forged.forEach(gate::decide);
    long skimmed = Long.MAX_VALUE;
    long flood = Long.MAX_VALUE;
    for (int i = 0; i < 3 || (i < WARM_AFTER && flood >= TIMES * skimmed); i++) {
      skimmed =
          Math.min(
              skimmed,
              nanos(texts, ForgedTokensTest::skim) + nanos(forged, any -> gate.decide(bare)));
      flood = Math.min(flood, nanos(forged, gate::decide));
    }

    System.out.printf(
        "%d forged tokens of %d users, %d characters more of %s: %.2f of what skimming takes%n",
        FLOOD, users, length, piece, (double) flood / skimmed);
    assertThat(tokens.signatureChecks()).isLessThanOrEqualTo(300 + MOST_CHECKS);
    assertThat(flood).isLessThan(TIMES * skimmed);
  }

  /** Reads as much of a token as may be read where nothing must be checked, and keeps nothing. */
  private static void skim(String token) {
    String claims = token.substring(token.indexOf('.') + 1, token.lastIndexOf('.'));
    byte[] json = Base64.getUrlDecoder().decode(claims);
    if (token.length() > ClaimedNames.MAX_LENGTH) {
      return;
    }
    try (JsonParser parts = JSON.createParser(json)) {
      JsonToken part = parts.nextToken();
      for (int i = 1; i < ClaimedNames.MAX_PARTS && part != null; i++) {
        part = parts.nextToken();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Returns a claim, or many, each of another name. */
  private static String padding(int length, String piece) {
    StringBuilder claims = new StringBuilder();
    for (int i = 0; claims.length() < length; i++) {
      claims.append(Integer.toString(i, 36)).append(piece);
    }
    return ",'" + claims + "':1";
  }

  /** Returns the time of this thread on the processor. */
  private static <T> long nanos(List<T> each, Consumer<? super T> work) {
    long before = THREADS.getCurrentThreadCpuTime();
    each.forEach(work);
    return THREADS.getCurrentThreadCpuTime() - before;
  }

  @Test
  void resolve_addressesBehindATrustedProxy_areStoppedEachAlone() {
    for (int i = 0; i < FLOOD; i++) {
      assertThat(resolver.resolve(forwarded("203.0.113.9", forged("u1"))))
          .contains(Identity.address("203.0.113.9"));
    }

    assertThat(resolver.resolve(forwarded("203.0.113.10", signed("u1", 60)))).contains(user("u1"));
    assertThat(resolver.resolve(forwarded("203.0.113.9", signed("u2", 60))))
        .contains(Identity.address("203.0.113.9"));
  }

  /** Naming a workspace takes nothing of it, and tells nothing of what it has left. */
  @Test
  void decide_forgedNamesOfAnother_leaveTheirBucketsFull() {
    InMemoryRateLimiter limiter = InMemoryRateLimiter.create();
    LimitPolicy policy =
        LimitPolicy.perIdentity("user", Limit.perDay(10))
            .and(LimitPolicy.perWorkspace("workspace", Limit.perDay(10)));
    HttpRateLimiter gate =
        HttpRateLimiter.builder(limiter).identity(tokens).rule("/agents/*/runs", policy).build();
    for (int i = 0; i < 2 * STOPPED_AFTER; i++) {
      gate.decide(TokenRequests.bearer(forged("u1")));
    }

    assertThat(limiter.peek(user("u1"), policy, 10).permitted()).isTrue();
    assertThat(limiter.peek(ADDRESS, policy).permitted()).isFalse();
  }

  @Test
  void resolve_rightSignatures_neverStopAnAddress() {
    for (int i = 0; i < 10 * STOPPED_AFTER; i++) {
      assertUser("u" + i, signed("u" + i, 60));
    }
  }

  @Test
  void resolve_tokenThatIsWrongWhateverItsSignature_costsNone() {
    String expired = signed("u1", -60);
    String otherAlgorithm = token("{'alg':'RS256'}", claims("u1", 60, ""), es256(EC.getPrivate()));
    String notJson = "AAAA.AAAA." + "A".repeat(86);
    for (int i = 0; i < 10 * STOPPED_AFTER; i++) {
      assertAddress(expired);
      assertAddress(otherAlgorithm);
      assertAddress(notJson);
      assertAddress("no token");
    }

    assertThat(tokens.signatureChecks()).isZero();
    assertUser("u1", signed("u1", 60));
  }

  /** However the resolver is wrapped, and whoever is asked after it. */
  @Test
  void decide_anyWayToAskTheResolver_checksThirtySignatures() {
    IdentityResolver<RequestView> nobody = request -> Optional.empty();
    List<UnaryOperator<IdentityResolver<RequestView>>> ways =
        List.of(
            UnaryOperator.identity(),
            jwt -> request -> jwt.resolve(request),
            jwt -> nobody.orElse(jwt),
            jwt -> jwt.orElse(nobody),
            jwt -> jwt.orElse(nobody).orElse(clients),
            jwt -> nobody.orElse(request -> jwt.resolve(request)).orElse(clients));
    for (UnaryOperator<IdentityResolver<RequestView>> way : ways) {
      JwtIdentityResolver jwt = builder().build();
      HttpRateLimiter gate =
          HttpRateLimiter.builder(InMemoryRateLimiter.create())
              .identity(way.apply(jwt))
              .rule("/agents/*/runs", LimitPolicy.perIdentity("runs", Limit.perDay(10)))
              .build();
      for (int i = 0; i < 500; i++) {
        gate.decide(TokenRequests.bearer(forged("u" + i)));
      }

      assertThat(jwt.signatureChecks()).isEqualTo(STOPPED_AFTER);
    }
  }

  @Test
  void resolve_alone_checksThirtySignatures() {
    for (int i = 0; i < FLOOD; i++) {
      assertThat(tokens.resolve(TokenRequests.bearer(forged("u" + i)))).isEmpty();
    }

    assertThat(tokens.signatureChecks()).isEqualTo(STOPPED_AFTER);
  }

  @Test
  void senders_notNamed_areTheSocketsPeers() {
    JwtIdentityResolver byPeer = builder().build();
    for (int i = 0; i < 2 * STOPPED_AFTER; i++) {
      byPeer.resolve(forwarded("203.0.113." + i, forged("u" + i)));
    }

    assertThat(byPeer.signatureChecks()).isEqualTo(STOPPED_AFTER);
    assertThat(byPeer.resolve(forwarded("203.0.113.99", signed("u1", 60)))).isEmpty();
    assertThat(byPeer.resolve(TokenRequests.bearer(signed("u1", 60)))).contains(user("u1"));
  }

  /** The way out stands in the log, where it is the proxy's many clients who are stopped. */
  @Test
  void senders_notNamedBehindAProxy_isSaid() {
    JwtIdentityResolver byPeer = builder().build();
    try (CapturedLog log = new CapturedLog(RejectedTokens.class)) {
      for (int i = 0; i < STOPPED_AFTER; i++) {
        byPeer.resolve(forwarded("203.0.113.9", forged("u1")));
      }
      nanoClock.advance(Duration.ofHours(1));
      // A line for one that is checked, if the second has any left, says nothing of it.
      assertThat(log.records()).noneMatch(line -> line.getMessage().contains("senders"));
    }
    assertThat(hintOf(byPeer, forwarded("203.0.113.9", forged("u1")))).contains("senders(");
    assertThat(hintOf(builder().build(), TokenRequests.bearer(forged("u1")))).isEmpty();
    assertThat(hintOf(tokens, forwarded("203.0.113.9", forged("u1")))).isEmpty();
  }

  private static String hintOf(JwtIdentityResolver resolver, RequestView request) {
    return resolver.hint(TokenOutcome.Refused.unread(TokenFault.CHECKS_EXHAUSTED), request);
  }

  /** A request that carries many tokens pays for each as for one in a request of its own. */
  @Test
  void resolve_manyForgedTokensInOneRequest_costThirtySignatures() {
    String[] lines =
        IntStream.range(0, 500)
            .mapToObj(i -> "Bearer " + forged("u" + i) + ", Bearer " + forged("v" + i))
            .toArray(String[]::new);

    assertThat(resolver.resolve(TokenRequests.authorization(lines))).contains(ADDRESS);
    assertThat(tokens.signatureChecks()).isEqualTo(STOPPED_AFTER);
  }

  /** No number of tokens before it hides one that is known, or whose user is. */
  @Test
  void resolve_validTokenBehindManyForgedOnes_isItsUser() {
    String known = signed("u1", 3600);
    assertUser("u1", known);
    String renewed = signed("u1", 61);
    for (String token : List.of(known, renewed)) {
      for (String junk : List.of(forged("x"), "x.y.z", hs256(), signed("u1", -60))) {
        String[] lines = new String[1000];
        Arrays.fill(lines, "Bearer " + junk);
        for (int i = 0; i < 500; i++) {
          lines[i] = "Bearer " + forged("x" + i);
        }
        lines[999] = "Bearer " + token;
        assertThat(resolver.resolve(TokenRequests.authorization(lines))).contains(user("u1"));
        lines[0] = lines[999];
        lines[999] = "Bearer " + junk;
        assertThat(resolver.resolve(TokenRequests.authorization(lines))).contains(user("u1"));
      }
    }
  }

  private void stopTheAddress() {
    for (int i = 0; i < STOPPED_AFTER; i++) {
      assertAddress(forged("x" + i));
    }
  }

  private void assertUser(String name, String token) {
    assertThat(resolver.resolve(TokenRequests.bearer(token))).contains(user(name));
  }

  private void assertAddress(String token) {
    assertThat(resolver.resolve(TokenRequests.bearer(token))).contains(ADDRESS);
  }

  private static Identity user(String name) {
    return Identity.user("acme", name);
  }

  private static FakeRequest forwarded(String address, String token) {
    return new FakeRequest(
        "POST",
        "/agents/a/runs",
        Map.of("Authorization", List.of("Bearer " + token), "X-Forwarded-For", List.of(address)),
        "10.0.0.1");
  }

  private String forged(String user) {
    return forged(user, "");
  }

  private String forged(String user, String more) {
    byte[] signature = new byte[64];
    random.nextBytes(signature);
    return token("{'alg':'ES256'}", claims(user, 7200, more), input -> signature);
  }

  private static String signed(String user, long seconds) {
    return signed(user, seconds, "");
  }

  private static String signed(String user, long seconds, String more) {
    return token("{'alg':'ES256'}", claims(user, seconds, more), es256(EC.getPrivate()));
  }

  private static String claims(String user, long seconds, String more) {
    return "{'sub':'" + user + "','workspace_id':'acme','exp':" + at(seconds) + more + "}";
  }
}
