package dev.penstock.servlet;

import jakarta.servlet.AsyncContext;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import org.jspecify.annotations.Nullable;

/** Sees to it that whatever is begun asynchronously is listened to. */
final class WatchedRequest extends HttpServletRequestWrapper {

  private final Watch watch;
  private volatile boolean listens;

  WatchedRequest(HttpServletRequest request, Watch watch) {
    super(request);
    this.watch = watch;
  }

  boolean isOf(Watch other) {
    return watch == other;
  }

  /** Returns whether the container will say when the response is complete. */
  boolean listens() {
    return listens;
  }

  @Override
  public AsyncContext startAsync() {
    return listening(super.startAsync());
  }

  @Override
  public AsyncContext startAsync(ServletRequest request, ServletResponse response) {
    return listening(super.startAsync(request, response));
  }

  private AsyncContext listening(AsyncContext begun) {
    AsyncContext watched = watch.listening(begun);
    listens = true;
    return watched;
  }

  /** A stand-in for a container may have none, where a container refuses. */
  @Override
  public @Nullable AsyncContext getAsyncContext() {
    AsyncContext begun = super.getAsyncContext();
    return begun == null ? null : new WatchedAsync(begun, watch);
  }
}
