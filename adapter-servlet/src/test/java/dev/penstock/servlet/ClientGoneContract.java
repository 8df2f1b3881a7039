package dev.penstock.servlet;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.http.HttpAdapterContract.LimitedServer;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.AsyncEvent;
import jakarta.servlet.AsyncListener;
import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.WriteListener;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A client that goes away in the middle of events frees its slot at or before the first failure
 * that the container reports to whoever writes, and the application is told.
 */
abstract class ClientGoneContract extends AsyncEndContract {

  private static final String FIRST = "data: first\n\n";

  private static final String HEARTBEAT = ":\n\n";

  /** So few that they fit into any container's buffer. */
  private static final int HEARTBEATS = 300;

  private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

  /** For events that are written whenever there is room. */
  private static final int LONG = 2000;

  /** How events are written. */
  enum Writing {
    STREAM,
    WRITER,
    REDISPATCHED_STREAM,
    REDISPATCHED_WRITER,
    ASYNC_STREAM,
    ASYNC_WRITER,
    WRITE_LISTENER;

    boolean redispatched() {
      return this == REDISPATCHED_STREAM || this == REDISPATCHED_WRITER;
    }

    boolean blocking() {
      return this == STREAM || this == WRITER || redispatched();
    }

    boolean throwing() {
      return this != WRITER && this != REDISPATCHED_WRITER && this != ASYNC_WRITER;
    }
  }

  /** How a client goes away. */
  enum Leaving {
    LEAVE,
    BREAK_OFF
  }

  static Stream<Arguments> ways() {
    return Arrays.stream(Writing.values())
        .flatMap(writing -> Arrays.stream(Leaving.values()).map(how -> Arguments.of(writing, how)));
  }

  private final CountDownLatch left = new CountDownLatch(1);
  private final CountDownLatch over = new CountDownLatch(1);
  private volatile long heldAtLast = -1;
  private final AtomicInteger sent = new AtomicInteger();

  @AfterEach
  void endEvents() {
    left.countDown();
  }

  @ParameterizedTest
  @MethodSource("ways")
  void clientGone_amongEvents_freesItsSlotAndTellsTheApplication(Writing writing, Leaving how)
      throws Exception {
    try (LimitedServer server =
            serveLimited((request, response) -> write(writing, request, response));
        EventClient client = listen(server)) {
      client.listen(RUN, FIRST);
      assertThat(slots.held()).isEqualTo(1);
      if (how == Leaving.LEAVE) {
        client.leave();
      } else {
        client.breakOff();
      }
      left.countDown();
      assertThat(over.await(20, TimeUnit.SECONDS)).isTrue();
      assertThat(heldAtLast).as("held before the handler ended").isZero();
      if (!http2()) { // else it is the container's matter when it looks at what has come
        assertThat(sent).hasValueLessThanOrEqualTo(2);
      }
      slots.awaitEnds(1);
      slots.awaitHeld(0);
      Slots.await("word that the client has gone", () -> slots.abandoned() == 1);
    }
  }

  @ParameterizedTest
  @EnumSource(Writing.class)
  void clientGone_behindTwoFilters_freesASlotOfEach(Writing writing) throws Exception {
    Slots others = new Slots();
    try (LimitedServer server =
            serve(
                context -> {
                  ServletContainer.filter(context, "others", others.gate(RUNS));
                  ServletContainer.filter(context, "limits", slots.gate(RUNS));
                  ServletContainer.servlet(
                      context, (request, response) -> write(writing, request, response));
                });
        EventClient client = listen(server)) {
      client.listen(RUN, FIRST);
      assertThat(others.held()).isEqualTo(1);
      client.leave();
      left.countDown();
      slots.awaitHeld(0);
      others.awaitHeld(0);
      assertThat(over.await(20, TimeUnit.SECONDS)).isTrue();
      slots.awaitEnds(1);
      others.awaitEnds(1);
    }
  }

  private void write(Writing writing, HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    if (ServletContainer.isFirst(request)) {
      slots.count(reservation(request));
      if (writing.redispatched()) {
        request.startAsync().dispatch();
        return;
      }
    }
    response.setContentType("text/event-stream");
    if (writing.blocking()) {
      writeAll(writing, response);
      over.countDown();
      return;
    }
    AsyncContext events = request.startAsync();
    events.setTimeout(60_000);
    if (writing == Writing.WRITE_LISTENER) {
      ServletOutputStream out = events.getResponse().getOutputStream();
      Events written = new Events(out, events);
      events.addListener(written);
      out.setWriteListener(written);
    } else {
      threads.execute(
          () -> {
            try {
              writeAll(writing, events.getResponse());
            } finally {
              end(events);
            }
          });
    }
  }

  private void end(AsyncContext events) {
    try {
      events.complete();
    } catch (IllegalStateException e) {
      slots.awaitHeld(0); // the container has completed it, or is about to
    }
    over.countDown();
  }

  private void writeAll(Writing writing, ServletResponse response) {
    try {
      send(writing, response, FIRST);
      awaitLeft();
      for (int i = 0; i < HEARTBEATS && slots.held() > 0; i++) {
        sent.incrementAndGet();
        send(writing, response, HEARTBEAT);
        LockSupport.parkNanos(PAUSE_NANOS);
      }
    } catch (IOException e) {
      slots.awaitHeld(0); // the container's own thread may be about to free it
    } catch (IllegalStateException e) { // of Tomcat, whose own thread completes it at this moment
      slots.awaitHeld(0);
    } finally {
      heldAtLast = slots.held();
    }
  }

  private void awaitLeft() {
    try {
      assertThat(left.await(20, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private static void send(Writing writing, ServletResponse response, String event)
      throws IOException {
    if (writing.throwing()) {
      response.getOutputStream().write(event.getBytes(StandardCharsets.UTF_8));
      response.getOutputStream().flush();
    } else {
      response.getWriter().write(event);
      response.getWriter().flush();
    }
  }

  /**
   * Writes whenever there is room, until nobody is there: of which Jetty does not always tell who
   * listens for room, but then who listens for the end.
   */
  private final class Events implements WriteListener, AsyncListener {

    private final ServletOutputStream out;
    private final AsyncContext context;
    private boolean begun;

    Events(ServletOutputStream out, AsyncContext context) {
      this.out = out;
      this.context = context;
    }

    @Override
    public void onWritePossible() {
      try {
        if (!begun) {
          begun = true;
          out.write(FIRST.getBytes(StandardCharsets.UTF_8));
          if (out.isReady()) {
            out.flush();
          }
          threads.execute(this::resume);
          return;
        }
        while (out.isReady()) {
          out.write((":" + "x".repeat(LONG) + "\n\n").getBytes(StandardCharsets.UTF_8));
        }
      } catch (IOException e) {
        fail();
      } catch (IllegalStateException e) { // likewise
        slots.awaitHeld(0);
        fail();
      }
    }

    /** Once the client has gone, events come from elsewhere. */
    private void resume() {
      awaitLeft();
      onWritePossible();
    }

    private void fail() {
      slots.awaitHeld(0);
      heldAtLast = slots.held();
      end(context);
    }

    @Override
    public void onError(Throwable failure) {
      fail();
    }

    @Override
    public void onError(AsyncEvent event) {
      fail();
    }

    @Override
    public void onComplete(AsyncEvent event) {
      heldAtLast = slots.held();
      over.countDown();
    }

    @Override
    public void onTimeout(AsyncEvent event) {}

    @Override
    public void onStartAsync(AsyncEvent event) {}
  }
}
