package dev.penstock.servlet;

import dev.penstock.http.UnreadContent;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.AsyncEvent;
import jakarta.servlet.AsyncListener;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletRequestWrapper;
import jakarta.servlet.WriteListener;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Answers a rejected request and reads away its content, which nobody wants: RFC 9112 section 9.3
 * has a server read it or close the connection. No thread waits, neither for content nor for a
 * client that takes no answers: what cannot go on does so when the container calls, until all is
 * done or the time is over.
 *
 * <p>A request that is over time is left incomplete where its answer is not through: the container
 * then closes the connection, which no method of the Servlet API does.
 */
final class RejectedRequest implements ReadListener, WriteListener, AsyncListener {

  /**
   * How long a client may take that has nothing left to send, but only its answer to read: more
   * than a process is stopped for by a collection, as nothing but the connection waits.
   */
  private static final Duration ANSWERED_WITHIN = Duration.ofSeconds(1);

  /** Runs what it is given on another thread, when small content should have been there. */
  private static final Executor LATE =
      CompletableFuture.delayedExecutor(UnreadContent.DEADLINE.toMillis(), TimeUnit.MILLISECONDS);

  /** In bytes. */
  private static final int DISCARDED_AT_ONCE = 4096;

  private enum Phase {
    READ_FIRST(false),
    ANSWER(true),
    FLUSH(true),
    FLUSHED(true),
    READ_AFTER(false),
    DONE(false);

    /** Whether there must be room for more of the answer to go on. */
    final boolean writes;

    Phase(boolean writes) {
      this.writes = writes;
    }
  }

  /** Held for what never waits: some containers call from two threads. */
  private final ReentrantLock lock = new ReentrantLock();

  private final AsyncContext waiting;
  private final RejectedAnswer answer;
  private final @Nullable ServletOutputStream output;
  private final boolean drains;
  private Phase phase;
  private boolean ended;
  private long read;

  private RejectedRequest(AsyncContext waiting, HttpServletRequest request, RejectedAnswer answer)
      throws IOException {
    this.waiting = waiting;
    this.answer = answer;
    this.output = answer.nonBlocking();
    this.drains = drains(request);
    this.phase = Phase.ANSWER;
  }

  /** Reads what has arrived, and returns whether that was all. */
  static boolean hasArrived(HttpServletRequest request) throws IOException {
    ServletInputStream content;
    try {
      content = unwrapped(request).getInputStream();
    } catch (IllegalStateException readAsText) {
      return true; // the application took it before it forwarded the request
    }
    try {
      return hasArrived(content, request.getContentLengthLong());
    } catch (IllegalStateException listenedTo) {
      return false; // by the application, so nobody else may read
    }
  }

  /** What is left on the connection is left in the container's stream, whatever filters wrap. */
  private static ServletRequest unwrapped(ServletRequest request) {
    ServletRequest inner = request;
    while (inner instanceof ServletRequestWrapper wrapper) {
      inner = wrapper.getRequest();
    }
    return inner;
  }

  private static boolean hasArrived(ServletInputStream content, long length) throws IOException {
    byte[] discarded = new byte[DISCARDED_AT_ONCE];
    long read = 0;
    while (read < length && !content.isFinished() && content.available() > 0) {
      read += Math.max(0, content.read(discarded));
    }
    return read == length || content.isFinished();
  }

  /**
   * Undertow has a thread read all content when a request completes, however slowly it comes; where
   * it ends one that is over time, it closes the connection instead.
   */
  private static boolean drains(HttpServletRequest request) {
    return isIn("io.undertow.", request);
  }

  /** Returns whether this container, by the package of its classes, is the one. */
  static boolean isIn(String container, HttpServletRequest request) {
    return request.getServletContext().getClass().getName().startsWith(container);
  }

  /** Returns whether the request can go on without its thread. */
  static boolean isPossible(HttpServletRequest request) {
    return request.isAsyncSupported()
        && !request.isAsyncStarted()
        && request.getDispatcherType() != DispatcherType.ERROR
        && request.getDispatcherType() != DispatcherType.INCLUDE
        && !losesFields(request);
  }

  /**
   * With a write listener, Tomcat ends the stream of an HTTP/2 answer to HEAD without having sent
   * its fields. These need no window, so whoever writes them waits for none.
   */
  private static boolean losesFields(HttpServletRequest request) {
    return request.getMethod().equals("HEAD")
        && !RateLimitFilter.isHttp1(request)
        && isIn("org.apache.catalina.", request);
  }

  /**
   * Answers; small content is read first, what is held back never, other content after. A container
   * that knows no listeners, such as a stand-in for tests, is answered in the blocking way.
   *
   * @return false if nothing is answered, since the request cannot go on without its thread
   */
  static boolean answers(HttpServletRequest request, RejectedAnswer answer, UnreadContent content)
      throws IOException {
    AsyncContext waiting;
    try {
      waiting = request.startAsync();
    } catch (IllegalStateException | UnsupportedOperationException notAsynchronous) {
      return false; // whatever it says of itself
    }
    RejectedRequest rejected = new RejectedRequest(waiting, request, answer);
    rejected.lock.lock();
    try {
      rejected.begin(request, content);
    } catch (UnsupportedOperationException knowsNoListeners) { // and so nothing is written yet
      answer.writeBlocking(content);
      rejected.complete();
    } finally {
      rejected.lock.unlock();
    }
    return true;
  }

