package dev.penstock.redis;

import java.io.IOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.LinkedTransferQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.JedisClientConfig;
import redis.clients.jedis.UnifiedJedis;
import redis.clients.jedis.exceptions.JedisConnectionException;

/**
 * Connections to one server, at most {@value #MAX_CONNECTIONS}.
 *
 * <p>No request ever connects: authentication, TLS and the choice of a database take a round trip
 * each, and against a slow server more time than a request has. Connections are opened by threads
 * of their own, which end when there is nothing to do: some ahead, more when requests wait.
 *
 * <p>A call that finds no connection free waits for a fifth of the timeout, so that most of it is
 * left for the answer: a call that is not answered in so much time says something of the server.
 * One without a connection does not, but every failure to open one does, and is reported.
 */
final class OwnConnections implements RedisConnection {

  static final int MAX_CONNECTIONS = 64;

  private static final int AHEAD = 4;
  private static final int OPENING_AT_ONCE = 8;
  private static final Duration LONGEST_REST = Duration.ofSeconds(60);

  private final HostAndPort address;
  private final JedisClientConfig config;
  private final long timeoutNanos;
  private final long longestWaitNanos;
  private final Consumer<RuntimeException> openingFailed;
  private final ThreadPoolExecutor openers;

  /** Connections that nobody uses; empty for whoever waits for one that could not be opened. */
  private final LinkedTransferQueue<Optional<BoundedConnection>> idle = new LinkedTransferQueue<>();

  private final AtomicInteger waiting = new AtomicInteger();
  private final AtomicInteger opening = new AtomicInteger();

  /** Connections that are open or being opened. */
  private final AtomicInteger open = new AtomicInteger();

  private volatile boolean closed;

  /**
   * Makes no connection yet.
   *
   * @param openingFailed is told, on any thread, when a connection for a request cannot be opened
   */
  OwnConnections(
      HostAndPort address,
      JedisClientConfig config,
      Duration timeout,
      Consumer<RuntimeException> openingFailed) {
    this.address = address;
    this.config = config;
    this.timeoutNanos = timeout.toNanos();
    this.longestWaitNanos = timeoutNanos / 5;
    this.openingFailed = openingFailed;
    this.openers =
        new ThreadPoolExecutor(
            OPENING_AT_ONCE,
            OPENING_AT_ONCE,
            1,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            OwnConnections::thread);
    openers.allowCoreThreadTimeOut(true);
  }

  @Override
  public <T> T call(long since, Function<UnifiedJedis, T> commands) {
    BoundedConnection found = rested();
    BoundedConnection connection = found == null ? awaited(since + longestWaitNanos) : found;
    connection.answerBy(System.nanoTime() + timeoutNanos - longestWaitNanos);
    try {
      return run(commands, connection);
    } catch (JedisConnectionException e) {
      if (!(e.getCause() instanceof SocketTimeoutException)) {
        // Whoever ends one connection has most likely ended the others.
        closeIdle();
      }
      throw e;
    }
  }

  @Override
  public <T> T callAnew(Function<UnifiedJedis, T> commands) {
    closeIdle();
    open.incrementAndGet();
    T result = run(commands, connect());
    openers.execute(this::openAhead);
    return result;
  }

  @Override
  public long timeoutNanos() {
    return timeoutNanos;
  }

  @Override
  public boolean isCluster() {
    return false;
  }

  @Override
  public void close() {
    closed = true;
    openers.shutdown();
    closeIdle();
  }

  private <T> T run(Function<UnifiedJedis, T> commands, BoundedConnection connection) {
    try {
      return commands.apply(connection.jedis());
    } finally {
      release(connection);
    }
  }

  /**
   * Returns a connection that nobody uses; a long idle one may be dead, as networks forget them.
   */
  private @Nullable BoundedConnection rested() {
    for (var next = idle.poll(); next != null; next = idle.poll()) {
      BoundedConnection connection = next.orElseThrow();
      if (!connection.hasRestedFor(LONGEST_REST.toNanos())) {
        return connection;
      }
      discard(connection);
    }
    return null;
  }

  private BoundedConnection awaited(long deadline) {
    waiting.incrementAndGet();
    try {
      openForWaiting();
      return polled(deadline);
    } finally {
      waiting.decrementAndGet();
    }
  }

  /** Is not interrupted, as others may wait for what this call brings. */
  private BoundedConnection polled(long deadline) {
    boolean interrupted = false;
    try {
      while (true) {
        try {
          var next = idle.poll(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
          if (next == null) {
            throw new NoConnectionException("none was free in time");
          }
          return next.orElseThrow(() -> new NoConnectionException("none could be opened"));
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** Opens one more, unless as many are being opened as requests wait. */
  private void openForWaiting() {
    if (opening.get() < waiting.get() && reserve(MAX_CONNECTIONS)) {
      opening.incrementAndGet();
      openers.execute(
          () -> {
            openReserved();
            opening.decrementAndGet();
          });
    }
  }

  /** One after the other, so that a server which wants no more is asked once. */
  private void openAhead() {
    boolean opened = true;
    while (opened && !closed && reserve(AHEAD)) {
      opened = openReserved();
    }
  }

  private boolean openReserved() {
    try {
      release(connect());
      return true;
    } catch (RuntimeException e) {
      openingFailed.accept(e);
      // Only to a request that waits now.
      idle.tryTransfer(Optional.empty());
      return false;
    }
  }

  private boolean reserve(int most) {
    if (open.incrementAndGet() <= most) {
      return true;
    }
    open.decrementAndGet();
    return false;
  }

  private BoundedConnection connect() {
    try {
      return new BoundedConnection(address, config);
    } catch (RuntimeException e) {
      open.decrementAndGet();
      throw e;
    }
  }

  private void release(BoundedConnection connection) {
    if (connection.isBroken()) {
      discard(connection);
      return;
    }
    connection.rest();
    idle.add(Optional.of(connection));
    if (closed) {
      closeIdle();
    }
  }

  private void closeIdle() {
    for (var next = idle.poll(); next != null; next = idle.poll()) {
      discard(next.orElseThrow());
    }
  }

  private void discard(BoundedConnection connection) {
    open.decrementAndGet();
    try {
      connection.forceDisconnect();
    } catch (IOException e) {
      // It is as closed as it can be.
      return;
    }
  }

  private static Thread thread(Runnable task) {
    Thread thread = new Thread(task, "penstock-redis-connect");
    thread.setDaemon(true);
    return thread;
  }
}
