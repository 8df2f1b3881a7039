package dev.penstock.redis;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;
import org.jspecify.annotations.Nullable;

/** A server on a loopback port that speaks Redis's protocol and says what a test wants. */
final class RespServer implements AutoCloseable {

  /** One connection, for one thread. */
  interface Session extends AutoCloseable {

    /** Returns the reply as it goes over the wire, or nothing to hang up. */
    byte @Nullable [] answer(List<byte[]> command) throws IOException;

    @Override
    default void close() throws IOException {}
  }

  private static final long RETRY_NANOS = 1_000_000;

  private final ServerSocket listener;
  private final Supplier<Session> sessions;
  private final Thread acceptor;
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();

  private RespServer(ServerSocket listener, Supplier<Session> sessions) {
    this.listener = listener;
    this.sessions = sessions;
    this.acceptor = daemon(this::accept);
  }

  static RespServer start(Supplier<Session> sessions) throws IOException {
    return start(LoopbackPorts.next(), sessions);
  }

  static RespServer start(int port, Supplier<Session> sessions) throws IOException {
    return new RespServer(bound(new ServerSocket(), port), sessions);
  }

  /** Starts one that speaks TLS. */
  static RespServer start(SSLContext tls, Supplier<Session> sessions) throws IOException {
    return start(tls, LoopbackPorts.next(), sessions);
  }

  static RespServer start(SSLContext tls, int port, Supplier<Session> sessions) throws IOException {
    return new RespServer(listener(tls, port), sessions);
  }

  /** Starts one that speaks TLS with those who show a certificate. */
  static RespServer startForKnownClients(SSLContext tls, Supplier<Session> sessions)
      throws IOException {
    SSLServerSocket listener = listener(tls, LoopbackPorts.next());
    listener.setNeedClientAuth(true);
    return new RespServer(listener, sessions);
  }

  private static SSLServerSocket listener(SSLContext tls, int port) throws IOException {
    return bound((SSLServerSocket) tls.getServerSocketFactory().createServerSocket(), port);
  }

  /** Takes the port also while the connections of another before it are not forgotten. */
  private static <S extends ServerSocket> S bound(S listener, int port) throws IOException {
    listener.setReuseAddress(true);
    listener.bind(LoopbackPorts.address(port));
    return listener;
  }

  /** Starts one that says the same to every command. */
  static RespServer saying(String reply) throws IOException {
    return start(() -> command -> (reply + "\r\n").getBytes(StandardCharsets.UTF_8));
  }

  int port() {
    return listener.getLocalPort();
  }

  String url() {
    return "redis://127.0.0.1:" + port();
  }

  private void accept() {
    while (!listener.isClosed()) {
      try {
        Socket client = listener.accept();
        open.add(client);
        daemon(() -> serve(client));
      } catch (IOException e) {
        // The client gave up first, or the listener was closed.
        LockSupport.parkNanos(RETRY_NANOS);
      }
    }
  }

  private void serve(Socket client) {
    try (client;
        Session session = sessions.get()) {
      client.setTcpNoDelay(true);
      InputStream in = new BufferedInputStream(client.getInputStream());
      while (true) {
        byte[] reply = session.answer(command(in));
        if (reply == null) {
          return;
        }
        client.getOutputStream().write(reply);
      }
    } catch (IOException e) {
      // Either side has hung up.
      return;
    } finally {
      open.remove(client);
    }
  }

  /** Reads an array of strings, or the words of a line. */
  private static List<byte[]> command(InputStream in) throws IOException {
    String head = line(in);
    List<byte[]> words = new ArrayList<>();
    if (!head.startsWith("*")) {
      for (String word : head.split(" ", -1)) {
        words.add(word.getBytes(StandardCharsets.UTF_8));
      }
      return words;
    }
    for (int i = Integer.parseInt(head.substring(1)); i > 0; i--) {
      byte[] word = in.readNBytes(Integer.parseInt(line(in).substring(1)));
      words.add(word);
      line(in);
    }
    return words;
  }

  /** Reads one reply, as it goes over the wire. */
  static byte[] reply(InputStream in) throws IOException {
    ByteArrayOutputStream read = new ByteArrayOutputStream();
    copyReply(in, read);
    return read.toByteArray();
  }

  private static void copyReply(InputStream in, ByteArrayOutputStream to) throws IOException {
    String head = line(in);
    to.write((head + "\r\n").getBytes(StandardCharsets.UTF_8));
    int number =
        head.startsWith("$") || head.startsWith("*") ? Integer.parseInt(head.substring(1)) : 0;
    if (head.startsWith("$") && number >= 0) {
      to.write(in.readNBytes(number + 2));
    }
    for (int i = 0; head.startsWith("*") && i < number; i++) {
      copyReply(in, to);
    }
  }

  /** Writes a command as it goes over the wire. */
  static byte[] wire(List<byte[]> command) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(("*" + command.size() + "\r\n").getBytes(StandardCharsets.UTF_8));
    for (byte[] word : command) {
      out.writeBytes(("$" + word.length + "\r\n").getBytes(StandardCharsets.UTF_8));
      out.writeBytes(word);
      out.writeBytes(new byte[] {'\r', '\n'});
    }
    return out.toByteArray();
  }

  private static String line(InputStream in) throws IOException {
    ByteArrayOutputStream read = new ByteArrayOutputStream();
    for (int next = in.read(); next != '\n'; next = in.read()) {
      if (next < 0) {
        throw new EOFException();
      }
      read.write(next);
    }
    return read.toString(StandardCharsets.UTF_8).stripTrailing();
  }

  static String text(byte[] word) {
    return new String(word, StandardCharsets.UTF_8);
  }

  private static Thread daemon(Runnable task) {
    Thread thread = new Thread(task, "resp-server");
    thread.setDaemon(true);
    thread.start();
    return thread;
  }

  @Override
  public void close() throws IOException {
    listener.close();
    // The system listens on until the call of accept that is under way has returned.
    Await.until("nobody accepts", Duration.ofSeconds(10), () -> !acceptor.isAlive());
    for (Socket socket : open) {
      socket.close();
    }
  }
}
