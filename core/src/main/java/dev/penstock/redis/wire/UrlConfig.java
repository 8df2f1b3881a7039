package dev.penstock.redis.wire;

import java.time.Duration;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocketFactory;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.ClientSetInfoConfig;
import redis.clients.jedis.JedisClientConfig;

/**
 * How a connection is made: it says nothing before the first call that it does not have to.
 *
 * <p>Implements the interface of jedis by itself, as its builder has other methods in each of its
 * lines; a method that a line does not know is not called by it.
 */
public final class UrlConfig implements JedisClientConfig {

  private final int timeoutMillis;
  private final @Nullable String user;
  private final @Nullable String password;
  private final int database;
  private final boolean tls;
  private final @Nullable SSLContext context;

  /**
   * Collects what is needed.
   *
   * @param context for TLS; nothing for the JDK's own
   */
  UrlConfig(
      Duration timeout,
      @Nullable String user,
      @Nullable String password,
      int database,
      boolean tls,
      @Nullable SSLContext context) {
    this.timeoutMillis = Math.toIntExact(timeout.toMillis());
    this.user = user;
    this.password = password;
    this.database = database;
    this.tls = tls;
    this.context = context;
  }

  SSLSocketFactory socketFactory() {
    return context == null
        ? (SSLSocketFactory) SSLSocketFactory.getDefault()
        : context.getSocketFactory();
  }

  @Override
  public int getConnectionTimeoutMillis() {
    return timeoutMillis;
  }

  @Override
  public int getSocketTimeoutMillis() {
    return timeoutMillis;
  }

  @Override
  public @Nullable String getUser() {
    return user;
  }

  @Override
  public @Nullable String getPassword() {
    return password;
  }

  @Override
  public int getDatabase() {
    return database;
  }

  /** What the server speaks by default is what each of them knows. */
  @Override
  public boolean isAutoNegotiateProtocol() {
    return false;
  }

  @Override
  public ClientSetInfoConfig getClientSetInfoConfig() {
    return ClientSetInfoConfig.DISABLED;
  }

  @Override
  public boolean isSsl() {
    return tls;
  }

  @Override
  @SuppressWarnings("deprecation") // what each line of jedis reads
  public @Nullable SSLSocketFactory getSslSocketFactory() {
    return tls ? socketFactory() : null;
  }

  /** Older lines of jedis do not compare the host with the certificate by themselves. */
  @Override
  @SuppressWarnings("deprecation") // what each line of jedis reads
  public SSLParameters getSslParameters() {
    SSLParameters parameters = new SSLParameters();
    parameters.setEndpointIdentificationAlgorithm("HTTPS");
    return parameters;
  }
}
