package dev.penstock.servlet;

import java.io.PrintWriter;
import java.util.Locale;

/**
 * A container's writer, which never throws: it is asked whether it has failed at each flush, and
 * whenever it must have sent what it was given.
 */
final class WatchedWriter extends PrintWriter {

  private final PrintWriter container;
  private final Watch watch;
  private final int bufferSize;
  private int unchecked;
  private boolean closed;

  WatchedWriter(PrintWriter container, Watch watch, int bufferSize) {
    super(container);
    this.container = container;
    this.watch = watch;
    this.bufferSize = bufferSize;
  }

  boolean isOf(PrintWriter other) {
    return container == other;
  }

  private void wrote(int chars) {
    closed = false; // or was not, as in an include
    unchecked += chars;
    if (unchecked > bufferSize) {
      checkError();
    }
  }

  @Override
  public void write(int c) {
    container.write(c);
    wrote(1);
  }

  @Override
  public void write(char[] text, int offset, int length) {
    container.write(text, offset, length);
    wrote(length);
  }

  @Override
  public void write(String text, int offset, int length) {
    container.write(text, offset, length);
    wrote(length);
  }

  @Override
  public void println() {
    container.println();
    wrote(1);
  }

  @Override
  public PrintWriter format(String format, Object... args) {
    container.format(format, args);
    wrote(1);
    return this;
  }

  @Override
  public PrintWriter format(Locale locale, String format, Object... args) {
    container.format(locale, format, args);
    wrote(1);
    return this;
  }

  @Override
  public void flush() {
    checkError();
  }

  /** Flushes, as every writer does that is asked. One that is closed may call that a failure. */
  @Override
  public boolean checkError() {
    unchecked = 0;
    boolean failed = container.checkError();
    if (failed && !closed) {
      watch.clientGone();
    }
    return failed;
  }

  @Override
  public void close() {
    closed = true;
    container.close();
  }
}
