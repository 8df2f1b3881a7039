package dev.penstock.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.penstock.CapturedLog;
import dev.penstock.Decision;
import dev.penstock.Identity;
import dev.penstock.Limit;
import dev.penstock.LimitPolicy;
import dev.penstock.http.TestTls;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.List;
import java.util.logging.LogRecord;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import redis.clients.jedis.RedisClient;
import redis.clients.jedis.UnifiedJedis;

/** TLS by a private authority; and every way of not getting it right, said by name. */
class RedisTlsIT {

  private static final String OTHER_AUTHORITY =
      "its certificate is of no authority that is trusted; trust its authority by"
          + " sslContext(SSLContext); it said: ";
  private static final LimitPolicy TEN = LimitPolicy.perIdentity("ten", Limit.perDay(10));

  @TempDir private static Path directory;

  private static RedisServer server;
  private static TestTls tls;

  @BeforeAll
  static void start() throws IOException, GeneralSecurityException {
    server = RedisServer.start();
    tls = TestTls.of(directory, "ip:127.0.0.1");
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  /** Speaks TLS in front of the server. */
  private static RespServer front(SSLContext context) throws IOException {
    return RespServer.start(context, ShardingProxy.sessions(List.of(server)));
  }

  private static RedisRateLimiterBuilder builder(String scheme, int port) {
    return RedisRateLimiter.builder(scheme + "://127.0.0.1:" + port).timeout(Duration.ofSeconds(2));
  }

  private static void assertRefused(int port, RedisRateLimiterBuilder builder, String reason) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.build().close())
        .withMessageStartingWith("Redis at 127.0.0.1:" + port + " must be usable: " + reason)
        .withNoCause()
        .satisfies(e -> assertThat(e.getMessage()).hasLineCount(1));
  }

  @Test
  void sslContext_ofAPrivateAuthority_isServed() throws IOException {
    try (RespServer front = front(tls.server());
        RedisRateLimiter limiter =
            builder("rediss", front.port()).sslContext(tls.client()).build()) {
      Decision decision = limiter.tryAcquire(Identity.user("u1"), TEN);
      assertThat(decision.source()).isEqualTo(Decision.Source.REDIS);
    }
  }

  @Test
  void build_privateAuthorityWithoutContext_isRefused() throws IOException {
    try (RespServer front = front(tls.server())) {
      assertRefused(front.port(), builder("rediss", front.port()), OTHER_AUTHORITY);
    }
  }

  @Test
  void build_otherAuthority_isRefused() throws IOException, GeneralSecurityException {
    TestTls other = TestTls.of(directory, "ip:127.0.0.1");
    try (RespServer front = front(tls.server())) {
      assertRefused(
          front.port(),
          builder("rediss", front.port()).sslContext(other.client()),
          OTHER_AUTHORITY);
    }
  }

  @Test
  void build_certificateOfAnotherHost_isRefused() throws IOException, GeneralSecurityException {
    TestTls elsewhere = TestTls.of(directory, "ip:127.0.0.2");
    try (RespServer front = front(elsewhere.server())) {
      assertRefused(
          front.port(),
          builder("rediss", front.port()).sslContext(elsewhere.client()),
          "its certificate is for another host; name the host as the certificate does; it said: No"
              + " subject alternative names matching IP address 127.0.0.1 found");
    }
  }

  @Test
  void build_certificateOfYearsAgo_isRefused() throws IOException, GeneralSecurityException {
    TestTls expired = TestTls.expired(directory, "ip:127.0.0.1");
    try (RespServer front = front(expired.server())) {
      assertRefused(
          front.port(),
          builder("rediss", front.port()).sslContext(expired.client()),
          "its certificate is not valid at this time; renew it, or set the clock; it said:"
              + " NotAfter: ");
    }
  }

  @Test
  void build_serverThatWantsACertificate_isRefused() throws IOException {
    try (RespServer front =
        RespServer.startForKnownClients(tls.server(), ShardingProxy.sessions(List.of(server)))) {
      assertRefused(
          front.port(),
          builder("rediss", front.port()).sslContext(tls.client()),
          "it refuses the TLS handshake; it may want a certificate: have it in"
              + " sslContext(SSLContext); it said: ");
    }
  }

  @Test
  void build_plainUrlToTls_isRefused() throws IOException {
    try (RespServer front = front(tls.server())) {
      assertRefused(
          front.port(),
          builder("redis", front.port()),
          "it speaks TLS; write rediss:// in place of redis://");
    }
  }

  @Test
  void build_tlsUrlToPlain_isRefused() {
    assertRefused(
        server.port(),
        builder("rediss", server.port()),
        "it speaks no TLS; write redis:// in place of rediss://");
  }

  @Test
  void sslContext_whereItIsOfNoUse_isRefused() {
    assertThatIllegalStateException()
        .isThrownBy(() -> builder("redis", 6379).sslContext(tls.client()))
        .withMessage("sslContext must be used with a URL of the scheme rediss");
    try (UnifiedJedis jedis = RedisClient.create(server.url())) {
      assertThatIllegalStateException()
          .isThrownBy(() -> RedisRateLimiter.builder(jedis).sslContext(tls.client()))
          .withMessage("sslContext must be set at the client that was passed");
    }
  }

  /** The server, or what stands before it, has another certificate when it is back. */
  @Test
  void tlsChanges_atRunTime_isSaid() throws IOException, GeneralSecurityException {
    TestTls other = TestTls.of(directory, "ip:127.0.0.1");
    RespServer before = front(tls.server());
    int port = before.port();
    try (CapturedLog log = new CapturedLog(RedisRateLimiter.class);
        RedisRateLimiter limiter = builder("rediss", port).sslContext(tls.client()).build()) {
      before.close();
      try (RespServer after =
          RespServer.start(other.server(), port, ShardingProxy.sessions(List.of(server)))) {
        assertThat(after.port()).isEqualTo(port);
        Await.until(
            "a line on the certificate",
            Duration.ofSeconds(20),
            () -> {
              limiter.tryAcquire(Identity.user("u2"), TEN);
              return log.records().stream()
                  .map(LogRecord::getMessage)
                  .anyMatch(line -> line.contains(OTHER_AUTHORITY));
            });
        assertThat(log.records())
            .extracting(LogRecord::getMessage)
            .filteredOn(line -> !line.startsWith("A decision was made by failover"))
            .allMatch(line -> line.startsWith("Redis at 127.0.0.1:" + port + " is "));
      }
    }
  }
}
