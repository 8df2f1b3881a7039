package dev.penstock.servlet;

import jakarta.servlet.AsyncContext;
import jakarta.servlet.AsyncEvent;
import jakarta.servlet.AsyncListener;
import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Reads away the content of a rejected request, which nobody wants: RFC 9112 section 9.3 has a
 * server read it or close the connection. No thread waits for it, as Tomcat's own would: the
 * request goes on without one, until the content has come, or is too much, or takes too long.
 *
 * <p>Undertow has a thread read all content when a request completes, however slowly it comes.
 * There the request stays open, without a thread, until the content ends or the container's own
 * bounds end it: its {@code READ_TIMEOUT} and {@code MAX_ENTITY_SIZE}.
 */
final class RejectedContent implements ReadListener, AsyncListener {

  /** What is to be done in the end. */
  interface End {
    /**
     * Called once.
     *
     * @param whole whether all content was read
     */
    void accept(boolean whole) throws IOException;
  }

  private static final int MOST_BYTES = 64 * 1024;

  private final AsyncContext waiting;
  private final ServletInputStream content;
  private final boolean toTheEnd;
  private final End end;
  private final AtomicBoolean ended = new AtomicBoolean();
  private final byte[] discarded = new byte[4096];
  private long read;

  private RejectedContent(
      AsyncContext waiting, ServletInputStream content, boolean toTheEnd, End end) {
    this.waiting = waiting;
    this.content = content;
    this.toTheEnd = toTheEnd;
    this.end = end;
  }

  /** Reads what has arrived, and returns whether that was all. */
  static boolean hasArrived(HttpServletRequest request) throws IOException {
    ServletInputStream content;
    try {
      content = request.getInputStream();
    } catch (IllegalStateException readAsText) {
      return true; // the application took it before it forwarded the request
    }
    byte[] discarded = new byte[4096];
    long length = request.getContentLengthLong();
    long read = 0;
    while (read < length && !content.isFinished() && content.available() > 0) {
      read += Math.max(0, content.read(discarded));
    }
    return read == length || content.isFinished();
  }

  /** Returns whether a request must not complete before its content has ended. */
  static boolean mustEnd(HttpServletRequest request) {
    return request.getServletContext().getClass().getName().startsWith("io.undertow.");
  }

  /** Reads on until the end, the deadline, or enough. The request must support asynchrony. */
  static void readAway(HttpServletRequest request, Duration deadline, End end) throws IOException {
    boolean toTheEnd = mustEnd(request);
    AsyncContext waiting = request.startAsync();
    waiting.setTimeout(toTheEnd ? 0 : deadline.toMillis());
    ServletInputStream content = request.getInputStream();
    RejectedContent rest = new RejectedContent(waiting, content, toTheEnd, end);
    waiting.addListener(rest);
    content.setReadListener(rest);
  }

  @Override
  public void onDataAvailable() throws IOException {
    while (content.isReady() && !content.isFinished()) {
      read += Math.max(0, content.read(discarded));
      if (read >= MOST_BYTES && !toTheEnd) {
        end(false);
        return;
      }
    }
  }

  @Override
  public void onAllDataRead() throws IOException {
    end(true);
  }

  @Override
  public void onError(Throwable failure) {
    complete();
  }

  @Override
  public void onTimeout(AsyncEvent event) throws IOException {
    end(false);
  }

  @Override
  public void onError(AsyncEvent event) {
    complete();
  }

  @Override
  public void onComplete(AsyncEvent event) {
    ended.set(true);
  }

  @Override
  public void onStartAsync(AsyncEvent event) {}

  private void end(boolean whole) throws IOException {
    if (ended.compareAndSet(false, true)) {
      try {
        end.accept(whole);
      } finally {
        waiting.complete();
      }
    }
  }

  /** The client is gone: nobody is there to be answered. */
  private void complete() {
    if (ended.compareAndSet(false, true)) {
      waiting.complete();
    }
  }
}
