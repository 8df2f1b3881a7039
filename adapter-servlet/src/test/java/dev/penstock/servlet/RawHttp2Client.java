package dev.penstock.servlet;

import dev.penstock.http.HeaderField;
import dev.penstock.http.RateLimitSyntax;
import dev.penstock.http.RawHttpClient.Response;
import dev.penstock.http.TestClient;
import io.undertow.protocols.http2.HpackDecoder;
import io.undertow.protocols.http2.HpackException;
import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * A client of HTTP/2 in clear text (RFC 9113 section 3.3) that sends exactly the fields it is given
 * and takes the content of a response only when told to: every stream begins with a flow-control
 * window of zero. For one thread.
 */
final class RawHttp2Client implements TestClient {

  private static final String PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
  private static final int READ_TIMEOUT_MILLIS = 10_000;

  private static final int DATA = 0;
  private static final int HEADERS = 1;
  private static final int RST_STREAM = 3;
  private static final int SETTINGS = 4;
  private static final int GOAWAY = 7;
  private static final int WINDOW_UPDATE = 8;

  private static final int END_STREAM = 1;
  private static final int ACK = 1;
  private static final int END_HEADERS = 4;

  private static final byte[] DEFAULTS = {};
  private static final byte[] NO_WINDOW = {0, 4, 0, 0, 0, 0};
  private static final byte[] LARGE_WINDOW = {0, 1, 0, 0};
  private static final byte[] CANCEL = {0, 0, 0, 8};

  /** Names and a field of the static table (RFC 7541 appendix A), none of them to be remembered. */
  private static final int AUTHORITY = 1;

  private static final int METHOD = 2;
  private static final int PATH = 4;
  private static final int SCHEME_IS_HTTP = 0x86;

  /** The longest text whose length stands in one byte (RFC 7541 section 5.1). */
  private static final int SHORT = 126;

  /** What has come of a response so far. */
  private static final class Stream {
    final List<HeaderField> fields = new ArrayList<>();
    final ByteArrayOutputStream content = new ByteArrayOutputStream();
    int status;
    int pieces;
    boolean ended;

    String soFar() {
      return fields + content.toString(StandardCharsets.UTF_8);
    }
  }

  private final Socket socket;
  private final DataInputStream in;
  private final DataOutputStream out;
  private final HpackDecoder decoder = new HpackDecoder();
  private final Map<Integer, Stream> streams = new HashMap<>();
  private int nextStream = 1;

  /** Connects without a window for what is answered until somebody asks for it. */
  RawHttp2Client(int port) throws IOException {
    this(port, NO_WINDOW);
  }

  /** Connects with a window, as most clients do: without, Jetty resets what ends in an error. */
  static RawHttp2Client withWindows(int port) throws IOException {
    return new RawHttp2Client(port, DEFAULTS);
  }

  private RawHttp2Client(int port, byte[] settings) throws IOException {
    socket = new Socket(InetAddress.getLoopbackAddress(), port);
    socket.setSoTimeout(READ_TIMEOUT_MILLIS);
    in = new DataInputStream(socket.getInputStream());
    out = new DataOutputStream(new BufferedOutputStream(socket.getOutputStream()));
    out.writeBytes(PREFACE);
    send(SETTINGS, 0, 0, settings);
  }

  @Override
  public Response send(String requestLine, String... lines) throws IOException {
    return answer(ask(requestLine, lines));
  }

  /** Sends a request without content, and returns its stream. */
  int ask(String requestLine, String... lines) throws IOException {
    int stream = nextStream;
    nextStream += 2;
    streams.put(stream, new Stream());
    String[] methodAndPath = requestLine.split(" ", 2);
    ByteArrayOutputStream fields = new ByteArrayOutputStream();
    field(fields, METHOD, methodAndPath[0]);
    fields.write(SCHEME_IS_HTTP);
    field(fields, AUTHORITY, "localhost");
    field(fields, PATH, methodAndPath[1]);
    for (String line : lines) {
      int colon = line.indexOf(':');
      fields.write(0);
      text(fields, line.substring(0, colon).toLowerCase(Locale.ROOT));
      text(fields, line.substring(colon + 1).strip());
    }
    send(HEADERS, END_STREAM | END_HEADERS, stream, fields.toByteArray());
    return stream;
  }

