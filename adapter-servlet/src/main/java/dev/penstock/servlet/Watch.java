package dev.penstock.servlet;

import dev.penstock.http.ResponseView;
import dev.penstock.http.Verdict;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.AsyncEvent;
import jakarta.servlet.AsyncListener;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletRequestWrapper;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.ServletResponseWrapper;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.CharConversionException;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Waits for the end of one watched response, and for a sign that its client is gone before.
 *
 * <p>No container tells both at one place, so several are watched, and whatever comes first counts:
 *
 * <pre>
 * the chain returns, nothing asynchronous was begun   ended
 * the chain throws                                    ended
 * onComplete                                          ended
 * complete() after the client has gone                ended, as Jetty calls nobody then
 * onTimeout                                           nothing: onComplete follows everywhere
 * onError with an IOException                         the client is gone
 * an IOException of a write, also in a WriteListener  the client is gone
 * a writer's checkError()                             the client is gone
 * </pre>
 *
 * <p>Thread-safe.
 */
final class Watch implements AsyncListener, ResponseView {

  private final Verdict.Proceed verdict;
  private final HttpServletRequest request;
  private final HttpServletResponse response;
  private final RemovedFields removed;
  private final AtomicBoolean ended = new AtomicBoolean();
  private volatile boolean gone;

  /** Once it cannot change any more; Tomcat sets one that nobody sees after a timeout. */
  private volatile int sentStatus;

  private volatile @Nullable WatchedResponse lastResponse;

  /** Watches a response as the filter was given it. */
  Watch(Verdict.Proceed verdict, HttpServletRequest request, HttpServletResponse response) {
    this.verdict = verdict;
    this.request = request;
    this.response = response;
    this.removed = new RemovedFields(verdict.removedFields());
  }

  /** Passes the request on in the dispatch in which it was decided. */
  void pass(FilterChain chain) throws IOException, ServletException {
    WatchedRequest watched = new WatchedRequest(request, this);
    boolean goesOn = false;
    try {
      chain.doFilter(watched, watched(response));
      goesOn = watched.listens() || listens();
      noteStatus(response.getStatus(), 0);
    } catch (Throwable e) {
      noteStatus(response.getStatus(), HttpServletResponse.SC_INTERNAL_SERVER_ERROR);
      throw e;
    } finally {
      if (!goesOn) {
        ended();
      }
    }
  }

  private void noteStatus(int committed, int otherwise) {
    sentStatus = response.isCommitted() ? committed : otherwise;
  }

  /** Whoever has unwrapped the request, or came before this filter, may have begun what goes on. */
  private boolean listens() {
    if (!request.isAsyncStarted()) {
      return false;
    }
    request.getAsyncContext().addListener(this);
    return true;
  }

  /** Passes the request on in a later dispatch. */
  void passAgain(HttpServletRequest later, HttpServletResponse answer, FilterChain chain)
      throws IOException, ServletException {
    if (ended.get()) {
      chain.doFilter(later, answer);
    } else {
      chain.doFilter(watched(later), watched(answer));
    }
  }

  private HttpServletRequest watched(HttpServletRequest later) {
    ServletRequest inner = later;
    while (inner instanceof ServletRequestWrapper wrapper) {
      if (inner instanceof WatchedRequest watched && watched.isOf(this)) {
        return later;
      }
      inner = wrapper.getRequest();
    }
    return new WatchedRequest(later, this);
  }

  /** Returns the response itself where it is watched already. */
  HttpServletResponse watched(HttpServletResponse answer) {
    ServletResponse inner = answer;
    while (inner instanceof ServletResponseWrapper wrapper) {
      if (inner instanceof WatchedResponse watched && watched.isOf(this)) {
        return answer;
      }
      inner = wrapper.getResponse();
    }
    WatchedResponse last = lastResponse;
    if (last == null || last.getResponse() != answer) {
      last = new WatchedResponse(answer, this);
      lastResponse = last;
    }
    return last;
  }

  /** What was begun is over when the container says so. */
  AsyncContext listening(AsyncContext begun) {
    begun.addListener(this);
    return new WatchedAsync(begun, this);
  }

  RemovedFields removed() {
    return removed;
  }

  HttpServletRequest request() {
    return request;
  }

  /** Takes note of a failed write, and returns the failure. */
  IOException failed(IOException failure) {
    noticed(failure);
    return failure;
  }

  /** Text that cannot be encoded, and what the application throws, says nothing of the client. */
  void noticed(@Nullable Throwable failure) {
    if (failure instanceof IOException && !(failure instanceof CharConversionException)) {
      clientGone();
    }
  }

  void clientGone() {
    if (!gone) {
      sentStatus = status();
      gone = true;
    }
    verdict.reservation().clientGone();
  }

  /** Takes note that the application has completed what it began. */
  void completed() {
    if (gone) {
      ended();
    }
  }

  private void ended() {
    if (ended.compareAndSet(false, true)) {
      verdict.ended(this);
    }
  }

  @Override
  public void onComplete(AsyncEvent event) {
    ended();
  }

  @Override
  public void onError(AsyncEvent event) {
    noticed(event.getThrowable());
  }

  @Override
  public void onTimeout(AsyncEvent event) {}

  /** Containers forget listeners when a request is dispatched once more. */
  @Override
  public void onStartAsync(AsyncEvent event) {
    event.getAsyncContext().addListener(this);
  }

  @Override
  public int status() {
    try {
      return sentStatus == 0 ? response.getStatus() : sentStatus;
    } catch (IllegalStateException | NullPointerException takenBack) {
      return 0;
    }
  }

  /** A container takes a response back before the application has completed it, if that is late. */
  @Override
  public List<String> headerLines(String name) {
    if (removed.has(name)) {
      return removed.lines(name);
    }
    try {
      return List.copyOf(response.getHeaders(name));
    } catch (IllegalStateException | NullPointerException takenBack) {
      return List.of();
    }
  }
}
