package dev.penstock.servlet;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.charset.Charset;

/**
 * Encodes text for a stream that keeps it until it is flushed; nothing is kept here. To close it is
 * to close the stream, and where that does not mind, as in an include, it goes on.
 */
final class StreamWriter extends Writer {

  private final OutputStream stream;
  private final Writer encoder;

  private StreamWriter(OutputStream stream, Charset charset) {
    this.stream = stream;
    this.encoder = new OutputStreamWriter(new Unflushed(stream), charset);
  }

  static PrintWriter on(OutputStream stream, Charset charset) {
    return new Printer(new StreamWriter(stream, charset));
  }

  @Override
  public void write(char[] text, int offset, int length) throws IOException {
    encoder.write(text, offset, length);
    encoder.flush();
  }

  @Override
  public void write(String text, int offset, int length) throws IOException {
    encoder.write(text, offset, length);
    encoder.flush();
  }

  @Override
  public void flush() throws IOException {
    stream.flush();
  }

  @Override
  public void close() throws IOException {
    stream.close();
  }

  /** Passes on what is written alone. */
  private static final class Unflushed extends FilterOutputStream {

    Unflushed(OutputStream stream) {
      super(stream);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      out.write(bytes, offset, length);
    }

    @Override
    public void flush() {}
  }

  /** Ends lines as Undertow does. */
  private static final class Printer extends PrintWriter {

    Printer(StreamWriter stream) {
      super(stream);
    }

    @Override
    public void println() {
      write("\r\n");
    }

    @Override
    public void close() {
      try {
        out.close();
      } catch (IOException e) {
        setError();
      }
    }
  }
}
