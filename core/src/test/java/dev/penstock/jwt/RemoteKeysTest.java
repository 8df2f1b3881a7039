package dev.penstock.jwt;

import static dev.penstock.jwt.TestTokens.EC;
import static dev.penstock.jwt.TestTokens.NOW;
import static dev.penstock.jwt.TestTokens.RSA;
import static dev.penstock.jwt.TestTokens.U1_OF_ACME;
import static dev.penstock.jwt.TestTokens.es256;
import static dev.penstock.jwt.TestTokens.rs256;
import static dev.penstock.jwt.TestTokens.token;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.penstock.CapturedLog;
import dev.penstock.FakeClock;
import dev.penstock.redis.Await;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ThreadFactory;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Keys from a real server on the loopback interface. */
class RemoteKeysTest {

  private static final Duration DEADLINE = Duration.ofSeconds(20);
  private static final String OLD = TestJwks.set(TestJwks.key(RSA.getPublic(), "'kid':'old'"));
  private static final String NEW = TestJwks.set(TestJwks.key(EC.getPublic(), "'kid':'new'"));
  private static final String OLD_TOKEN =
      token("{'alg':'RS256','kid':'old'}", U1_OF_ACME, rs256(RSA.getPrivate()));
  private static final String NEW_TOKEN =
      token("{'alg':'ES256','kid':'new'}", U1_OF_ACME, es256(EC.getPrivate()));

  private final FakeClock clock = new FakeClock(Long.MAX_VALUE - 1);
  private final CapturedLog log = new CapturedLog(JwtIdentityResolver.class);
  private final KeyServer server = new KeyServer(OLD);

  RemoteKeysTest() throws IOException {}

  @AfterEach
  void close() {
    server.close();
    log.close();
  }

  @Test
  void builder_url_verifiesByTheKeysThere() {
    JwtIdentityResolver resolver =
        JwtIdentityResolver.builder().clock(InstantSource.fixed(NOW)).jwks(server.url()).build();

    assertThat(accepts(resolver, OLD_TOKEN)).isTrue();
    assertThat(accepts(resolver, NEW_TOKEN)).isFalse();
    assertThat(server.requests()).isEqualTo(1);
    assertThat(records()).isEmpty();
  }

  @Test
  void current_forFiveMinutes_fetchesNothing() {
    RemoteKeys keys = keys();
    clock.advance(Duration.ofMinutes(5).minusNanos(1));
    TokenVerifier verifier = keys.current();
    assertThat(server.requests()).isEqualTo(1);
    clock.advanceNanos(1);
    tryAgain(keys, 2);

    // The third fetch begins when the second has ended. The same keys are the same verifier, so
    // that no remembered token is lost.
    clock.advance(Duration.ofMinutes(5));
    tryAgain(keys, 3);
    assertThat(keys.current()).isSameAs(verifier);
  }

  @Test
  void resolve_rotatedKeys_areFoundInTheBackground() {
    RemoteKeys keys = keys();
    JwtIdentityResolver resolver = resolver(keys);
    assertThat(accepts(resolver, OLD_TOKEN)).isTrue();
    server.serve(NEW);
    clock.advance(Duration.ofMinutes(5));

    Await.until("new key", DEADLINE, () -> accepts(resolver, NEW_TOKEN));
    assertThat(accepts(resolver, OLD_TOKEN)).isFalse();
    assertThat(server.requests()).isEqualTo(2);
  }

  @Test
  void resolve_unknownKid_fetchesAtMostOnceAMinute() {
    JwtIdentityResolver resolver = resolver(keys());
    server.serve(NEW);
    clock.advance(Duration.ofMinutes(1).minusNanos(1));
    assertThat(accepts(resolver, NEW_TOKEN)).isFalse();
    assertThat(server.requests()).isEqualTo(1);
    clock.advanceNanos(1);
    Await.until("new key", DEADLINE, () -> accepts(resolver, NEW_TOKEN));

    for (int i = 0; i < 1000; i++) {
      String header = "{'alg':'ES256','kid':'k" + i + "'}";
      accepts(resolver, token(header, U1_OF_ACME, input -> new byte[64]));
    }
    assertThat(server.requests()).isEqualTo(2);
  }

  @Test
  void resolve_knownKid_fetchesNothingEarly() {
    JwtIdentityResolver resolver = resolver(keys());
    clock.advance(Duration.ofMinutes(4));
    assertThat(accepts(resolver, OLD_TOKEN)).isTrue();
    assertThat(server.requests()).isEqualTo(1);
  }

