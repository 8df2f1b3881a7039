package dev.penstock.redis.wire;

import java.io.IOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.LinkedTransferQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.UnifiedJedis;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.exceptions.JedisDataException;

/**
 * Connections to one server, at most {@value #MAX_CONNECTIONS}.
 *
 * <p>No request ever connects: authentication, TLS and the choice of a database take a round trip
 * each, and against a slow server more time than a request has. Connections are opened by threads
 * of their own, which end when there is nothing to do: some ahead, more when requests wait.
 *
 * <p>Nor does a request find one that was idle and is dead, if that can be helped: servers, proxies
 * and networks end connections that are silent for some seconds or minutes, some without a word. So
 * a thread ({@link IdleKeeper}) asks for a sign of life on each that has been silent for half a
 * second, replaces those that give none, and closes what nobody has needed for a minute.
 *
 * <p>A call that finds no connection free waits for three fifths of the timeout at most, and has
 * what is left of it for the answer. A call that is not answered in four fifths of the timeout says
 * something of the server. One that had no connection, or got it too late, does not, but every
 * failure to open one does, and is reported.
 */
public final class OwnConnections implements RedisConnection {

  static final int MAX_CONNECTIONS = 64;

  private static final int AHEAD = 4;
  private static final int OPENING_AT_ONCE = 8;
  private static final Duration LONGEST_REST = Duration.ofSeconds(60);

  /** To open one takes several round trips, and no request waits for them all. */
  static final Duration LEAST_OPENING = Duration.ofSeconds(1);

  public static final Duration KEEP_ALIVE = Duration.ofMillis(500);

  /** What became of an idle connection that was looked after. */
  private enum Kept {
    YES,
    NOT,
    LOST
  }

  private final HostAndPort address;
  private final UrlConfig config;
  private final long timeoutNanos;
  private final int timeoutMillis;
  private final long longestWaitNanos;
  private final long answerNanos;
  private final Duration keepAlive;
  private final ThreadPoolExecutor openers;

  /** Connections that nobody uses; empty for whoever waits for one that could not be opened. */
  private final LinkedTransferQueue<Optional<BoundedConnection>> idle = new LinkedTransferQueue<>();

  private final AtomicInteger waiting = new AtomicInteger();
  private final AtomicInteger opening = new AtomicInteger();

  /** Connections that are open or being opened. */
  private final AtomicInteger open = new AtomicInteger();

  private final LongAdder opened = new LongAdder();
  private final AtomicReference<@Nullable Thread> keeper = new AtomicReference<>();
  private volatile ConnectionListener listener = ConnectionListener.NOBODY;
  private volatile boolean closed;

  /**
   * Makes no connection yet.
   *
   * @param keepAlive how often idle connections are looked after
   */
  public OwnConnections(
      HostAndPort address, UrlConfig config, Duration timeout, Duration keepAlive) {
    this.address = address;
    this.config = config;
    this.timeoutNanos = timeout.toNanos();
    this.timeoutMillis = Math.toIntExact(timeout.toMillis());
    this.longestWaitNanos = timeoutNanos / 5 * 3;
    this.answerNanos = timeoutNanos / 5 * 4;
    this.keepAlive = keepAlive;
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
    BoundedConnection found = free();
    BoundedConnection connection = found == null ? awaited(since + longestWaitNanos) : found;
    long now = System.nanoTime();
    long left =
        found == null ? Math.max(since + timeoutNanos - now, timeoutNanos / 5) : answerNanos;
    connection.answerBy(now + Math.min(left, answerNanos));
    try {
      return run(commands, connection);
    } catch (JedisConnectionException e) {
      if (!(e.getCause() instanceof SocketTimeoutException)) {
        // Whoever ends one connection has most likely ended the others.
        closeIdle();
        openAheadLater();
      } else if (left < answerNanos) {
        throw new NoConnectionException("there was one too late for an answer");
      }
      throw e;
    }
  }

  @Override
  public <T> T callAnew(Function<UnifiedJedis, T> commands) {
    closeIdle();
    open.incrementAndGet();
    T result = run(commands, connect());
    openAheadLater();
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
  public long opened() {
    return opened.sum();
  }

  @Override
  public void listen(ConnectionListener told) {
    listener = told;
  }

  @Override
  public void close() {
    closed = true;
    openers.shutdown();
    closeIdle();
    LockSupport.unpark(keeper.get());
  }

  private <T> T run(Function<UnifiedJedis, T> commands, BoundedConnection connection) {
    try {
      return commands.apply(connection.jedis());
    } catch (JedisDataException e) {
      if (WrongServer.says(e)) {
        connection.setBroken();
        closeIdle();
        openAheadLater();
      }
      throw e;
    } finally {
      release(connection);
    }
  }

  private @Nullable BoundedConnection free() {
    var next = idle.poll();
    return next == null ? null : next.orElseThrow();
  }

  /**
   * Looks after each connection that nobody uses, one after the other, so that the others stay at
   * hand; returns whether to go on.
   */
  boolean keep() {
    boolean lost = false;
    for (int i = idle.size(); i > 0 && !closed; i--) {
      @Nullable BoundedConnection connection = free();
      if (connection != null) {
        lost |= keep(connection) == Kept.LOST;
      }
    }
    if (lost) {
      listener.onIdleLost();
    }
    if (open.get() < AHEAD) {
      openAheadLater();
    }
    return !closed;
  }

  private Kept keep(BoundedConnection connection) {
    if (open.get() > AHEAD && connection.hasRestedFor(LONGEST_REST.toNanos())) {
      discard(connection);
      return Kept.NOT;
    }
    try {
      if (connection.hasBeenSilentFor(keepAlive.toNanos() / 2)) {
        connection.keepAlive(timeoutMillis);
      }
    } catch (JedisConnectionException e) {
      discard(connection);
      return RedisErrors.isLate(e) ? Kept.NOT : Kept.LOST;
    }
    offer(connection);
    return Kept.YES;
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

  private void openAheadLater() {
    if (!closed) {
      try {
        openers.execute(this::openAhead);
      } catch (RejectedExecutionException e) {
        // It has been closed meanwhile.
        return;
      }
      if (keeper.get() == null) {
        startKeeper();
      }
    }
  }

  private void startKeeper() {
    Thread thread = IdleKeeper.thread(this, keepAlive);
    if (keeper.compareAndSet(null, thread)) {
      thread.start();
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
      listener.onOpeningFailed(e);
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
      BoundedConnection connection = new BoundedConnection(address, config, timeoutMillis);
      opened.increment();
      return connection;
    } catch (RuntimeException e) {
      open.decrementAndGet();
      throw e;
    }
  }

  private void release(BoundedConnection connection) {
    connection.rest();
    offer(connection);
  }

  private void offer(BoundedConnection connection) {
    if (connection.isBroken()) {
      discard(connection);
      return;
    }
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
