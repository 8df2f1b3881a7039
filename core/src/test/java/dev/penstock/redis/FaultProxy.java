package dev.penstock.redis;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A network that fails on demand: a TCP proxy on a loopback port of its own in front of another. A
 * new one passes everything. The mode is changed by one thread and holds for connections that are
 * open as for new ones.
 */
public final class FaultProxy implements AutoCloseable {

  private enum Mode {
    PASS,
    DELAY,
    CUT,
    RESET,
    MUTE,
    BLACK_HOLE
  }

  private record State(Mode mode, long delayNanos) {}

  private static final Duration STOPPED = Duration.ofSeconds(10);
  private static final State PASS = new State(Mode.PASS, 0);
  private static final Duration BIND = Duration.ofSeconds(5);
  private static final long RETRY_NANOS = 1_000_000;
  private static final int BUFFER = 16 * 1024;

  private final int port;
  private final int target;
  private final Set<Link> links = ConcurrentHashMap.newKeySet();
  private final AtomicInteger accepted = new AtomicInteger();
  private volatile State state = PASS;
  private @Nullable ServerSocket listener;
  private @Nullable Thread acceptor;

  private FaultProxy(int target) {
    this.port = LoopbackPorts.next();
    this.target = target;
    listen();
  }

  /** Starts a proxy in front of a loopback port, on which nobody need listen. */
  public static FaultProxy to(int target) {
    return new FaultProxy(target);
  }

  public int port() {
    return port;
  }

  /** Returns the address for a server without a password. */
  public String url() {
    return "redis://" + LoopbackPorts.HOST + ":" + port;
  }

  /** Returns how many connections there have been. */
  public int accepted() {
    return accepted.get();
  }

  /** Hands on every byte at once; a connection that has lost some by then is closed. */
  public void pass() {
    enter(PASS);
  }

  /** Hands on what the client sends, read by read, this much later; answers at once. */
  public void delay(Duration delay) {
    enter(new State(Mode.DELAY, delay.toNanos()));
  }

  /** Closes every connection in order, and refuses new ones. */
  public void cut() {
    enter(new State(Mode.CUT, 0));
  }

  /** Aborts every connection by RST, and every new one as soon as it stands. */
  public void reset() {
    enter(new State(Mode.RESET, 0));
  }

  /** Hands on what the client sends, and swallows every answer. */
  public void mute() {
    enter(new State(Mode.MUTE, 0));
  }

  /** Accepts connections, swallows every byte of either side, and never answers. */
  public void blackHole() {
    enter(new State(Mode.BLACK_HOLE, 0));
  }

  private void enter(State next) {
    Mode previous = state.mode;
    state = next;
    if (next.mode == Mode.CUT) {
      stopListening();
    }
    if (next.mode == Mode.CUT || next.mode == Mode.RESET || swallows(previous)) {
      links.forEach(link -> link.close(next.mode == Mode.RESET));
    }
    if (next.mode != Mode.CUT) {
      listen();
    }
  }

  private static boolean swallows(Mode mode) {
    return mode == Mode.MUTE || mode == Mode.BLACK_HOLE;
  }

  private void listen() {
    if (listener == null) {
      Await.until("port " + port + " for a proxy", BIND, this::bind);
      ServerSocket bound = Objects.requireNonNull(listener);
      acceptor = daemon(() -> accept(bound));
    }
  }

  private boolean bind() throws IOException {
    ServerSocket socket = new ServerSocket();
    socket.setReuseAddress(true);
    socket.bind(LoopbackPorts.address(port));
    listener = socket;
    return true;
  }

  private void stopListening() {
    ServerSocket bound = listener;
    listener = null;
    if (bound != null) {
      closeQuietly(bound);
      Thread accepting = Objects.requireNonNull(acceptor);
      // The system listens on until the call of accept that is under way has returned.
      Await.until("nobody accepts", STOPPED, () -> !accepting.isAlive());
    }
  }

  private void accept(ServerSocket bound) {
    while (!bound.isClosed()) {
      try {
        open(new Link(bound.accept()));
      } catch (IOException e) {
        // The client gave up first, or the listener was closed.
        LockSupport.parkNanos(RETRY_NANOS);
      }
    }
  }

  /** Enters the link before it looks at the state, so that a change of state finds it. */
  private void open(Link link) {
    accepted.incrementAndGet();
    links.add(link);
    Mode mode = state.mode;
    if (mode == Mode.CUT || mode == Mode.RESET) {
      link.close(mode == Mode.RESET);
    } else {
      daemon(link::open);
    }
  }

  private static Thread daemon(Runnable task) {
    Thread thread = new Thread(task, "fault-proxy");
    thread.setDaemon(true);
    thread.start();
    return thread;
  }

  private static void closeQuietly(AutoCloseable closeable) {
    try {
      closeable.close();
    } catch (Exception e) {
      // It is as closed as it can be.
      return;
    }
  }

  /** A client's connection and the one to the target that belongs to it. */
  private final class Link {

    private final Socket client;
    private final Socket server = new Socket();

    Link(Socket client) {
      this.client = client;
    }

    void open() {
      try {
        client.setTcpNoDelay(true);
        if (state.mode == Mode.BLACK_HOLE) {
          pump(client.getInputStream(), OutputStream.nullOutputStream(), false);
          return;
        }
        server.setTcpNoDelay(true);
        server.connect(LoopbackPorts.address(target));
        InputStream answers = server.getInputStream();
        OutputStream toClient = client.getOutputStream();
        daemon(() -> pump(answers, toClient, false));
        pump(client.getInputStream(), server.getOutputStream(), true);
      } catch (IOException e) {
        close(false);
      }
    }

    private void pump(InputStream in, OutputStream out, boolean fromClient) {
      byte[] buffer = new byte[BUFFER];
      try {
        for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
          if (fromClient) {
            await(System.nanoTime() + state.delayNanos);
          }
          if (isPassed(fromClient)) {
            out.write(buffer, 0, n);
          }
        }
      } catch (IOException e) {
        // Either side is gone: the other goes as well.
        return;
      } finally {
        close(false);
      }
    }

    private boolean isPassed(boolean fromClient) {
      Mode mode = state.mode;
      return mode != Mode.BLACK_HOLE && (fromClient || mode != Mode.MUTE);
    }

    private void await(long deadline) {
      for (long rest = deadline - System.nanoTime();
          rest > 0 && !client.isClosed();
          rest = deadline - System.nanoTime()) {
        LockSupport.parkNanos(rest);
      }
    }

    void close(boolean abort) {
      links.remove(this);
      try {
        if (abort) {
          client.setSoLinger(true, 0);
        }
      } catch (IOException e) {
        // The client is gone already.
        return;
      } finally {
        closeQuietly(client);
        closeQuietly(server);
      }
    }
  }

  @Override
  public void close() {
    cut();
  }
}
