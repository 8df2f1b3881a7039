package dev.penstock.jwt;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;

/** A server on the loopback interface that answers every request alike. */
final class KeyServer implements AutoCloseable {

  private final HttpServer server;
  private final AtomicInteger requests = new AtomicInteger();
  private volatile int status = 200;
  private volatile byte[] body = new byte[0];
  private volatile CountDownLatch held = new CountDownLatch(0);

  KeyServer(String body) throws IOException {
    this(body, HttpServer.create(loopback(0), 0));
  }

  private KeyServer(String body, HttpServer server) {
    this.body = body.getBytes(UTF_8);
    this.server = server;
    server.createContext("/", this::answer);
    server.start();
  }

  /** Starts a server that shows a certificate, on a free port where {@code port} is 0. */
  static KeyServer overTls(String body, int port, SSLContext tls) throws IOException {
    HttpsServer server = HttpsServer.create(loopback(port), 0);
    server.setHttpsConfigurator(new HttpsConfigurator(tls));
    return new KeyServer(body, server);
  }

  private static InetSocketAddress loopback(int port) {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
  }

  int port() {
    return server.getAddress().getPort();
  }

  URI url() {
    String scheme = server instanceof HttpsServer ? "https" : "http";
    return URI.create(scheme + "://127.0.0.1:" + port() + "/keys?secret=s");
  }

  int requests() {
    return requests.get();
  }

  void serve(String text) {
    serve(200, text.getBytes(UTF_8));
  }

  void serve(int newStatus, byte[] newBody) {
    status = newStatus;
    body = newBody;
  }

  /** Withholds the next answers until {@link #release}. */
  void hold() {
    held = new CountDownLatch(1);
  }

  void release() {
    held.countDown();
  }

  private void answer(HttpExchange exchange) throws IOException {
    requests.incrementAndGet();
    try (exchange) {
      held.await();
      exchange.getResponseHeaders().add("Location", "/elsewhere");
      exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
      exchange.getResponseBody().write(body);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    release();
    server.stop(0);
  }
}
