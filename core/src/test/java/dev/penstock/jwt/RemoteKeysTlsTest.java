package dev.penstock.jwt;

import static dev.penstock.jwt.TestTokens.NOW;
import static dev.penstock.jwt.TestTokens.RSA;
import static dev.penstock.jwt.TestTokens.U1_OF_ACME;
import static dev.penstock.jwt.TestTokens.rs256;
import static dev.penstock.jwt.TestTokens.token;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.penstock.CapturedLog;
import dev.penstock.FakeClock;
import dev.penstock.http.TestTls;
import dev.penstock.redis.Await;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.logging.LogRecord;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Keys from a real server over TLS, on the loopback interface. */
class RemoteKeysTlsTest {

  private static final Duration DEADLINE = Duration.ofSeconds(20);
  private static final String KEYS = TestJwks.set(TestJwks.key(RSA.getPublic(), "'kid':'a'"));
  private static final String TOKEN =
      token("{'alg':'RS256','kid':'a'}", U1_OF_ACME, rs256(RSA.getPrivate()));

  @TempDir private static Path directory;
  private static TestTls trusted;
  private static TestTls stranger;
  private static TestTls elsewhere;

  private final FakeClock clock = new FakeClock(0);
  private final CapturedLog log = new CapturedLog(JwtIdentityResolver.class);

  @BeforeAll
  static void makeCertificates() throws IOException, GeneralSecurityException {
    trusted = TestTls.of(directory, "ip:127.0.0.1");
    stranger = TestTls.of(directory, "ip:127.0.0.1");
    elsewhere = TestTls.of(directory, "dns:elsewhere.example");
  }

  @AfterEach
  void close() {
    log.close();
  }

  @Test
  void jwks_certificateThatTheContextTrusts_isFetched() throws IOException {
    try (KeyServer server = KeyServer.overTls(KEYS, 0, trusted.server())) {
      JwtIdentityResolver resolver =
          JwtIdentityResolver.builder()
              .clock(InstantSource.fixed(NOW))
              .jwks(server.url(), trusted.client())
              .build();
      assertThat(accepts(resolver)).isTrue();
      assertThat(log.records()).isEmpty();
    }
  }

  @Test
  void jwks_certificateThatTheJvmDoesNotTrust_isRefused() throws IOException {
    try (KeyServer server = KeyServer.overTls(KEYS, 0, trusted.server())) {
      JwtIdentityResolver resolver =
          JwtIdentityResolver.builder().clock(InstantSource.fixed(NOW)).jwks(server.url()).build();
      assertThat(accepts(resolver)).isFalse();
      assertRefusedOnce(server, "PKIX path ");
      assertThat(server.requests()).isZero();
    }
  }

  @Test
  void fetch_certificateForAnotherName_isRefused() throws IOException {
    try (KeyServer server = KeyServer.overTls(KEYS, 0, elsewhere.server())) {
      assertThat(accepts(resolver(keys(server, elsewhere.client())))).isFalse();
      assertRefusedOnce(server, "No subject alternative names");
      assertThat(server.requests()).isZero();
    }
  }

  @Test
  void fetch_certificateThatChangesToAnUntrustedOne_keepsTheLastKeysAndSaysSoOnce()
      throws IOException {
    KeyServer first = KeyServer.overTls(KEYS, 0, trusted.server());
    RemoteKeys keys = keys(first, trusted.client());
    first.close();
    try (KeyServer second = KeyServer.overTls(KEYS, first.port(), stranger.server())) {
      clock.advance(Duration.ofMinutes(5));
      keys.current();
      Await.until("a line", DEADLINE, () -> log.records().size() == 1);
      awaitEndOfFetch();
      clock.advance(Duration.ofMinutes(1));
      keys.current();
      awaitEndOfFetch();
      assertThat(accepts(resolver(keys))).isTrue();
      assertRefusedOnce(second, "PKIX path ");
    }
  }

  @Test
  void jwks_httpElsewhere_isRefusedWithAContextToo() {
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                JwtIdentityResolver.builder()
                    .jwks(URI.create("http://login.example.com/keys?secret=s"), trusted.client()))
        .withMessage(
            "url must be https, or http to localhost, and without a user:"
                + " http://login.example.com");
  }

  private void assertRefusedOnce(KeyServer server, String reason) {
    assertThat(log.records())
        .extracting(LogRecord::getMessage)
        .singleElement()
        .asString()
        .startsWith("The keys of https://127.0.0.1:" + server.port() + "/keys cannot be fetched, ")
        .contains(": javax.net.ssl.SSLHandshakeException: ")
        .contains(reason)
        .doesNotContain("secret", "\n");
    assertThat(log.records().get(0).getThrown()).isNull();
  }

  private static void awaitEndOfFetch() {
    Await.until(
        "the end of the fetch",
        DEADLINE,
        () ->
            Thread.getAllStackTraces().keySet().stream()
                .noneMatch(thread -> thread.getName().equals("penstock-jwks")));
  }

  private RemoteKeys keys(KeyServer server, SSLContext tls) {
    return new RemoteKeys(new KeyUrl(server.url(), tls), clock);
  }

  private static JwtIdentityResolver resolver(RemoteKeys keys) {
    return JwtIdentityResolver.builder().clock(InstantSource.fixed(NOW)).keys(keys).build();
  }

  private static boolean accepts(JwtIdentityResolver resolver) {
    return resolver.resolve(TokenRequests.bearer(TOKEN)).isPresent();
  }
}
