package dev.penstock.servlet;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.RateLimiter;
import dev.penstock.http.RawHttpClient;
import dev.penstock.memory.InMemoryRateLimiter;
import jakarta.servlet.Filter;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** What the filter owes where a rejected request is dispatched once more. */
abstract class RejectedDispatchContract extends ServletContainer {

  private final AtomicInteger denials = new AtomicInteger();

  private final RateLimiter counted =
      InMemoryRateLimiter.create()
          .listening(event -> denials.addAndGet(event.decision().permitted() ? 0 : 1));

  private LimitedServer serveBehind(Filter outer, Handler handler) throws IOException {
    return serve(
        context -> {
          everywhere(context.addFilter("outer", outer));
          filter(context, "limits", gate(counted, "agent-runs", 1));
          servlet(context, handler);
        });
  }

  @Test
  void errorPage_ofARejectedRequest_isServedAndNotDecidedAgain() throws IOException {
    Filter sendingErrors =
        (request, response, chain) -> {
          HttpServletResponse answer = (HttpServletResponse) response;
          KeepingFilter.Keeping kept = new KeepingFilter.Keeping(answer);
          chain.doFilter(request, kept);
          if (isFirst(request) && kept.getStatus() == 429) {
            answer.sendError(ERROR_STATUS);
          } else {
            kept.release();
          }
        };
    Handler handler = (request, response) -> answer(response);
    try (LimitedServer server = serveBehind(sendingErrors, handler);
        RawHttpClient client = new RawHttpClient(server.port())) {
      assertThat(client.send(RUN).status()).isEqualTo(200);
      RawHttpClient.Response page = client.send(RUN);
      assertThat(page.status()).isEqualTo(ERROR_STATUS);
      assertThat(page.body()).isEqualTo(HANDLED);
      assertThat(denials).hasValue(1);
    }
  }

  /** Nobody has seen the answer yet, so the application may try another path. */
  @Test
  void forward_ofARejectedRequest_isNotDecidedAgainAndReachesNothing() throws IOException {
    AtomicInteger runs = new AtomicInteger();
    Handler handler =
        (request, response) -> {
          if (isFirst(request) && request.getRequestURI().equals("/both")) {
            request.getRequestDispatcher("/agents/a1/runs").forward(request, response);
            request.getRequestDispatcher("/agents/a2/runs").forward(request, response);
          } else {
            runs.incrementAndGet();
            answer(response);
          }
        };
    try (LimitedServer server = serveBehind(new KeepingFilter(), handler);
        RawHttpClient client = new RawHttpClient(server.port())) {
      assertThat(client.send(RUN).status()).isEqualTo(200);
      client.sendBytes("POST /both HTTP/1.1\r\nHost: localhost\r\n\r\n");
      client.readUnlessClosed(); // some containers end the response after the first forward
      assertThat(runs).hasValue(1);
      assertThat(denials).hasValue(1);
    }
  }
}