  private static void field(ByteArrayOutputStream fields, int name, String value) {
    fields.write(name);
    text(fields, value);
  }

  private static void text(ByteArrayOutputStream fields, String text) {
    if (text.length() <= SHORT) {
      fields.write(text.length());
    } else {
      fields.write(SHORT + 1);
      int rest = text.length() - SHORT - 1;
      for (; rest >= 0x80; rest >>>= 7) {
        fields.write(0x80 | (rest & 0x7f));
      }
      fields.write(rest);
    }
    fields.writeBytes(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  /** Takes the response on this stream; its fields must be in order. */
  Response answer(int number) throws IOException {
    send(WINDOW_UPDATE, 0, 0, LARGE_WINDOW);
    send(WINDOW_UPDATE, 0, number, LARGE_WINDOW);
    Stream stream = stream(number);
    while (!stream.ended) {
      readFrame();
    }
    Response response =
        new Response(
            stream.status,
            List.copyOf(stream.fields),
            stream.content.toString(StandardCharsets.UTF_8));
    RateLimitSyntax.check(response);
    return response;
  }

  /** Takes what comes on this stream until it has this text in it; returns what has come. */
  String readUntil(int number, String text) throws IOException {
    send(WINDOW_UPDATE, 0, 0, LARGE_WINDOW);
    send(WINDOW_UPDATE, 0, number, LARGE_WINDOW);
    Stream stream = stream(number);
    while (!stream.soFar().contains(text)) {
      if (stream.ended) {
        throw new IOException("the stream has ended with " + stream.soFar());
      }
      readFrame();
    }
    return stream.soFar();
  }

  /** Takes no more of what comes on this stream (RFC 9113 section 8.1.1). */
  void reset(int number) throws IOException {
    send(RST_STREAM, 0, number, CANCEL);
  }

  /** Returns how many frames the content on this stream has come in. */
  int pieces(int number) throws IOException {
    return stream(number).pieces;
  }

  private Stream stream(int number) throws IOException {
    Stream stream = streams.get(number);
    if (stream == null) {
      throw new IOException("nothing was asked on stream " + number);
    }
    return stream;
  }

  private void readFrame() throws IOException {
    int lengthAndType = in.readInt();
    int type = lengthAndType & 0xff;
    int flags = in.read();
    int number = in.readInt();
    byte[] payload = in.readNBytes(lengthAndType >>> 8);
    switch (type) {
      case HEADERS -> readFields(stream(number), flags, payload);
      case DATA -> readContent(stream(number), flags, payload);
      case SETTINGS -> {
        if (flags != ACK) {
          send(SETTINGS, ACK, 0, new byte[0]);
        }
      }
      case RST_STREAM, GOAWAY -> throw new IOException("frame " + type + " on stream " + number);
      default -> {}
    }
  }

  private static void readContent(Stream stream, int flags, byte[] payload) {
    stream.content.writeBytes(payload);
    stream.pieces += payload.length == 0 ? 0 : 1;
    stream.ended = (flags & END_STREAM) != 0;
  }

  private void readFields(Stream stream, int flags, byte[] payload) throws IOException {
    if ((flags & ~END_STREAM) != END_HEADERS) {
      throw new IOException("fields with the flags " + flags + " are not understood");
    }
    decoder.setHeaderEmitter(
        (name, value, neverIndex) -> {
          if (name.toString().equals(":status")) {
            stream.status = Integer.parseInt(value);
          } else {
            stream.fields.add(new HeaderField(name.toString(), value));
          }
        });
    try {
      decoder.decode(ByteBuffer.wrap(payload), false);
    } catch (HpackException e) {
      throw new IOException(e);
    }
    stream.ended = (flags & END_STREAM) != 0;
  }

  private void send(int type, int flags, int stream, byte[] payload) throws IOException {
    out.writeInt(payload.length << 8 | type);
    out.writeByte(flags);
    out.writeInt(stream);
    out.write(payload);
    out.flush();
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
