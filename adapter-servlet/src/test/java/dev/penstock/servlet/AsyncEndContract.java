package dev.penstock.servlet;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.http.HttpAdapterContract.LimitedServer;
import dev.penstock.http.RawHttpClient.Response;
import dev.penstock.http.TestClient;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.Filter;
import jakarta.servlet.FilterRegistration;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletRequestWrapper;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.ServletResponseWrapper;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpServletResponseWrapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.EnumSet;
import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A slot is held until what goes on after a handler has returned is complete, and no longer. */
abstract class AsyncEndContract extends ResponseEndContract {

  @Test
  void events_ofAnotherThread_holdASlotUntilItCompletes() throws IOException {
    assertHeldMeanwhile(
        first(
            (request, response) -> {
              response.setContentType("text/event-stream");
              AsyncContext events = request.startAsync();
              threads.execute(
                  () -> {
                    try {
                      for (int i = 0; i < 10; i++) {
                        events.getResponse().getWriter().write("data: " + i + "\n\n");
                        events.getResponse().flushBuffer();
                        note();
                      }
                    } catch (IOException e) {
                      throw new UncheckedIOException(e);
                    } finally {
                      events.complete();
                    }
                  });
            }));
  }

  /** How an application may ask for asynchronous work. */
  enum Start {
    PLAIN {
      @Override
      AsyncContext begin(HttpServletRequest request, HttpServletResponse response) {
        return request.startAsync();
      }
    },
    WITH_WHAT_IT_WAS_GIVEN {
      @Override
      AsyncContext begin(HttpServletRequest request, HttpServletResponse response) {
        return request.startAsync(request, response);
      }
    },
    WITH_WRAPPERS_OF_ITS_OWN {
      @Override
      AsyncContext begin(HttpServletRequest request, HttpServletResponse response) {
        return request.startAsync(
            new HttpServletRequestWrapper(request), new HttpServletResponseWrapper(response));
      }
    },
    WITH_THE_ORIGINALS {
      @Override
      AsyncContext begin(HttpServletRequest request, HttpServletResponse response) {
        return request.startAsync(unwrapped(request), unwrapped(response));
      }
    },
    OF_THE_ORIGINAL {
      @Override
      AsyncContext begin(HttpServletRequest request, HttpServletResponse response) {
        return unwrapped(request).startAsync();
      }
    };

    abstract AsyncContext begin(HttpServletRequest request, HttpServletResponse response);

    static ServletRequest unwrapped(ServletRequest request) {
      return request instanceof ServletRequestWrapper wrapper
          ? unwrapped(wrapper.getRequest())
          : request;
    }

    static ServletResponse unwrapped(ServletResponse response) {
      return response instanceof ServletResponseWrapper wrapper
          ? unwrapped(wrapper.getResponse())
          : response;
    }
  }

  @ParameterizedTest
  @EnumSource(Start.class)
  void answerOfAnotherThread_afterTheHandlerHasReturned_holdsASlotUntilThen(Start start)
      throws IOException {
    try (LimitedServer server =
            serveLimited(
                (request, response) -> {
                  note();
                  begun.add(start.begin(request, response));
                });
        TestClient client = connect(server)) {
      Future<Response> response = threads.submit(() -> client.send(RUN));
      AsyncContext later = take(begun);
      assertThat(slots.held()).isEqualTo(1);
      answer(later.getResponse());
      assertThat(slots.held()).isEqualTo(1);
      later.complete();
      assertThat(value(response).body()).isEqualTo(HANDLED);
      slots.awaitHeld(0);
      slots.awaitEnds(1);
      assertThat(slots.ends().get(0).status()).isEqualTo(200);
    }
  }

  @ParameterizedTest
  @EnumSource(Start.class)
  void completedBeforeTheHandlerReturns_slotIsFree(Start start) throws IOException {
    assertHeldMeanwhile(
        first(
            (request, response) -> {
              AsyncContext begun = start.begin(request, response);
              answer(begun.getResponse());
              begun.complete();
            }));
  }

  @ParameterizedTest
  @EnumSource(Start.class)
  void redispatched_holdsASlotUntilTheEnd(Start start) throws IOException {
    assertHeldMeanwhile(
        first((request, response) -> start.begin(request, response).dispatch("/elsewhere")));
  }

  @ParameterizedTest
  @EnumSource(Start.class)
  void redispatchedByAnotherThread_beforeTheHandlerReturns_holdsASlotUntilTheEnd(Start start)
      throws IOException {
    assertHeldMeanwhile(
        first(
            (request, response) -> {
              AsyncContext begun = start.begin(request, response);
              value(threads.submit(() -> begun.dispatch("/elsewhere"), true));
            }));
  }

  /** Containers forget listeners at each dispatch. */
  @ParameterizedTest
  @EnumSource(Start.class)
  void redispatchedTwice_holdsASlotUntilTheEnd(Start start) throws IOException {
    for (EnumSet<DispatcherType> dispatches :
        List.of(EnumSet.of(DispatcherType.REQUEST), EnumSet.allOf(DispatcherType.class))) {
      LinkedBlockingQueue<AsyncContext> last = new LinkedBlockingQueue<>();
      Handler handler =
          (request, response) -> {
            note();
            switch (request.getRequestURI()) {
              case "/second" -> start.begin(request, response).dispatch("/third");
              case "/third" -> last.add(start.begin(request, response));
              default -> start.begin(request, response).dispatch("/second");
            }
          };
      try (LimitedServer server = serveLimited(dispatches, handler);
          TestClient client = connect(server)) {
        int before = slots.ends().size();
        Future<Response> response = threads.submit(() -> client.send(RUN));
        AsyncContext third = take(last);
        assertThat(slots.held()).isEqualTo(1);
        answer(third.getResponse());
        third.complete();
        assertThat(value(response).body()).isEqualTo(HANDLED);
        slots.awaitHeld(0);
        slots.awaitEnds(before + 1);
        assertThat(heldMeanwhile).containsOnly(1L);
      }
    }
  }

