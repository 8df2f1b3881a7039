package dev.penstock.http;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProtocolException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;

/**
 * A client that sends exactly the bytes it is given, over one connection, and reads what comes
 * back. For one thread.
 */
public final class RawHttpClient implements TestClient {

  /** A response as it stood on the wire, its content without transfer coding. */
  public record Response(int status, List<HeaderField> fields, String body) {

    public List<String> values(String name) {
      return fields.stream()
          .filter(field -> field.name().equalsIgnoreCase(name))
          .map(HeaderField::value)
          .toList();
    }

    /** {@return the members of a list field of plain words, over all of its lines} */
    public List<String> members(String name) {
      return values(name).stream()
          .flatMap(line -> Arrays.stream(line.split(",", -1)))
          .map(String::strip)
          .toList();
    }

    public String value(String name) {
      List<String> values = values(name);
      if (values.size() != 1) {
        throw new AssertionError(name + " must stand once in " + this);
      }
      return values.get(0);
    }
  }

  private static final int READ_TIMEOUT_MILLIS = 10_000;
  private static final int DRIP_MILLIS = 20;
  private static final int SMALL_BUFFER = 4096;

  private final Socket transport;
  private final Socket socket;
  private final InputStream in;
  private final List<Integer> interim = new ArrayList<>();

  public RawHttpClient(int port) throws IOException {
    this(connected(new Socket(), port));
  }

  private RawHttpClient(Socket transport) throws IOException {
    this(transport, transport);
  }

  private RawHttpClient(Socket transport, Socket socket) throws IOException {
    this.transport = transport;
    this.socket = socket;
    socket.setSoTimeout(READ_TIMEOUT_MILLIS);
    this.in = new BufferedInputStream(socket.getInputStream());
  }

  /** Connects where little of what the server sends has room until it is read. */
  public static RawHttpClient withSmallBuffer(int port) throws IOException {
    return new RawHttpClient(connected(smallBuffer(), port));
  }

  /** Connects over TLS, where little of what the server sends has room until it is read. */
  public static RawHttpClient withSmallBuffer(int port, SSLContext tls) throws IOException {
    Socket transport = connected(smallBuffer(), port);
    String host = transport.getInetAddress().getHostAddress();
    return new RawHttpClient(
        transport, tls.getSocketFactory().createSocket(transport, host, port, true));
  }

  private static Socket smallBuffer() throws IOException {
    Socket socket = new Socket();
    socket.setReceiveBufferSize(SMALL_BUFFER);
    return socket;
  }

  private static Socket connected(Socket socket, int port) throws IOException {
    socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    return socket;
  }

  @Override
  public Response send(String requestLine, String... lines) throws IOException {
    StringBuilder request =
        new StringBuilder(requestLine).append(" HTTP/1.1\r\nHost: localhost\r\n");
    for (String line : lines) {
      request.append(line).append("\r\n");
    }
    sendBytes(request.append("\r\n").toString());
    return read(requestLine.startsWith("HEAD "));
  }

  public void sendBytes(String bytes) throws IOException {
    socket.getOutputStream().write(bytes.getBytes(StandardCharsets.ISO_8859_1));
    socket.getOutputStream().flush();
  }

  /** Reads the next response that is not interim; its fields must be in order. */
  public Response read(boolean withoutContent) throws IOException {
    Response response = readAny(withoutContent);
    while (response.status() < 200) {
      interim.add(response.status());
      response = readAny(withoutContent);
    }
    RateLimitSyntax.check(response);
    return response;
  }

  /** {@return the status of each interim response that has been read over} */
  public List<Integer> interim() {
    return List.copyOf(interim);
  }

  /** Waits until the server closes the connection; false where it says something before. */
  public boolean isClosedByServer() throws IOException {
    try {
      return in.read() < 0;
    } catch (SocketTimeoutException e) {
      return false;
    } catch (IOException e) {
      return true; // it was reset, since bytes of ours were not read
    }
  }

  /** Reads the next response; empty where the server has closed the connection instead. */
  public Optional<Response> readUnlessClosed() throws IOException {
    try {
      return Optional.of(read(false));
    } catch (SocketTimeoutException e) {
      throw e;
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /** Sends the same bytes over and over, until the server closes the connection. */
  public boolean sendsUntilClosed(String bytes) throws IOException {
    long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(READ_TIMEOUT_MILLIS);
    while (System.nanoTime() < deadline) {
      try {
        sendBytes(bytes);
      } catch (IOException e) {
        return true;
      }
    }
    return false;
  }

  /** Sends the same bytes again and again, with pauses, until the server closes the connection. */
  public boolean dripsUntilClosed(String bytes, int times) throws IOException {
    socket.setSoTimeout(DRIP_MILLIS);
    for (int i = 0; i < times; i++) {
      try {
        sendBytes(bytes);
        return in.read() < 0;
      } catch (IOException e) {
        if (!(e instanceof SocketTimeoutException)) {
          return true;
        }
      }
    }
    return false;
  }

  /** Sends the same bytes so many times, with pauses, and reads nothing meanwhile. */
  public void sendSlowly(String bytes, int times) throws IOException {
    CountDownLatch never = new CountDownLatch(1);
    try {
      for (int i = 0; i < times; i++) {
        sendBytes(bytes);
        never.await(DRIP_MILLIS, TimeUnit.MILLISECONDS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException();
    }
  }

  private Response readAny(boolean withoutContent) throws IOException {
    String statusLine = readLine();
    if (!statusLine.startsWith("HTTP/")) {
      throw new ProtocolException("no status line: " + statusLine); // as HTTP/0.9 has none
    }
    int status = Integer.parseInt(statusLine.split(" ", 3)[1]);
    List<HeaderField> fields = new ArrayList<>();
    for (String line = readLine(); !line.isEmpty(); line = readLine()) {
      int colon = line.indexOf(':');
      fields.add(new HeaderField(line.substring(0, colon), line.substring(colon + 1).strip()));
    }
    Response header = new Response(status, List.copyOf(fields), "");
    return withoutContent || status < 200
        ? header
        : new Response(status, header.fields(), content(header));
  }

  private String content(Response header) throws IOException {
    if (header.values("Transfer-Encoding").stream()
        .anyMatch(coding -> coding.toLowerCase(Locale.ROOT).equals("chunked"))) {
      return chunks();
    }
    List<String> length = header.values("Content-Length");
    return length.isEmpty() ? "" : text(Integer.parseInt(length.get(0)));
  }

  private String chunks() throws IOException {
    StringBuilder content = new StringBuilder();
    while (true) {
      int length = Integer.parseInt(readLine().strip(), 16);
      content.append(text(length));
      readLine();
      if (length == 0) {
        return content.toString();
      }
    }
  }

  private String text(int length) throws IOException {
    byte[] bytes = in.readNBytes(length);
    if (bytes.length < length) {
      throw new EOFException(
          "the server closed after " + bytes.length + " of " + length + " bytes");
    }
    return new String(bytes, StandardCharsets.UTF_8);
  }

  private String readLine() throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    for (int b = in.read(); b != '\n'; b = in.read()) {
      if (b < 0) {
        throw new EOFException("the server closed after: " + line);
      }
      if (b != '\r') {
        line.write(b);
      }
    }
    return line.toString(StandardCharsets.ISO_8859_1);
  }

  /** Goes away in the middle of an answer. */
  public void goAway() throws IOException {
    close();
  }

  /** Closes the connection at once: TLS would wait for a thread that still writes. */
  @Override
  public void close() throws IOException {
    transport.close();
  }
}
