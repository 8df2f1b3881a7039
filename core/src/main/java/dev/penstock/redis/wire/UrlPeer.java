package dev.penstock.redis.wire;

import java.io.EOFException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.exceptions.JedisException;

/**
 * The server that a URL names. What listens there may be no Redis, or one that is spoken to in the
 * wrong way: such a one often ends the connection without a word, as a Redis does that goes away.
 */
public final class UrlPeer implements RedisPeer {

  private static final int TIMEOUT_MILLIS = 1_000;
  private static final int AFTER_HANDSHAKE_MILLIS = 200;
  private static final byte[] PING = "*1\r\n$4\r\nPING\r\n".getBytes(StandardCharsets.US_ASCII);
  private static final int BEGINNING = 5;

  /** How far a handshake came, and what ended it. */
  private record Handshake(boolean done, @Nullable IOException failure) {}

  private final HostAndPort address;
  private final UrlConfig config;

  public UrlPeer(HostAndPort address, UrlConfig config) {
    this.address = address;
    this.config = config;
  }

  @Override
  public String name() {
    return "Redis at " + address;
  }

  @Override
  public boolean isFixed() {
    return true;
  }

  @Override
  public boolean isAlone() {
    return true;
  }

  @Override
  public String hide(String text) {
    @Nullable String password = config.getPassword();
    return password == null || password.isEmpty() ? text : text.replace(password, "...");
  }

  @Override
  public Optional<UnusableException> lookInto(RuntimeException failure, String key) {
    if (!isWordless(failure)) {
      return Optional.empty();
    }
    String beginning = beginning();
    boolean redis = beginning.startsWith("+") || beginning.startsWith("-");
    if (config.isSsl()) {
      return redis
          ? Optional.of(TlsErrors.plain())
          : Optional.ofNullable(handshake().failure()).flatMap(TlsErrors::refusal);
    }
    if (beginning.startsWith("HTTP/")) {
      return Optional.of(
          new UnusableException("it speaks HTTP", "correct host and port", beginning + "..."));
    }
    if (redis) {
      return endsOnScripts(key)
          ? Optional.of(
              new UnusableException(
                  "it ends the connection that sends EVAL", RedisErrors.SCRIPTED, ""))
          : Optional.empty();
    }
    return speaksTls() ? Optional.of(TlsErrors.encrypted()) : Optional.empty();
  }

  /** Returns whether somebody was there, and neither a reply nor a certificate came. */
  private boolean isWordless(RuntimeException failure) {
    if (!(failure instanceof JedisConnectionException) || TlsErrors.refusal(failure).isPresent()) {
      return false;
    }
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof JedisDataException
          || cause instanceof ConnectException
          || cause instanceof UnknownHostException
          || isConnecting(cause)) {
        return false;
      }
    }
    // A slow server is not asked still more, but one that waits for the rest of a handshake is.
    return config.isSsl() || !RedisErrors.isLate(failure);
  }

  private static boolean isConnecting(Throwable e) {
    return String.valueOf(e.getMessage()).startsWith("Connect timed out");
  }

  private String beginning() {
    try (Socket socket = connected()) {
      socket.getOutputStream().write(PING);
      byte[] read = socket.getInputStream().readNBytes(BEGINNING);
      return new String(read, StandardCharsets.US_ASCII);
    } catch (IOException e) {
      // Then it says nothing.
      return "";
    }
  }

  private boolean speaksTls() {
    Handshake made = handshake();
    return made.done() || (made.failure() != null && TlsErrors.showsTls(made.failure()));
  }

  /**
   * Shakes hands, and sends no word of ours behind it: a server that refuses our certificate says
   * so only then, and may hang up on what is written meanwhile.
   */
  private Handshake handshake() {
    boolean done = false;
    try (Socket socket = connected();
        SSLSocket tls =
            (SSLSocket)
                config
                    .socketFactory()
                    .createSocket(socket, address.getHost(), address.getPort(), true)) {
      tls.startHandshake();
      done = true;
      tls.setSoTimeout(AFTER_HANDSHAKE_MILLIS);
      return new Handshake(done, tls.getInputStream().read() < 0 ? new EOFException() : null);
    } catch (IOException e) {
      // A server that waits for a command is late.
      return new Handshake(done, e);
    }
  }

  private Socket connected() throws IOException {
    Socket socket = new Socket();
    try {
      socket.connect(new InetSocketAddress(address.getHost(), address.getPort()), TIMEOUT_MILLIS);
      socket.setSoTimeout(TIMEOUT_MILLIS);
      return socket;
    } catch (IOException e) {
      socket.close();
      throw e;
    }
  }

  /** Returns whether it answers a command, and then hangs up on a script, as it did before. */
  private boolean endsOnScripts(String key) {
    boolean answered = false;
    try (BoundedConnection connection = new BoundedConnection(address, config, TIMEOUT_MILLIS)) {
      answered = answersGet(connection, key);
      connection.jedis().eval("return 1", 1, key);
      return false;
    } catch (JedisException e) {
      return answered && e instanceof JedisConnectionException && !RedisErrors.isLate(e);
    }
  }

  private static boolean answersGet(BoundedConnection connection, String key) {
    try {
      connection.jedis().get(key);
      return true;
    } catch (JedisDataException e) {
      // No is an answer.
      return true;
    }
  }
}