  @Test
  void resolve_serverThatWithholds_holdsNoRequestAndOneThread() {
    JwtIdentityResolver resolver = resolver(keys());
    server.serve(NEW);
    server.hold();
    for (int i = 0; i < 100; i++) {
      clock.advance(Duration.ofMinutes(5));
      assertThat(accepts(resolver, NEW_TOKEN)).isFalse();
      assertThat(accepts(resolver, OLD_TOKEN)).isTrue();
    }
    awaitRequests(2);
    server.release();

    Await.until("new key", DEADLINE, () -> accepts(resolver, NEW_TOKEN));
    // The keys are due once more by now, but not a hundred times.
    assertThat(server.requests()).isBetween(2, 3);
  }

  @Test
  void resolve_deadServer_keepsTheLastKeysAndSaysSoOnce() {
    RemoteKeys keys = keys();
    JwtIdentityResolver resolver = resolver(keys);
    server.serve(500, OLD.getBytes(UTF_8));
    clock.advance(Duration.ofMinutes(4));
    for (int requests = 2; requests < 5; requests++) {
      clock.advance(Duration.ofMinutes(1));
      tryAgain(keys, requests);
      assertThat(accepts(resolver, OLD_TOKEN)).isTrue();
    }
    awaitLines(1);
    server.serve(NEW);
    clock.advance(Duration.ofMinutes(1));
    Await.until("new key", DEADLINE, () -> accepts(resolver, NEW_TOKEN));

    awaitLines(2);
    assertThat(records())
        .extracting(LogRecord::getLevel)
        .containsExactly(Level.WARNING, Level.INFO);
    assertThat(lines())
        .containsExactly(
            "The keys of "
                + shown()
                + " cannot be fetched, those from before stay: java.io.IOException: status 500",
            "The keys of " + shown() + " are fetched again");
  }

  @Test
  void builder_deadServer_beginsWithoutKeysAndTriesAgain() {
    server.serve(503, new byte[0]);
    RemoteKeys keys = keys();
    JwtIdentityResolver resolver = resolver(keys);
    assertThat(accepts(resolver, OLD_TOKEN)).isFalse();
    assertThat(records()).hasSize(1);

    server.serve(OLD);
    clock.advance(Duration.ofSeconds(1));
    Await.until("first keys", DEADLINE, () -> accepts(resolver, OLD_TOKEN));
  }

  /** A start before the issuer's is over when that one is: no minute of addresses for users. */
  @Test
  void builder_deadServer_triesAgainAfterOneTwoFourSecondsUpToAMinute() throws Exception {
    server.serve(503, new byte[0]);
    List<Thread> fetches = new CopyOnWriteArrayList<>();
    RemoteKeys keys = new RemoteKeys(new KeyUrl(server.url(), null), clock, noting(fetches), null);
    for (int seconds : new int[] {1, 2, 4, 8, 16, 32, 60, 60}) {
      int begun = fetches.size();
      clock.advance(Duration.ofSeconds(seconds).minusNanos(1));
      keys.current();
      keys.keyMissing();
      assertThat(fetches).as("before %s s", seconds).hasSize(begun);
      clock.advanceNanos(1);
      keys.current();
      keys.current();
      assertThat(fetches).as("after %s s", seconds).hasSize(begun + 1);
      fetches.get(begun).join();
    }
    assertThat(records()).hasSize(1);

    server.serve(OLD);
    clock.advance(Duration.ofMinutes(1));
    keys.current();
    fetches.get(fetches.size() - 1).join();
    assertThat(accepts(resolver(keys), OLD_TOKEN)).isTrue();

    // Once there were keys, there is no hurry.
    server.serve(503, new byte[0]);
    clock.advance(Duration.ofMinutes(5));
    keys.current();
    fetches.get(fetches.size() - 1).join();
    int begun = fetches.size();
    clock.advance(Duration.ofMinutes(1).minusNanos(1));
    keys.current();
    assertThat(fetches).hasSize(begun);
  }

  /** What is mended halfway is no longer what the log has said. */
  @Test
  void fetch_failsInAnotherWay_isSaidAnew() throws Exception {
    server.serve(503, new byte[0]);
    List<Thread> fetches = new CopyOnWriteArrayList<>();
    RemoteKeys keys = new RemoteKeys(new KeyUrl(server.url(), null), clock, noting(fetches), null);
    for (String served : List.of(TestJwks.set(), TestJwks.set(), "[]", OLD, TestJwks.set())) {
      server.serve(served);
      clock.advance(Duration.ofMinutes(5));
      keys.current();
      fetches.get(fetches.size() - 1).join();
    }

    String start = "The keys of " + shown();
    assertThat(lines()).hasSize(5);
    assertThat(lines().get(0)).startsWith(start + " cannot be fetched, so no token is valid yet: ");
    assertThat(lines().get(1))
        .isEqualTo(
            start
                + " are fetched, but none of them is of use, so no token is valid yet: there is"
                + " none");
    assertThat(lines().get(2))
        .startsWith(start + " are fetched, but cannot be read, so no token is valid yet: ");
    assertThat(lines().get(3)).isEqualTo(start + " are fetched again");
    assertThat(lines().get(4))
        .isEqualTo(
            start
                + " are fetched, but none of them is of use, those from before stay: there is"
                + " none");
  }

