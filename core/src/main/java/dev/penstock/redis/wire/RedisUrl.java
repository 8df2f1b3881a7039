package dev.penstock.redis.wire;

import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.Objects;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.util.JedisURIHelper;

/** The address of one server, with what is needed to speak to it. Its text may hold a password. */
public final class RedisUrl {

  private static final int DEFAULT_PORT = 6379;

  private final URI uri;

  private RedisUrl(URI uri) {
    this.uri = uri;
  }

  public static RedisUrl parse(String url) {
    Objects.requireNonNull(url, "url");
    URI uri;
    try {
      uri = new URI(url);
    } catch (URISyntaxException e) {
      throw error("a URL", url);
    }
    if (!"redis".equals(uri.getScheme()) && !"rediss".equals(uri.getScheme())) {
      throw error("of the scheme redis or rediss", url);
    }
    if (uri.getHost() == null) {
      throw error("with a host", url);
    }
    String path = uri.getPath() == null ? "" : uri.getPath();
    if (!path.matches("|/|/[0-9]{1,5}") || uri.getQuery() != null || uri.getFragment() != null) {
      throw error("with nothing behind the port but the number of a database", url);
    }
    return new RedisUrl(uri);
  }

  public boolean isTls() {
    return JedisURIHelper.isRedisSSLScheme(uri);
  }

  public HostAndPort address() {
    return new HostAndPort(uri.getHost(), uri.getPort() < 0 ? DEFAULT_PORT : uri.getPort());
  }

  /**
   * Returns how to connect.
   *
   * @param timeout of a call; to connect may take longer
   * @param tls what to trust, and who we are; nothing for the JDK's own
   */
  public UrlConfig config(Duration timeout, @Nullable SSLContext tls) {
    boolean brief = timeout.compareTo(OwnConnections.LEAST_OPENING) < 0;
    return new UrlConfig(
        brief ? OwnConnections.LEAST_OPENING : timeout,
        JedisURIHelper.getUser(uri),
        JedisURIHelper.getPassword(uri),
        JedisURIHelper.getDBIndex(uri),
        isTls(),
        tls);
  }

  private static IllegalArgumentException error(String constraint, String url) {
    return new IllegalArgumentException(
        "url must be " + constraint + ", as redis://user:password@host:6379/0: " + hidden(url));
  }

  /**
   * Leaves out what may be a secret: all before the last at sign, all behind a question mark or a
   * hash, and the whole where a password may stand in place of the port.
   */
  private static String hidden(String url) {
    int at = url.lastIndexOf('@');
    String shown = url.substring(at + 1).replaceFirst("(?s)[?#].*", "...");
    if (at >= 0) {
      return "...@" + shown;
    }
    return shown.matches("(?s)([^:]*://)?([^:]+(:[0-9]*(/[^:]*)?)?)?") ? shown : "...";
  }
}
