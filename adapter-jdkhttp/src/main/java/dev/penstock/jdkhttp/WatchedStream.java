package dev.penstock.jdkhttp;

import java.io.IOException;
import java.io.OutputStream;

/** The stream of a response, by which one learns first that the client has gone. */
final class WatchedStream extends OutputStream {

  /** What is done with the stream of the server's. */
  private interface Step {
    void run() throws IOException;
  }

  private final OutputStream stream;
  private final Runnable failed;
  private final Runnable closed;

  /**
   * @param stream the server's
   * @param failed runs when it has
   * @param closed runs before it is
   */
  WatchedStream(OutputStream stream, Runnable failed, Runnable closed) {
    this.stream = stream;
    this.failed = failed;
    this.closed = closed;
  }

  @Override
  public void write(int b) throws IOException {
    watch(() -> stream.write(b));
  }

  @Override
  public void write(byte[] bytes, int offset, int length) throws IOException {
    watch(() -> stream.write(bytes, offset, length));
  }

  @Override
  public void flush() throws IOException {
    watch(stream::flush);
  }

  @Override
  public void close() throws IOException {
    closed.run();
    stream.close();
  }

  private void watch(Step step) throws IOException {
    try {
      step.run();
    } catch (IOException e) {
      failed.run();
      throw e;
    }
  }
}
