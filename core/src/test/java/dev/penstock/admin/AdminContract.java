package dev.penstock.admin;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.Identity;
import dev.penstock.Limit;
import dev.penstock.LimitPolicy;
import dev.penstock.http.HttpAdapterContract.LimitedServer;
import dev.penstock.http.RawHttpClient;
import dev.penstock.memory.InMemoryRateLimiter;
import dev.penstock.metrics.Metrics;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** What an adapter owes that serves an {@link Admin}, on its real server over a real socket. */
public interface AdminContract {

  String TOKEN = "0123456789abcdef0123456789abcdef";
  String AUTHORIZED = "Authorization: Bearer " + TOKEN;
  Identity USER = Identity.user("acme", "ü1");
  LimitPolicy RUNS = LimitPolicy.perIdentity("runs", Limit.perDay(10));

  /**
   * Starts a server on a free port of the loopback interface that serves the admin below {@code
   * /admin/}.
   */
  LimitedServer startAdmin(Admin admin) throws IOException;

  private static Admin admin(InMemoryRateLimiter limiter) {
    return Admin.builder(AdminToken.of(TOKEN), limiter, Metrics.of(limiter)).policy(RUNS).build();
  }

  @Test
  default void admin_page_isServedWithItsFields() throws IOException {
    try (LimitedServer server = startAdmin(admin(InMemoryRateLimiter.create()));
        RawHttpClient client = new RawHttpClient(server.port())) {
      RawHttpClient.Response page = client.send("GET /admin/");
      assertThat(page.status()).isEqualTo(200);
      assertThat(page.body()).startsWith("<!doctype html>");
      assertThat(page.value("Content-Type").replace(" ", ""))
          .isEqualToIgnoringCase("text/html;charset=utf-8");
      assertThat(page.value("Content-Length")).isNotEqualTo("0");
      assertThat(page.value("Cache-Control")).isEqualTo("no-store");
      assertThat(page.value("Content-Security-Policy")).startsWith("default-src 'none'; ");
    }
  }

  @Test
  default void admin_withoutToken_isRefused() throws IOException {
    try (LimitedServer server = startAdmin(admin(InMemoryRateLimiter.create()));
        RawHttpClient client = new RawHttpClient(server.port())) {
      RawHttpClient.Response refused = client.send("GET /admin/status");
      assertThat(refused.status()).isEqualTo(401);
      assertThat(refused.value("WWW-Authenticate")).isEqualTo("Bearer realm=\"penstock-admin\"");
      assertThat(client.send("GET /admin/status", AUTHORIZED).status()).isEqualTo(200);
    }
  }

  @Test
  default void admin_head_hasNoContent() throws IOException {
    try (LimitedServer server = startAdmin(admin(InMemoryRateLimiter.create()));
        RawHttpClient client = new RawHttpClient(server.port())) {
      assertThat(client.send("HEAD /admin/status", AUTHORIZED).status()).isEqualTo(200);
      assertThat(client.send("GET /admin/policies", AUTHORIZED).body())
          .startsWith("{\"policies\":[{\"name\":\"runs\",");
    }
  }

  /** The content is read as it was sent, whatever the server takes for its characters. */
  @Test
  default void admin_reset_fillsTheBucketThatTheContentNames() throws IOException {
    InMemoryRateLimiter limiter = InMemoryRateLimiter.create();
    limiter.tryAcquire(USER, RUNS, 10);
    try (LimitedServer server = startAdmin(admin(limiter));
        RawHttpClient client = new RawHttpClient(server.port())) {
      String content =
          "{\"policy\":\"runs\",\"kind\":\"user\",\"workspace\":\"acme\",\"name\":\"ü1\"}";
      byte[] bytes = content.getBytes(StandardCharsets.UTF_8);
      client.sendBytes(
          "POST /admin/reset HTTP/1.1\r\nHost: a\r\nOrigin: http://a\r\n"
              + AUTHORIZED
              + "\r\nContent-Type: application/json\r\nContent-Length: "
              + bytes.length
              + "\r\n\r\n"
              + new String(bytes, StandardCharsets.ISO_8859_1));
      RawHttpClient.Response done = client.read(false);
      assertThat(done.status()).isEqualTo(200);
      assertThat(done.body()).isEqualTo("{\"done\":true}");
      assertThat(limiter.peek(USER, RUNS).buckets().get(0).remaining()).isEqualTo(10);
    }
  }
}
