package dev.penstock.servlet;

import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpServletResponseWrapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UnsupportedEncodingException;
import java.nio.charset.Charset;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A response whose failed writes are taken note of, and whose removed fields are kept from the
 * client.
 *
 * <p>Text goes through the container's own writer, so that its rules and its choice of a charset
 * stand. Undertow's writer does not tell of failures, so there it goes through one of ours: what
 * that container would not let change any more once it has a writer is kept here.
 *
 * <p>Over HTTP/2, Undertow keeps what a blocking {@code flush()} could not send, and nobody is told
 * until its buffer is full. With a buffer of one byte there is nothing left to flush, so a write
 * fails instead; that is done where every write is an event.
 */
final class WatchedResponse extends HttpServletResponseWrapper {

  private static final String CONTENT_TYPE = "Content-Type";
  private static final String EVENTS = "text/event-stream";
  private static final Pattern CHARSET = Pattern.compile("(?i)\\s*;\\s*charset=[^;]*");

  private final Watch watch;
  private final boolean isUndertow;
  private @Nullable WatchedStream stream;
  private @Nullable WatchedWriter writer;

  /** Instead of Undertow's. */
  private @Nullable PrintWriter ownWriter;

  private boolean streamTaken;

  WatchedResponse(HttpServletResponse response, Watch watch) {
    super(response);
    this.watch = watch;
    this.isUndertow = RejectedRequest.isIn("io.undertow.", watch.request());
  }

  boolean isOf(Watch other) {
    return watch == other;
  }

  boolean isUndertow() {
    return isUndertow;
  }

  /** To be called before the first byte of content. */
  void begin() {
    String type = getContentType();
    if (isUndertow
        && type != null
        && type.toLowerCase(Locale.ROOT).startsWith(EVENTS)
        && !RateLimitFilter.isHttp1(watch.request())
        && !watch.request().isAsyncStarted()) {
      try {
        super.setBufferSize(1);
      } catch (IllegalStateException written) { // by another filter, or before a forward
        return;
      }
    }
  }

  private WatchedStream stream() throws IOException {
    ServletOutputStream container = super.getOutputStream();
    if (stream == null || !stream.isOf(container)) {
      stream = new WatchedStream(container, this, watch);
    }
    return stream;
  }

  @Override
  public ServletOutputStream getOutputStream() throws IOException {
    if (ownWriter != null) {
      throw new IllegalStateException("getOutputStream must not be called after getWriter");
    }
    ServletOutputStream taken = stream();
    streamTaken = true;
    return taken;
  }

  @Override
  public PrintWriter getWriter() throws IOException {
    if (ownWriter != null) {
      return ownWriter;
    }
    if (isUndertow && !streamTaken) {
      ownWriter = ownWriter();
      return ownWriter;
    }
    PrintWriter container = super.getWriter();
    if (writer == null || !writer.isOf(container)) {
      writer = new WatchedWriter(container, watch, getBufferSize());
    }
    return writer;
  }

  private PrintWriter ownWriter() throws IOException {
    String encoding = getCharacterEncoding();
    try {
      PrintWriter own = StreamWriter.on(stream(), Charset.forName(encoding));
      super.setCharacterEncoding(encoding);
      return own;
    } catch (IllegalArgumentException e) {
      throw (UnsupportedEncodingException) new UnsupportedEncodingException(encoding).initCause(e);
    }
  }

  @Override
  public void setCharacterEncoding(String encoding) {
    if (ownWriter == null) {
      super.setCharacterEncoding(encoding);
    }
  }

  @Override
  public void setContentType(String type) {
    super.setContentType(keepingCharset(type));
  }

  private @Nullable String keepingCharset(@Nullable String type) {
    return ownWriter == null || type == null ? type : CHARSET.matcher(type).replaceAll("");
  }

  @Override
  public void flushBuffer() throws IOException {
    try {
      super.flushBuffer();
    } catch (IOException e) {
      throw watch.failed(e);
    }
    if (writer != null) {
      writer.checkError();
    }
  }

  @Override
  public void reset() {
    super.reset();
    ownWriter = null;
    streamTaken = false;
    watch.removed().clear();
  }

  @Override
  public void sendError(int status) throws IOException {
    super.sendError(status);
    ownWriter = null;
    streamTaken = false;
  }

  @Override
  public void sendError(int status, String message) throws IOException {
    super.sendError(status, message);
    ownWriter = null;
    streamTaken = false;
  }

  @Override
  public void setHeader(String name, String value) {
    if (watch.removed().has(name)) {
      watch.removed().set(name, value);
    } else {
      super.setHeader(name, CONTENT_TYPE.equalsIgnoreCase(name) ? keepingCharset(value) : value);
    }
  }

  @Override
  public void addHeader(String name, String value) {
    if (watch.removed().has(name)) {
      watch.removed().add(name, value);
    } else {
      super.addHeader(name, CONTENT_TYPE.equalsIgnoreCase(name) ? keepingCharset(value) : value);
    }
  }

  @Override
  public void setIntHeader(String name, int value) {
    if (watch.removed().has(name)) {
      watch.removed().set(name, Integer.toString(value));
    } else {
      super.setIntHeader(name, value);
    }
  }

  @Override
  public void addIntHeader(String name, int value) {
    if (watch.removed().has(name)) {
      watch.removed().add(name, Integer.toString(value));
    } else {
      super.addIntHeader(name, value);
    }
  }

  @Override
  public void setDateHeader(String name, long millis) {
    if (watch.removed().has(name)) {
      watch.removed().set(name, date(millis));
    } else {
      super.setDateHeader(name, millis);
    }
  }

  @Override
  public void addDateHeader(String name, long millis) {
    if (watch.removed().has(name)) {
      watch.removed().add(name, date(millis));
    } else {
      super.addDateHeader(name, millis);
    }
  }

  private static String date(long millis) {
    return DateTimeFormatter.RFC_1123_DATE_TIME.format(
        Instant.ofEpochMilli(millis).atOffset(ZoneOffset.UTC));
  }

  @Override
  public boolean containsHeader(String name) {
    return watch.removed().has(name)
        ? !watch.removed().lines(name).isEmpty()
        : super.containsHeader(name);
  }

  @Override
  public @Nullable String getHeader(String name) {
    if (!watch.removed().has(name)) {
      return super.getHeader(name);
    }
    List<String> lines = watch.removed().lines(name);
    return lines.isEmpty() ? null : lines.get(0);
  }

  @Override
  public Collection<String> getHeaders(String name) {
    return watch.removed().has(name) ? watch.removed().lines(name) : super.getHeaders(name);
  }

  @Override
  public Collection<String> getHeaderNames() {
    return Stream.concat(super.getHeaderNames().stream(), watch.removed().names().stream())
        .toList();
  }

  @Override
  public void setTrailerFields(Supplier<Map<String, String>> trailer) {
    super.setTrailerFields(trailer == null ? null : () -> watch.removed().without(trailer.get()));
  }
}
