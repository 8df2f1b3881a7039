package dev.penstock.servlet;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** A client that listens to one response, and goes away when it likes. For one thread. */
interface EventClient extends AutoCloseable {

  /** Sends a request, and takes the response until this text has come; returns what has come. */
  String listen(String requestLine, String text) throws IOException;

  /** Goes away in good order: nothing is left unread. */
  void leave() throws IOException;

  /** Goes away in the shortest way there is. */
  void breakOff() throws IOException;

  @Override
  default void close() throws IOException {
    leave();
  }

  /** Over HTTP/1.1: ends its side of the connection, or resets it. */
  final class OverHttp1 implements EventClient {

    private static final int READ_TIMEOUT_MILLIS = 10_000;

    private final Socket socket;

    OverHttp1(int port) throws IOException {
      socket = new Socket(InetAddress.getLoopbackAddress(), port);
      socket.setSoTimeout(READ_TIMEOUT_MILLIS);
    }

    @Override
    public String listen(String requestLine, String text) throws IOException {
      String request = requestLine + " HTTP/1.1\r\nHost: localhost\r\n\r\n";
      socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
      ByteArrayOutputStream response = new ByteArrayOutputStream();
      while (!response.toString(StandardCharsets.ISO_8859_1).contains(text)) {
        int next = socket.getInputStream().read();
        if (next < 0) {
          throw new EOFException("the server closed after: " + response);
        }
        response.write(next);
      }
      readWhatHasCome();
      return response.toString(StandardCharsets.ISO_8859_1);
    }

    /** Content that is left unread would turn the end of the connection into a reset. */
    private void readWhatHasCome() throws IOException {
      int available = socket.getInputStream().available();
      while (available > 0) {
        socket.getInputStream().readNBytes(available);
        available = socket.getInputStream().available();
      }
    }

    @Override
    public void leave() throws IOException {
      socket.close();
    }

    @Override
    public void breakOff() throws IOException {
      socket.setSoLinger(true, 0);
      socket.close();
    }
  }

  /** Over HTTP/2: closes the connection, or resets the stream and keeps the connection. */
  final class OverHttp2 implements EventClient {

    private final RawHttp2Client client;
    private int stream;

    OverHttp2(int port) throws IOException {
      client = RawHttp2Client.withWindows(port);
    }

    @Override
    public String listen(String requestLine, String text) throws IOException {
      stream = client.ask(requestLine);
      return client.readUntil(stream, text);
    }

    @Override
    public void leave() throws IOException {
      client.close();
    }

    @Override
    public void breakOff() throws IOException {
      client.reset(stream);
    }

    @Override
    public void close() throws IOException {
      client.close();
    }
  }
}