  private void begin(HttpServletRequest request, UnreadContent content) throws IOException {
    ended = content == UnreadContent.NONE || content == UnreadContent.HELD_BACK;
    if (RateLimitFilter.isHttp1(request)) {
      waiting.setTimeout((ended ? ANSWERED_WITHIN : answer.patience().time()).toMillis());
    }
    waiting.addListener(this);
    boolean reads = !ended && reads(unwrapped(request).getInputStream());
    if (content == UnreadContent.SMALL && reads && output != null) {
      phase = Phase.READ_FIRST;
      LATE.execute(this::isLate);
    } else if (content != UnreadContent.NONE) {
      answer.announceClose();
    }
    if (output != null) {
      // Content that is no smaller than the buffer is written at once, so isReady() knows of it;
      // a smaller buffer would have Jetty write it in pieces of that size.
      int length = answer.content().length;
      answer.response().setBufferSize(Math.max(1, length));
      answer.response().setContentLength(length);
    }
    if (output == null || !writes(output)) {
      goOn();
    }
  }

  /** Small content is late: the answer does not wait for it any longer. */
  private void isLate() {
    lock.lock();
    try {
      if (phase == Phase.READ_FIRST) {
        waiting.start(this::answerFirst); // so that a thread of the container's does it
      }
    } finally {
      lock.unlock();
    }
  }

  private void answerFirst() {
    lock.lock();
    try {
      if (phase == Phase.READ_FIRST) {
        answer.announceClose();
        phase = Phase.ANSWER;
        goOn();
      }
    } catch (IOException clientIsGone) {
      complete();
    } finally {
      lock.unlock();
    }
  }

  private boolean reads(ServletInputStream input) {
    try {
      input.setReadListener(this);
      return true;
    } catch (IllegalStateException listenedTo) {
      return false; // by the application, before a dispatch led here
    }
  }

  private boolean writes(ServletOutputStream output) {
    try {
      output.setWriteListener(this);
      return true;
    } catch (IllegalStateException listenedTo) {
      return false; // by the application, before a dispatch led here
    }
  }

  @Override
  public void onDataAvailable() throws IOException {
    lock.lock();
    try {
      if (phase == Phase.DONE) {
        return; // what belongs to a completed request is no longer to be asked for
      }
      ServletInputStream content = unwrapped(waiting.getRequest()).getInputStream();
      byte[] discarded = new byte[DISCARDED_AT_ONCE];
      // What Undertow is not asked for stays with the client, until the time is over.
      while (phase != Phase.DONE
          && !hasReadEnough()
          && content.isReady()
          && !content.isFinished()) {
        read += Math.max(0, content.read(discarded));
        goOn();
      }
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void onAllDataRead() throws IOException {
    lock.lock();
    try {
      ended = true;
      goOn();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void onWritePossible() throws IOException {
    lock.lock();
    try {
      goOn();
    } finally {
      lock.unlock();
    }
  }

  /** Goes on for as long as it need not wait. */
  private void goOn() throws IOException {
    if (phase == Phase.READ_FIRST && ended) {
      phase = Phase.ANSWER;
    }
    write();
    if (phase == Phase.READ_AFTER && (ended || (hasReadEnough() && !drains))) {
      complete();
    }
  }

  private boolean hasReadEnough() {
    return read >= answer.patience().bytes();
  }

  private void write() throws IOException {
    if (output != null) {
      while (phase.writes && output.isReady()) {
        phase = written(output);
      }
    } else if (phase == Phase.ANSWER) {
      answer.write();
      phase = Phase.READ_AFTER;
    }
  }

  /** Writes where there is room, and returns what comes next. */
  private Phase written(ServletOutputStream output) throws IOException {
    switch (phase) {
      case ANSWER -> {
        output.write(answer.content());
        return Phase.FLUSH;
      }
      case FLUSH -> {
        output.flush();
        return Phase.FLUSHED;
      }
      default -> {
        return Phase.READ_AFTER;
      }
    }
  }

  @Override
  public void onTimeout(AsyncEvent event) throws IOException {
    lock.lock();
    try {
      answerFirst();
      if (phase == Phase.READ_AFTER && drains) {
        answer.release();
      } else if (phase == Phase.READ_AFTER) {
        complete();
      }
    } finally {
      lock.unlock();
    }
  }

  /** The client is gone: nobody is there to be answered. */
  @Override
  public void onError(Throwable failure) {
    complete();
  }

  @Override
  public void onError(AsyncEvent event) {
    complete();
  }

  @Override
  public void onComplete(AsyncEvent event) {
    lock.lock();
    try {
      phase = Phase.DONE;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void onStartAsync(AsyncEvent event) {}

  private void complete() {
    lock.lock();
    try {
      if (phase != Phase.DONE) {
        phase = Phase.DONE;
        waiting.complete();
      }
    } finally {
      lock.unlock();
    }
  }
}
