package dev.penstock.servlet;

import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * A client of HTTP/2 in clear text (RFC 9113 section 3.3) that takes the content of a response only
 * when told to: every stream begins with a flow-control window of zero. For one thread.
 */
final class RawHttp2Client implements AutoCloseable {

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

  private static final byte[] NO_WINDOW = {0, 4, 0, 0, 0, 0};
  private static final byte[] LARGE_WINDOW = {0, 0, 0x40, 0};

  private final Socket socket;
  private final DataInputStream in;
  private final DataOutputStream out;
  private final Map<Integer, ByteArrayOutputStream> contents = new HashMap<>();
  private final Map<Integer, Integer> pieces = new HashMap<>();
  private final Set<Integer> ended = new HashSet<>();
  private int nextStream = 1;

  RawHttp2Client(int port) throws IOException {
    socket = new Socket(InetAddress.getLoopbackAddress(), port);
    socket.setSoTimeout(READ_TIMEOUT_MILLIS);
    in = new DataInputStream(socket.getInputStream());
    out = new DataOutputStream(new BufferedOutputStream(socket.getOutputStream()));
    out.writeBytes(PREFACE);
    send(SETTINGS, 0, 0, NO_WINDOW);
  }

  /** Sends a request without content, and returns its stream. */
  int send(String method, String path) throws IOException {
    int stream = nextStream;
    nextStream += 2;
    ByteArrayOutputStream fields = new ByteArrayOutputStream();
    fields.write(method.equals("POST") ? 0x83 : 0x82); // RFC 7541 appendix A, as all below
    fields.write(0x86);
    literal(fields, 1, "localhost");
    literal(fields, 4, path);
    send(HEADERS, END_STREAM | END_HEADERS, stream, fields.toByteArray());
    return stream;
  }

  private static void literal(ByteArrayOutputStream fields, int name, String value) {
    fields.write(name);
    fields.write(value.length());
    fields.writeBytes(value.getBytes(StandardCharsets.US_ASCII));
  }

  /** Takes the content of this stream's response. */
  String content(int stream) throws IOException {
    send(WINDOW_UPDATE, 0, stream, LARGE_WINDOW);
    while (!ended.contains(stream)) {
      readFrame();
    }
    return received(stream).toString(StandardCharsets.UTF_8);
  }

  /** Returns how many frames the content of this stream's response came in. */
  int pieces(int stream) {
    return pieces.getOrDefault(stream, 0);
  }

  private ByteArrayOutputStream received(int stream) {
    return contents.computeIfAbsent(stream, absent -> new ByteArrayOutputStream());
  }

  private void readFrame() throws IOException {
    int lengthAndType = in.readInt();
    int flags = in.read();
    int stream = in.readInt();
    byte[] payload = in.readNBytes(lengthAndType >>> 8);
    switch (lengthAndType & 0xff) {
      case HEADERS -> {} // not decoded
      case DATA -> {
        received(stream).writeBytes(payload);
        pieces.merge(stream, payload.length == 0 ? 0 : 1, Integer::sum);
      }
      case SETTINGS -> {
        if (flags != ACK) {
          send(SETTINGS, ACK, 0, new byte[0]);
        }
        return;
      }
      case RST_STREAM, GOAWAY ->
          throw new IOException("frame " + (lengthAndType & 0xff) + " on stream " + stream);
      default -> {
        return;
      }
    }
    if ((flags & END_STREAM) != 0) {
      ended.add(stream);
    }
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
