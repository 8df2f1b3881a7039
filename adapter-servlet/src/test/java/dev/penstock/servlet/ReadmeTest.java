package dev.penstock.servlet;

import static org.assertj.core.api.Assertions.assertThat;

import com.example.RunLimits;
import dev.penstock.Limit;
import dev.penstock.LimitPolicy;
import dev.penstock.http.HttpAdapterContract.LimitedServer;
import dev.penstock.http.HttpRateLimiter;
import dev.penstock.http.RawHttpClient;
import dev.penstock.memory.InMemoryRateLimiter;
import jakarta.servlet.FilterRegistration;
import java.io.IOException;
import org.junit.jupiter.api.Test;

/**
 * The README's registration in code, compiled and run; its declared gate is {@link RunLimits}. The
 * test of the same name in the other adapter compares them.
 */
class ReadmeTest {

  @Test
  void filter_limitsTheRuns() throws IOException {
    HttpRateLimiter gate =
        HttpRateLimiter.builder(InMemoryRateLimiter.create())
            .rule("POST /agents/*/runs", LimitPolicy.perIdentity("agent-runs", Limit.perMinute(10)))
            .build();
    ServletContainer.Setup setup =
        servletContext -> {
          FilterRegistration.Dynamic filter =
              servletContext.addFilter("limits", new RateLimitFilter(gate));
          filter.setAsyncSupported(true);
          filter.addMappingForUrlPatterns(null, false, "/*");

          ServletContainer.servlet(
              servletContext, (request, response) -> ServletContainer.answer(response));
        };
    try (LimitedServer server = JettyServer.start(setup);
        RawHttpClient client = new RawHttpClient(server.port())) {
      assertThat(client.send("POST /agents/a1/runs").value("RateLimit"))
          .isEqualTo("\"agent-runs\";r=9;t=54");
    }
  }
}
