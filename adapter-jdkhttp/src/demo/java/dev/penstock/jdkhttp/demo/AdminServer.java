package dev.penstock.jdkhttp.demo;

import com.sun.net.httpserver.HttpServer;
import dev.penstock.admin.Admin;
import dev.penstock.jdkhttp.AdminHandler;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Shows the demo to whoever administers it, on a port and with threads of its own. */
final class AdminServer implements AutoCloseable {

  private static final int THREADS = 4;

  private final HttpServer server;
  private final ExecutorService threads = Executors.newFixedThreadPool(THREADS);

  private AdminServer(HttpServer server) {
    this.server = server;
  }

  /**
   * Starts it.
   *
   * @throws IllegalArgumentException if the port cannot be opened
   */
  static AdminServer start(InetSocketAddress address, Admin admin) {
    HttpServer server;
    try {
      server = HttpServer.create(address, 0);
    } catch (IOException e) {
      throw new IllegalArgumentException(
          "ADMIN_PORT must be free at ADMIN_ADDRESS: " + address.getPort(), e);
    }
    AdminServer running = new AdminServer(server);
    server.setExecutor(running.threads);
    server.createContext("/", new AdminHandler(admin));
    server.start();
    return running;
  }

  /** {@return where the page is} */
  String url() {
    InetSocketAddress address = server.getAddress();
    String host = address.getAddress().getHostAddress();
    return "http://"
        + (host.contains(":") ? "[" + host + "]" : host)
        + ":"
        + address.getPort()
        + "/";
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