  private static ThreadFactory noting(List<Thread> threads) {
    return work -> {
      Thread thread = KeyUrl.daemon(work);
      threads.add(thread);
      return thread;
    };
  }

  @Test
  void builder_nobodyListening_beginsWithoutKeys() {
    server.close();

    assertThat(accepts(resolver(keys()), OLD_TOKEN)).isFalse();
    assertThat(lines().get(0)).startsWith("The keys of " + shown() + " cannot be fetched");
  }

  @Test
  void fetch_tooLong_isRefused() {
    String padded = OLD + " ".repeat(KeyUrl.MAX_BYTES - OLD.length());
    server.serve(padded);
    assertThat(accepts(resolver(keys()), OLD_TOKEN)).isTrue();
    server.serve(padded + " ");

    assertRefused("java.io.IOException: more than 262144 bytes");
  }

  @Test
  void fetch_redirect_isNotFollowed() {
    server.serve(302, OLD.getBytes(UTF_8));

    assertRefused("java.io.IOException: status 302");
    assertThat(server.requests()).isEqualTo(1);
  }

  @Test
  void fetch_notAKeySet_isRefused() {
    server.serve("{\"keys\":[secret]}");
    assertRefused(
        "are fetched, but cannot be read",
        "java.lang.IllegalArgumentException: jwks url must be one JSON object in which no name"
            + " stands twice: "
            + shown()
            + ", line 1, column 10");
  }

  @Test
  void fetch_noKeyToUse_isToldFromOneThatFails() {
    server.serve(TestJwks.set(TestJwks.key(RSA.getPublic(), "'kid':'old','d':'c2VjcmV0'")));
    assertRefused(
        "are fetched, but none of them is of use",
        "keys[0] (kid old) must be a public key, not a private one (member d)");
  }

  @Test
  void fetch_emptySet_isToldFromOneThatFails() {
    server.serve(TestJwks.set());
    assertRefused("are fetched, but none of them is of use", "there is none");
  }

  /** One bad key of a new set does not stop the rotation. */
  @Test
  void resolve_rotatedKeysWithABadOne_areFoundAndTheBadOneIsToldOnce() {
    RemoteKeys keys = keys();
    JwtIdentityResolver resolver = resolver(keys);
    String bad = TestJwks.key(TestTokens.rsa(1024).getPublic(), "'kid':'short'");
    server.serve(TestJwks.set(bad, TestJwks.key(EC.getPublic(), "'kid':'new'")));
    clock.advance(Duration.ofMinutes(5));
    Await.until("new key", DEADLINE, () -> accepts(resolver, NEW_TOKEN));
    awaitLines(1);
    for (int requests = 3; requests < 5; requests++) {
      clock.advance(Duration.ofMinutes(5));
      tryAgain(keys, requests);
    }

    assertThat(lines())
        .containsExactly(
            "Keys of "
                + shown()
                + " are ignored: keys[0] (kid short) must have at least 2048 bits for RS256, not"
                + " 1024");
  }