  private LimitedServer serveLimited(EnumSet<DispatcherType> dispatches, Handler handler)
      throws IOException {
    return serve(
        context -> {
          FilterRegistration.Dynamic filter =
              context.addFilter("limits", new RateLimitFilter(slots.gate(RUNS)));
          filter.setAsyncSupported(true);
          filter.addMappingForUrlPatterns(dispatches, false, "/*");
          ServletContainer.servlet(context, handler);
        });
  }

  @Test
  void redispatchThatThrows_slotIsFree() throws IOException {
    Handler handler =
        (request, response) -> {
          note();
          if (ServletContainer.isFirst(request)) {
            request.startAsync().dispatch("/elsewhere");
          } else if (request.getDispatcherType() == DispatcherType.ASYNC) {
            throw new IllegalStateException("of the test");
          }
        };
    try (LimitedServer server = serveLimited(handler);
        TestClient client = connect(server)) {
      assertThat(client.send(RUN).status()).isEqualTo(500);
      slots.awaitHeld(0);
      slots.awaitEnds(1);
      assertThat(slots.ends().get(0).status()).isEqualTo(500);
      assertThat(slots.abandoned()).isZero();
    }
  }

  @Test
  void asyncTimeout_slotIsFree() throws IOException {
    assertFreeAfter(first((request, response) -> request.startAsync().setTimeout(200)), 500);
  }

  @Test
  void asyncTimeout_ofAResponseThatHasBegun_slotIsFree() throws IOException {
    assertFreeAfter(
        first(
            (request, response) -> {
              answer(response);
              response.flushBuffer();
              request.startAsync().setTimeout(200);
            }),
        200);
  }

  @Test
  void neverEnded_holdsItsSlotAndShowsIt() throws IOException {
    Handler handler =
        (request, response) -> {
          answer(response);
          if (request.getRequestURI().endsWith("/runs")) {
            AsyncContext stays = request.startAsync();
            stays.setTimeout(0);
            response.flushBuffer();
            begun.add(stays);
          }
        };
    try (LimitedServer server = serveLimited(handler);
        EventClient client = listen(server);
        TestClient other = connect(server)) {
      client.listen(RUN, HANDLED);
      AsyncContext stays = take(begun);
      for (int i = 0; i < 3; i++) {
        assertThat(other.send("GET /elsewhere").body()).isEqualTo(HANDLED);
        assertThat(slots.held()).isEqualTo(1);
      }
      assertThat(slots.ends()).isEmpty();
      stays.complete();
      slots.awaitHeld(0);
      slots.awaitEnds(1);
    }
  }

  @ParameterizedTest
  @EnumSource(Failure.class)
  void handlerThatThrowsAfterStartAsync_slotIsFree(Failure failure) throws IOException {
    Handler handler =
        first(
            (request, response) -> {
              request.startAsync().setTimeout(0);
              failure.raise();
            });
    assertFreeAfter(handler, 500);
  }

  @Test
  void errorThatIsSentByAnotherThread_slotIsFree() throws IOException {
    Handler handler =
        first(
            (request, response) -> {
              AsyncContext later = request.startAsync();
              threads.execute(
                  () -> {
                    try {
                      ((HttpServletResponse) later.getResponse())
                          .sendError(ServletContainer.ERROR_STATUS);
                    } catch (IOException e) {
                      throw new UncheckedIOException(e);
                    } finally {
                      later.complete();
                    }
                  });
            });
    assertFreeAfter(handler, ServletContainer.ERROR_STATUS);
  }

  /** A path that no rule is for leads to one that is limited. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void unlimitedRequest_thatLeadsToALimitedOne_holdsASlotThere(boolean async) throws IOException {
    Handler handler =
        (request, response) -> {
          boolean leads = ServletContainer.isFirst(request) && heldMeanwhile.isEmpty();
          note();
          if (!leads) {
            answer(response);
          } else if (async) {
            request.startAsync().dispatch("/agents/a1/runs");
          } else {
            request.getRequestDispatcher("/agents/a1/runs").forward(request, response);
          }
        };
    try (LimitedServer server = serveLimited(handler);
        TestClient client = connect(server)) {
      assertThat(client.send("GET /shortcut").body()).isEqualTo(HANDLED);
      slots.awaitHeld(0);
      slots.awaitEnds(1);
      assertThat(heldMeanwhile).containsExactly(0L, 1L);
    }
  }

  /** Whoever began before the filter is who completes. */
  @Test
  void startedByAnOuterFilter_holdsASlotUntilItCompletes() throws IOException {
    Filter outer =
        (request, response, chain) -> {
          if (ServletContainer.isFirst(request)) {
            begun.add(request.startAsync());
          }
          chain.doFilter(request, response);
        };
    try (LimitedServer server =
            serve(
                context -> {
                  ServletContainer.everywhere(context.addFilter("outer", outer));
                  ServletContainer.filter(context, "limits", slots.gate(RUNS));
                  ServletContainer.servlet(
                      context,
                      (request, response) -> {
                        answer(response);
                        heldMeanwhile.add(slots.held());
                      });
                });
        TestClient client = connect(server)) {
      Future<Response> response = threads.submit(() -> client.send(RUN));
      AsyncContext outerContext = take(begun);
      assertThat(take(heldMeanwhile)).isEqualTo(1);
      assertThat(slots.held()).isEqualTo(1);
      outerContext.complete();
      assertThat(value(response).body()).isEqualTo(HANDLED);
      slots.awaitHeld(0);
      slots.awaitEnds(1);
    }
  }
}
