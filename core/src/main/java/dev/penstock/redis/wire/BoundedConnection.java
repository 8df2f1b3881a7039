package dev.penstock.redis.wire;

import java.io.IOException;
import java.net.SocketTimeoutException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.CommandObject;
import redis.clients.jedis.Connection;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.Protocol;
import redis.clients.jedis.UnifiedJedis;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.exceptions.JedisDataException;

/**
 * A connection whose commands share a deadline, once there is one; until then each has a timeout of
 * its own. To open it may take the timeouts of the configuration. For one thread at a time.
 */
final class BoundedConnection extends Connection {

  private final UrlSocket socket;
  private @Nullable UnifiedJedis jedis;
  private boolean hasDeadline;
  private long deadline;
  private long usedAt;
  private long answeredAt;

  /** Connects and, where that is needed, authenticates and selects the database. */
  BoundedConnection(HostAndPort address, UrlConfig config, int timeoutMillis) {
    this(new UrlSocket(address, config), config);
    setSoTimeout(timeoutMillis);
  }

  private BoundedConnection(UrlSocket socket, UrlConfig config) {
    super(socket, config);
    this.socket = socket;
    rest();
  }

  UnifiedJedis jedis() {
    UnifiedJedis known = jedis == null ? new OneConnection(this) : jedis;
    jedis = known;
    return known;
  }

  /** Sets until when the next commands must be answered, by {@link System#nanoTime}. */
  void answerBy(long nanoTime) {
    hasDeadline = true;
    deadline = nanoTime;
  }

  /** Says that the connection is not used from now on. */
  void rest() {
    usedAt = System.nanoTime();
    answeredAt = usedAt;
  }

  boolean hasRestedFor(long nanos) {
    return System.nanoTime() - usedAt > nanos;
  }

  boolean hasBeenSilentFor(long nanos) {
    return System.nanoTime() - answeredAt > nanos;
  }

  /**
   * Asks for the time, which whoever may run the script may do, and which keeps the connection open
   * on the way and at the server; while it is not used.
   *
   * @throws JedisConnectionException if there is no answer within the timeout
   */
  void keepAlive(int timeoutMillis) {
    hasDeadline = false;
    setSoTimeout(timeoutMillis);
    try {
      executeCommand(Protocol.Command.TIME);
    } catch (JedisDataException e) {
      if (WrongServer.says(e)) {
        setBroken();
      }
    }
    answeredAt = System.nanoTime();
  }

  @Override
  public <T> T executeCommand(CommandObject<T> command) {
    if (hasDeadline) {
      long nanosLeft = deadline - System.nanoTime();
      if (nanosLeft <= 0) {
        throw new JedisConnectionException(new SocketTimeoutException("no time left"));
      }
      setSoTimeout(Math.toIntExact(TimeUnit.NANOSECONDS.toMillis(nanosLeft) + 1));
    }
    return super.executeCommand(command);
  }

  /** Is what jedis 7 and later have by themselves: nothing is written any more. */
  @Override
  public void forceDisconnect() throws IOException {
    setBroken();
    socket.close();
  }

  /** The commands of jedis on one connection. */
  static final class OneConnection extends UnifiedJedis {

    private final Connection connection;

    @SuppressWarnings("deprecation") // what each line of jedis has
    private OneConnection(Connection connection) {
      super(connection);
      this.connection = connection;
    }

    /** Sends scripts all at once; returns what is said to each, a reply or an error. */
    List<Object> askAll(List<byte[][]> evalshas) {
      List<Object> said = new ArrayList<>(evalshas.size());
      ClusterNodes.exchange(connection, evalshas, said);
      return said;
    }
  }
}