  @Test
  void fetch_notUtf8_isRefused() {
    server.serve(200, "{\"keys\":\"\u00e9\"}".getBytes(ISO_8859_1));
    assertRefused("java.nio.charset.MalformedInputException: Input length = 1");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://login.example.com/keys",
        "http://127.0.0.1.example.com/keys",
        "ftp://localhost/keys",
        "https://user:secret@login.example.com/keys",
        "file:///etc/keys",
        "https:///keys",
        "jwks.json"
      })
  void jwks_otherUrl_isRefusedWithoutItsSecrets(String url) {
    URI uri = URI.create(url);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> JwtIdentityResolver.builder().jwks(uri))
        .withMessage(
            "url must be https, or http to localhost, and without a user: "
                + uri.getScheme()
                + "://"
                + uri.getHost());
  }

  @Test
  void jwksWithoutTls_privateAddress_verifiesByTheKeysThereAndSaysWhatItIs() {
    JwtIdentityResolver resolver =
        JwtIdentityResolver.builder()
            .clock(InstantSource.fixed(NOW))
            .jwksWithoutTls(server.url())
            .build();

    assertThat(accepts(resolver, OLD_TOKEN)).isTrue();
    assertThat(lines())
        .containsExactly(
            "The keys of "
                + shown()
                + " are fetched without TLS, so whoever is on the way can replace them: for"
                + " development only");
  }

  /** A name is looked up for each fetch; one with a label of 64 characters, nowhere. */
  @Test
  void fetch_withoutTlsByName_isOfPrivateAddressesOnly() throws Exception {
    assertThat(KeyUrl.withoutTls(URI.create("http://localhost:" + server.port() + "/")).fetch())
        .isEqualTo(OLD);
    String nowhere = "x".repeat(64) + ".invalid";
    assertThatIOException()
        .isThrownBy(KeyUrl.withoutTls(URI.create("http://" + nowhere + "/keys"))::fetch)
        .withMessage("not only on a private network: " + nowhere);
    assertThat(PrivateHost.is("8.8.8.8")).isFalse();
    assertThat(PrivateHost.is("[2001:db8::1]")).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "https://10.0.0.1/keys",
        "http://192.0.2.1/keys",
        "http://8.8.8.8/keys",
        "http://169.254.169.254/keys",
        "http://0.0.0.0/keys",
        "http://172.32.0.1/keys",
        "http://100.64.0.1/keys",
        "http://[2001:db8::1]/keys",
        "http://[fe80::1]/keys",
        "http://[::]/keys",
        "http://[::ffff:8.8.8.8]/keys",
        "http://user:secret@10.0.0.1/keys",
        "http:///keys",
        "ftp://10.0.0.1/keys",
        "keys",
      })
  void jwksWithoutTls_otherUrl_isRefusedWithoutItsSecrets(String url) {
    URI uri = URI.create(url);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> JwtIdentityResolver.builder().jwksWithoutTls(uri))
        .withMessage(
            "url must be http to a private or loopback address, and without a user: "
                + uri.getScheme()
                + "://"
                + uri.getHost());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "127.0.0.1",
        "127.9.9.9",
        "[::1]",
        "10.255.255.255",
        "172.16.0.1",
        "172.31.255.255",
        "192.168.0.1",
        "[fc00::1]",
        "[fdff::1]",
        "[::ffff:10.0.0.1]",
        "localhost",
      })
  void isPrivate_addressesOfOnesOwn_are(String host) {
    assertThat(PrivateHost.is(host)).isTrue();
  }

  @Test
  void jwks_secondKey_isRefusedUnfetched() {
    JwtIdentityResolverBuilder builder = JwtIdentityResolver.builder().hmac(TestTokens.SECRET);
    assertThatIllegalStateException()
        .isThrownBy(() -> builder.jwks(server.url()))
        .withMessage("JwtIdentityResolver takes one of hmac, publicKey and jwks, once");
    assertThat(server.requests()).isZero();
  }

  private void assertRefused(String reason) {
    assertRefused("cannot be fetched", reason);
  }

  private void assertRefused(String how, String reason) {
    assertThat(accepts(resolver(keys()), OLD_TOKEN)).isFalse();
    assertThat(lines())
        .containsExactly(
            "The keys of " + shown() + " " + how + ", so no token is valid yet: " + reason);
  }

  /** Asks until a fetch has begun: the last one may be about to end. */
  private void tryAgain(RemoteKeys keys, int requests) {
    Await.until(
        requests + " requests",
        DEADLINE,
        () -> {
          keys.current();
          return server.requests() == requests;
        });
  }

  private void awaitRequests(int count) {
    Await.until(count + " requests", DEADLINE, () -> server.requests() == count);
  }

  private void awaitLines(int count) {
    Await.until(count + " lines", DEADLINE, () -> records().size() == count);
  }

  private List<String> lines() {
    return records().stream().map(LogRecord::getMessage).toList();
  }

  /** Without those of an earlier test, whose last fetch may end in this one. */
  private List<LogRecord> records() {
    return log.records().stream().filter(line -> line.getMessage().contains(shown())).toList();
  }

  private String shown() {
    return server.url().toString().replace("?secret=s", "");
  }

  private RemoteKeys keys() {
    return new RemoteKeys(new KeyUrl(server.url(), null), clock);
  }

  private static JwtIdentityResolver resolver(RemoteKeys keys) {
    return JwtIdentityResolver.builder().clock(InstantSource.fixed(NOW)).keys(keys).build();
  }

  private static boolean accepts(JwtIdentityResolver resolver, String token) {
    return resolver.resolve(TokenRequests.bearer(token)).isPresent();
  }
}
