package dev.penstock.servlet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.penstock.admin.Admin;
import dev.penstock.admin.AdminContract;
import dev.penstock.admin.AdminToken;
import dev.penstock.http.HttpAdapterContract.LimitedServer;
import dev.penstock.http.RawHttpClient;
import dev.penstock.memory.InMemoryRateLimiter;
import dev.penstock.metrics.Metrics;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the servlet of an {@link Admin} owes besides, in every container. */
interface AdminPortContract extends AdminContract {

  /** Starts a container that serves an admin of its own port and as many more. */
  LimitedServer startAdminOfPort(Admin admin, int more) throws IOException;

  private static Admin admin() {
    InMemoryRateLimiter limiter = InMemoryRateLimiter.create();
    return Admin.builder(AdminToken.of(TOKEN), limiter, Metrics.of(limiter)).build();
  }

  private int statusOf(int more) throws IOException {
    try (LimitedServer server = startAdminOfPort(admin(), more);
        RawHttpClient client = new RawHttpClient(server.port())) {
      return client.send("GET /admin/status", AUTHORIZED).status();
    }
  }

  @Test
  default void adminOfAPort_byIt_answers() throws IOException {
    assertThat(statusOf(0)).isEqualTo(200);
  }

  @Test
  default void adminOfAPort_byAnother_isNotThere() throws IOException {
    assertThat(statusOf(-1)).isEqualTo(404);
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 0, 65_536})
  default void adminOfAPort_thatIsNone_isRefused(int port) {
    assertThatThrownBy(() -> new AdminServlet(admin(), port))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("port must be 1 to 65535: " + port);
  }
}
