package dev.penstock.jdkhttp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.admin.Admin;
import dev.penstock.admin.AdminContract;
import dev.penstock.admin.AdminToken;
import dev.penstock.http.HttpAdapterContract.LimitedServer;
import dev.penstock.http.RawHttpClient;
import dev.penstock.memory.InMemoryRateLimiter;
import dev.penstock.metrics.Metrics;
import java.io.IOException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AdminHandlerTest implements AdminContract {

  @Override
  public LimitedServer startAdmin(Admin admin) throws IOException {
    return RateLimitFilterTest.JdkServer.start(
        server -> server.createContext("/admin/", new AdminHandler(admin)));
  }

  /** The server would wait for it without an end, before the next request has its only thread. */
  @ParameterizedTest
  @CsvSource({
    "POST, peek, Content-Length: 100, 401",
    "POST, peek, Content-Length: 1000000, 401",
    "POST, peek, Transfer-Encoding: chunked, 401",
    "GET, '', Content-Length: 100, 200"
  })
  void handle_strangerWithholdsContent_keepsNoThread(
      String method, String name, String announced, int status) throws IOException {
    InMemoryRateLimiter limiter = InMemoryRateLimiter.create();
    Admin admin = Admin.builder(AdminToken.of(TOKEN), limiter, Metrics.of(limiter)).build();
    try (LimitedServer server =
            RateLimitFilterTest.JdkServer.start(
                1, each -> each.createContext("/admin/", new AdminHandler(admin)));
        RawHttpClient stranger = new RawHttpClient(server.port());
        RawHttpClient operator = new RawHttpClient(server.port())) {
      stranger.sendBytes(
          method + " /admin/" + name + " HTTP/1.1\r\nHost: a\r\n" + announced + "\r\n\r\n");
      assertThat(stranger.read(false).status()).isEqualTo(status);
      assertThat(operator.send("GET /admin/status", AUTHORIZED).status()).isEqualTo(200);
    }
  }
}
