package dev.penstock.servlet;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.http.HttpAdapterContract.LimitedServer;
import dev.penstock.http.RawHttpClient.Response;
import dev.penstock.http.TestClient;
import dev.penstock.http.Verdict;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.ServletException;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A slot is held until a response has ended that one thread answers, and no longer. */
abstract class ResponseEndContract extends HiddenFieldContract {

  @Test
  void handlerThatReturns_slotIsFree() throws IOException {
    assertHeldMeanwhile(first((request, response) -> answer(response)));
  }

  @Test
  void head_slotIsFree() throws IOException {
    try (LimitedServer server = serveLimited(first((request, response) -> answer(response)));
        TestClient client = connect(server)) {
      assertThat(client.send("HEAD /agents/a1/runs").status()).isEqualTo(200);
      slots.awaitHeld(0);
      slots.awaitEnds(1);
      assertThat(heldMeanwhile).containsExactly(1L);
    }
  }

  @Test
  void requestBeyondTheSlots_isRejectedUntilOneIsFree() throws IOException {
    try (LimitedServer server =
            serveLimited(
                (request, response) -> {
                  if (request.getParameter("stay") != null) {
                    AsyncContext stays = request.startAsync();
                    stays.setTimeout(0);
                    begun.add(stays);
                  }
                });
        TestClient first = connect(server);
        TestClient second = connect(server);
        TestClient third = connect(server)) {
      Future<Response> one = threads.submit(() -> first.send(RUN + "?stay=1"));
      Future<Response> two = threads.submit(() -> second.send(RUN + "?stay=1"));
      slots.awaitHeld(Slots.ALL);
      assertThat(third.send(RUN).status()).isEqualTo(429);
      take(begun).complete();
      slots.awaitHeld(Slots.ALL - 1);
      assertThat(third.send(RUN).status()).isEqualTo(200);
      take(begun).complete();
      slots.awaitHeld(0);
      assertThat(List.of(value(one).status(), value(two).status())).containsOnly(200);
    }
  }

  enum Failure {
    UNCHECKED,
    CHECKED,
    ERROR,
    INPUT_OUTPUT;

    void raise() throws IOException, ServletException {
      switch (this) {
        case UNCHECKED -> throw new IllegalStateException("of the test");
        case CHECKED -> throw new ServletException("of the test");
        case ERROR -> throw new AssertionError("of the test");
        case INPUT_OUTPUT -> throw new IOException("of the test");
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Failure.class)
  void handlerThatThrows_slotIsFree(Failure failure) throws IOException {
    assertHeldMeanwhile(first((request, response) -> failure.raise()), 500);
  }

  @ParameterizedTest
  @EnumSource(Failure.class)
  void handlerThatThrowsAfterItBeganToAnswer_slotIsFree(Failure failure) throws IOException {
    Handler handler =
        first(
            (request, response) -> {
              answer(response);
              response.flushBuffer();
              failure.raise();
            });
    assertFreeAfter(handler, 200);
  }

  @Test
  void events_untilTheHandlerReturns_holdASlot() throws IOException {
    assertHeldMeanwhile(
        first(
            (request, response) -> {
              response.setContentType("text/event-stream");
              for (int i = 0; i < 10; i++) {
                response.getWriter().write("data: " + i + "\n\n");
                response.getWriter().flush();
                note();
              }
            }));
  }

  @Test
  void errorThatIsSent_slotIsFree() throws IOException {
    assertFreeAfter(
        first((request, response) -> response.sendError(ServletContainer.ERROR_STATUS)),
        ServletContainer.ERROR_STATUS);
  }

  @Test
  void redirect_slotIsFree() throws IOException {
    assertHeldMeanwhile(first((request, response) -> response.sendRedirect("/elsewhere")), 302);
  }

  @Test
  void forward_holdsOneSlotUntilTheEnd() throws IOException {
    assertHeldMeanwhile(
        first(
            (request, response) ->
                request.getRequestDispatcher("/agents/a2/runs?x=1").forward(request, response)));
  }

  @Test
  void include_holdsOneSlotUntilTheEnd() throws IOException {
    assertHeldMeanwhile(
        first(
            (request, response) -> {
              request.getRequestDispatcher("/agents/a2/runs?x=1").include(request, response);
              note();
            }));
  }

  @Test
  void secondFilterThatRejects_endsTheFirstOnesResponse() throws IOException {
    try (LimitedServer server =
            serve(
                context -> {
                  ServletContainer.filter(context, "first", slots.gate(RUNS));
                  ServletContainer.filter(
                      context, "second", ServletContainer.gate("agent-runs", 1));
                  ServletContainer.servlet(context, (request, response) -> answer(response));
                });
        TestClient client = connect(server)) {
      assertThat(client.send(RUN).status()).isEqualTo(200);
      for (int i = 2; i < 4; i++) {
        Response denied = client.send(RUN);
        assertThat(denied.status()).isEqualTo(429);
        assertThat(denied.body()).startsWith("{\"type\":").endsWith("}");
        slots.awaitHeld(0);
        slots.awaitEnds(i);
        assertThat(slots.ends().get(i - 1).status()).isEqualTo(429);
      }
      assertThat(slots.abandoned()).isZero();
    }
  }

  @Test
  void verdict_ofARejectedRequest_isARequestAttribute() throws IOException {
    AtomicReference<Object> verdict = new AtomicReference<>();
    try (LimitedServer server =
            serve(
                context -> {
                  ServletContainer.everywhere(
                      context.addFilter(
                          "outer",
                          (request, response, chain) -> {
                            chain.doFilter(request, response);
                            verdict.set(request.getAttribute(RateLimitFilter.VERDICT));
                          }));
                  ServletContainer.filter(
                      context, "limits", ServletContainer.gate("agent-runs", 1));
                  ServletContainer.servlet(context, (request, response) -> answer(response));
                });
        TestClient client = connect(server)) {
      client.send(RUN);
      assertThat(client.send(RUN).status()).isEqualTo(429);
      Slots.await("the verdict", () -> verdict.get() instanceof Verdict.Reject);
      assertThat(verdict.get())
          .isInstanceOfSatisfying(
              Verdict.Reject.class,
              reject -> {
                assertThat(reject.policy()).hasValue("agent-runs");
                assertThat(reject.decision().orElseThrow().permitted()).isFalse();
              });
    }
  }
}
