package dev.penstock.benchmarks;

import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.redisson.Redisson;
import org.redisson.api.RFuture;
import org.redisson.api.RRateLimiter;
import org.redisson.api.RateType;
import org.redisson.api.RedissonClient;
import org.redisson.config.Config;

/**
 * Redisson's {@code RRateLimiter}, one for each name, with the setting that serves it best: scripts
 * by their digest, as ours are, and not as text with every call; a connection for each thread; each
 * limiter made and given its rate before it is measured; for all instances together.
 *
 * <p>It is no token bucket and no fixed window, but a log: a member of a sorted set for each
 * permit, until it is as old as the interval by the clock of whoever asks. So it may admit the
 * whole rate at once, and again an interval later. A short interval serves it best, since it keeps
 * what was permitted within it, and so does that nothing of it expires: with an expiry it makes
 * three calls more, and without one its keys stay for good, where the others' end.
 */
final class RedissonLimiters implements AutoCloseable {

  private final RedissonClient client;
  private final Map<String, RRateLimiter> limiters = new HashMap<>();

  /**
   * Connects, and gives every name its rate.
   *
   * @param server its host and port
   * @param connections at most
   * @param rate how many are permitted within the interval
   */
  RedissonLimiters(
      String server, int connections, Collection<String> names, long rate, Duration interval) {
    Config config = new Config().setUseScriptCache(true);
    config
        .useSingleServer()
        .setAddress("redis://" + server)
        .setConnectionPoolSize(connections)
        .setConnectionMinimumIdleSize(1)
        .setSubscriptionConnectionMinimumIdleSize(0);
    client = Redisson.create(config);
    String prefix = "bench-" + UUID.randomUUID() + ":";
    names.forEach(name -> limiters.put(name, client.getRateLimiter(prefix + name)));
    CompletableFuture.allOf(
            limiters.values().stream()
                .map(limiter -> limiter.trySetRateAsync(RateType.OVERALL, rate, interval))
                .map(RFuture::toCompletableFuture)
                .toArray(CompletableFuture<?>[]::new))
        .join();
  }

  /** Returns the limiter of one of the names. */
  RRateLimiter of(String name) {
    return Objects.requireNonNull(limiters.get(name), name);
  }

  @Override
  public void close() {
    client.shutdown();
  }
}
