package dev.penstock.servlet;

import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.WriteListener;
import java.io.IOException;

/**
 * A container's stream, whose failures are taken note of before the application sees them.
 *
 * <p>Undertow keeps an exception of a blocking {@code flush()} to itself. Over HTTP/1.1 that closes
 * its stream, so a write fails then, also one of nothing.
 */
final class WatchedStream extends ServletOutputStream {

  private static final byte[] NOTHING = {};

  private final ServletOutputStream container;
  private final WatchedResponse response;
  private final Watch watch;
  private boolean begun;

  WatchedStream(ServletOutputStream container, WatchedResponse response, Watch watch) {
    this.container = container;
    this.response = response;
    this.watch = watch;
  }

  boolean isOf(ServletOutputStream other) {
    return container == other;
  }

  private ServletOutputStream begun() {
    if (!begun) {
      begun = true;
      response.begin();
    }
    return container;
  }

  @Override
  public void write(int b) throws IOException {
    try {
      begun().write(b);
    } catch (IOException e) {
      throw watch.failed(e);
    }
  }

  @Override
  public void write(byte[] bytes) throws IOException {
    write(bytes, 0, bytes.length);
  }

  @Override
  public void write(byte[] bytes, int offset, int length) throws IOException {
    try {
      begun().write(bytes, offset, length);
    } catch (IOException e) {
      throw watch.failed(e);
    }
  }

  @Override
  public void print(String text) throws IOException {
    try {
      begun().print(text);
    } catch (IOException e) {
      throw watch.failed(e);
    }
  }

  @Override
  public void println(String text) throws IOException {
    try {
      begun().println(text);
    } catch (IOException e) {
      throw watch.failed(e);
    }
  }

  @Override
  public void flush() throws IOException {
    boolean wasOpen = response.isUndertow() && isOpen();
    try {
      container.flush();
    } catch (IOException e) {
      throw watch.failed(e);
    }
    if (wasOpen && !isOpen()) {
      watch.clientGone();
    }
  }

  private boolean isOpen() {
    try {
      container.write(NOTHING);
      return true;
    } catch (IOException closed) { // by the application, or by what has just failed
      return false;
    }
  }

  @Override
  public void close() throws IOException {
    try {
      container.close();
    } catch (IOException e) {
      throw watch.failed(e);
    }
  }

  @Override
  public boolean isReady() {
    return container.isReady();
  }

  @Override
  public void setWriteListener(WriteListener listener) {
    container.setWriteListener(
        listener == null ? null : new WatchedListener(listener, watch)); // who refuses null, itself
  }

  private record WatchedListener(WriteListener application, Watch watch) implements WriteListener {

    @Override
    public void onWritePossible() throws IOException {
      application.onWritePossible();
    }

    @Override
    public void onError(Throwable failure) {
      watch.noticed(failure);
      application.onError(failure);
    }
  }
}
