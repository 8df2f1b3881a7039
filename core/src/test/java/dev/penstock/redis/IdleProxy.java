package dev.penstock.redis;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import javax.net.ServerSocketFactory;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * A proxy on a loopback port, over TLS if wanted, that treats connections as proxies and networks
 * do: it ends those that are silent for some time, in order or by forgetting them, and it may lead
 * new ones to another server while the old ones stay where they are.
 */
final class IdleProxy implements AutoCloseable {

  private static final long RETRY_NANOS = 1_000_000;
  private static final int BUFFER = 16 * 1024;

  private final ServerSocket listener;
  private final Duration mostSilence;
  private final Set<Link> links = ConcurrentHashMap.newKeySet();
  private final AtomicInteger accepted = new AtomicInteger();
  private final AtomicInteger messages = new AtomicInteger();
  private volatile int target;

  private IdleProxy(int target, Duration mostSilence, ServerSocketFactory sockets)
      throws IOException {
    this.target = target;
    this.mostSilence = mostSilence;
    this.listener = sockets.createServerSocket();
    listener.bind(LoopbackPorts.address(0));
    daemon(this::accept);
  }

  static IdleProxy to(int target, Duration mostSilence) throws IOException {
    return new IdleProxy(target, mostSilence, ServerSocketFactory.getDefault());
  }

  static IdleProxy overTls(int target, Duration mostSilence, SSLContext tls) throws IOException {
    return new IdleProxy(target, mostSilence, tls.getServerSocketFactory());
  }

  int port() {
    return listener.getLocalPort();
  }

  String url() {
    return "redis://" + LoopbackPorts.HOST + ":" + port();
  }

  /** Returns how many connections there have been. */
  int accepted() {
    return accepted.get();
  }

  /** Returns how many messages clients have sent. */
  int messages() {
    return messages.get();
  }

  int open() {
    return links.size();
  }

  /** Leads new connections to another server. */
  void leadTo(int port) {
    target = port;
  }

  /** Ends all connections in order. */
  void endAll() {
    links.forEach(Link::close);
  }

  /** Forgets all connections: what comes on them is swallowed, and nobody is told. */
  void forgetAll() {
    links.forEach(link -> link.forgotten = true);
  }

  private void accept() {
    while (!listener.isClosed()) {
      try {
        Link link = new Link(listener.accept());
        accepted.incrementAndGet();
        links.add(link);
        daemon(link::open);
      } catch (IOException e) {
        // The client gave up first, or the proxy is closed.
        LockSupport.parkNanos(RETRY_NANOS);
      }
    }
  }

  private static void daemon(Runnable task) {
    Thread thread = new Thread(task, "idle-proxy");
    thread.setDaemon(true);
    thread.start();
  }

  @Override
  public void close() throws IOException {
    listener.close();
    endAll();
  }

  private final class Link {

    private final Socket client;
    private volatile @Nullable Socket server;
    private volatile boolean forgotten;

    Link(Socket client) {
      this.client = client;
    }

    void open() {
      try (Socket toServer = new Socket()) {
        client.setTcpNoDelay(true);
        client.setSoTimeout(Math.toIntExact(mostSilence.toMillis()));
        toServer.setTcpNoDelay(true);
        toServer.connect(LoopbackPorts.address(target));
        server = toServer;
        daemon(() -> pump(toServer, client, false));
        pump(client, toServer, true);
      } catch (IOException e) {
        close();
      }
    }

    private void pump(Socket from, Socket to, boolean fromClient) {
      byte[] buffer = new byte[BUFFER];
      try {
        InputStream in = from.getInputStream();
        OutputStream out = to.getOutputStream();
        for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
          if (fromClient) {
            messages.incrementAndGet();
          }
          if (!forgotten) {
            out.write(buffer, 0, n);
          }
        }
      } catch (SocketTimeoutException e) {
        // Silent for too long.
        return;
      } catch (IOException e) {
        // Either side is gone: the other goes as well.
        return;
      } finally {
        close();
      }
    }

    void close() {
      links.remove(this);
      Socket toServer = server;
      try {
        client.close();
        if (toServer != null) {
          toServer.close();
        }
      } catch (IOException e) {
        // It is as closed as it can be.
        return;
      }
    }
  }
}
