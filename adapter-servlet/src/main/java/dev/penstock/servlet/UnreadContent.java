package dev.penstock.servlet;

import jakarta.servlet.AsyncContext;
import jakarta.servlet.AsyncEvent;
import jakarta.servlet.AsyncListener;
import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The content of a rejected request, which nobody wants: RFC 9112 section 9.3 has a server read it
 * or close the connection. What has arrived is read before the answer. If there is more, the answer
 * announces the close, and a little more is read after it, so that the client gets to see the
 * answer before the close cuts it off; no thread waits for it, as Tomcat's own would.
 */
final class UnreadContent implements ReadListener, AsyncListener {

  private static final int MOST_BYTES = 64 * 1024;
  private static final long LONGEST_MILLIS = 1000;

  private final AsyncContext waiting;
  private final ServletInputStream content;
  private final AtomicBoolean ended = new AtomicBoolean();
  private final byte[] discarded = new byte[4096];
  private int read;

  private UnreadContent(AsyncContext waiting, ServletInputStream content) {
    this.waiting = waiting;
    this.content = content;
  }

  /** Reads what has arrived, and returns whether more is to come on this connection. */
  static boolean remains(HttpServletRequest request) throws IOException {
    long length = request.getContentLengthLong();
    boolean none = length <= 0 && request.getHeader("Transfer-Encoding") == null;
    // HTTP/2 ends the stream of a request, not the connection.
    if (none || !request.getProtocol().startsWith("HTTP/1.")) {
      return false;
    }
    // Whoever expects 100 (Continue) has sent nothing yet, and a look at it would ask for it.
    if (request.getHeader("Expect") != null) {
      return true;
    }
    try {
      return !hasArrived(request.getInputStream(), length);
    } catch (IllegalStateException readAsText) {
      return false; // the application took it before it forwarded the request
    }
  }

  private static boolean hasArrived(ServletInputStream content, long length) throws IOException {
    byte[] discarded = new byte[4096];
    int read = 0;
    while (read < MOST_BYTES && !content.isFinished() && content.available() > 0) {
      read += Math.max(0, content.read(discarded));
    }
    return read == length || content.isFinished();
  }

  /** Ends the request when the rest has come, or is too much, or takes too long. */
  static void discard(HttpServletRequest request) throws IOException {
    AsyncContext waiting = request.startAsync();
    waiting.setTimeout(LONGEST_MILLIS);
    ServletInputStream content = request.getInputStream();
    UnreadContent rest = new UnreadContent(waiting, content);
    waiting.addListener(rest);
    content.setReadListener(rest);
  }

  @Override
  public void onDataAvailable() throws IOException {
    while (content.isReady() && !content.isFinished()) {
      read += Math.max(0, content.read(discarded));
      if (read >= MOST_BYTES) {
        end();
        return;
      }
    }
  }

  @Override
  public void onAllDataRead() {
    end();
  }

  @Override
  public void onError(Throwable failure) {
    end();
  }

  @Override
  public void onTimeout(AsyncEvent event) {
    end();
  }

  @Override
  public void onError(AsyncEvent event) {
    end();
  }

  @Override
  public void onComplete(AsyncEvent event) {
    ended.set(true);
  }

  @Override
  public void onStartAsync(AsyncEvent event) {}

  private void end() {
    if (ended.compareAndSet(false, true)) {
      waiting.complete();
    }
  }
}
