package dev.penstock.redis;

import java.net.URI;
import java.util.Optional;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.exceptions.JedisException;

/**
 * The server for tests that harm no server, started once per JVM: the one that {@code REDIS_URL}
 * names, else a container where a Docker engine answers, else a {@link RedisServer}. It keeps what
 * other tests left, so each test has keys of its own, and none flushes.
 */
public final class SharedRedis {

  private static final String VARIABLE = "REDIS_URL";

  private record Found(String url, String source) {}

  private static final class Holder {
    static final Found FOUND = announced(find());
  }

  private SharedRedis() {}

  /** Returns the server's address, after the first call has started it and printed its source. */
  public static String url() {
    return Holder.FOUND.url();
  }

  private static Found announced(Found found) {
    System.out.println("Tests that share a Redis take " + found.source());
    return found;
  }

  private static Found find() {
    String external = System.getenv(VARIABLE);
    if (external != null && !external.isBlank()) {
      return external(external);
    }
    Optional<String> container = RedisContainer.start();
    return container
        .map(url -> new Found(url, "a container of " + RedisContainer.IMAGE))
        .orElseGet(() -> new Found(RedisServer.start().url(), "a server of their own"));
  }

  private static Found external(String url) {
    try (Jedis jedis = new Jedis(URI.create(url))) {
      jedis.ping();
    } catch (JedisException | IllegalArgumentException e) {
      // Without the cause: its message may hold the whole address, and the password in it.
      throw new IllegalStateException(
          VARIABLE
              + " must name a Redis that answers, or be unset to start one: "
              + e.getClass().getName());
    }
    return new Found(url, "the one that " + VARIABLE + " names");
  }
}
