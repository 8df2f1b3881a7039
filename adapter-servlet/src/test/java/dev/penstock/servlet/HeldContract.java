package dev.penstock.servlet;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.http.HttpAdapterContract.LimitedServer;
import dev.penstock.http.TestClient;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.ServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;

/** What is held meanwhile, and what is waited for. */
abstract class HeldContract extends UnchangedContract {

  static final String HANDLED = "handled";

  /** What the handler saw held, and what a step of it waits for. */
  final LinkedBlockingQueue<Long> heldMeanwhile = new LinkedBlockingQueue<>();

  final LinkedBlockingQueue<AsyncContext> begun = new LinkedBlockingQueue<>();
  final ExecutorService threads = Executors.newCachedThreadPool();

  @AfterEach
  void endThreads() {
    threads.shutdownNow();
  }

  final void note() {
    heldMeanwhile.add(slots.held());
  }

  static void answer(ServletResponse response) throws IOException {
    response.getOutputStream().write(HANDLED.getBytes(StandardCharsets.UTF_8));
  }

  /** Sends a request twice: each holds one slot while it is handled, and none afterwards. */
  final void assertHeldMeanwhile(Handler handler, int status) throws IOException {
    try (LimitedServer server = serveLimited(handler)) {
      for (int i = 1; i <= 2; i++) {
        try (TestClient client = connect(server)) {
          assertThat(client.send(RUN).status()).isEqualTo(status);
          slots.awaitHeld(0);
          slots.awaitEnds(i);
        }
        assertThat(heldMeanwhile).isNotEmpty().containsOnly(1L);
        assertThat(slots.ends().get(i - 1).status()).isEqualTo(status);
      }
      assertThat(slots.abandoned()).isZero();
    }
  }

  final void assertHeldMeanwhile(Handler handler) throws IOException {
    assertHeldMeanwhile(handler, 200);
  }

  /** Answers at the first dispatch as the handler does, and at later ones itself. */
  final Handler first(Handler first) {
    return (request, response) -> {
      note();
      if (ServletContainer.isFirst(request) && request.getRequestURI().endsWith("/runs")) {
        slots.count(reservation(request));
        first.handle(request, response);
      } else {
        answer(response);
      }
    };
  }

  static <T> T take(LinkedBlockingQueue<T> queue) {
    try {
      T taken = queue.poll(20, TimeUnit.SECONDS);
      assertThat(taken).isNotNull();
      return taken;
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  static <T> T value(Future<T> future) {
    try {
      return future.get(20, TimeUnit.SECONDS);
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  /** How the response looks is the container's matter. */
  final void assertFreeAfter(Handler handler, int told) throws IOException {
    try (LimitedServer server = serveLimited(handler);
        TestClient client = connect(server)) {
      try {
        client.send(RUN);
      } catch (IOException e) {
        assertThat(e).isNotNull(); // it was cut off
      }
      slots.awaitHeld(0);
      slots.awaitEnds(1);
      assertThat(heldMeanwhile).isNotEmpty().contains(1L);
      assertThat(slots.ends().get(0).status()).isEqualTo(told);
    }
  }
}
