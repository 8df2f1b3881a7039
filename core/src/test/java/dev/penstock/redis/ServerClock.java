package dev.penstock.redis;

import dev.penstock.redis.wire.RedisScript;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.stream.Collectors;
import redis.clients.jedis.UnifiedJedis;

/**
 * A clock that a test moves, under a key of each server, for a script which reads the time there
 * and lets no key expire.
 */
public final class ServerClock {

  private static final long MICROS_PER_SECOND = 1_000_000;

  private final UnifiedJedis jedis;
  private final List<String> keys;
  private long micros = 1_800_000_000 * MICROS_PER_SECOND;

  /**
   * @param keys one that each server has
   */
  public ServerClock(UnifiedJedis jedis, String... keys) {
    this.jedis = jedis;
    this.keys = List.of(keys);
    advanceMicros(0);
  }

  /** Returns the script on this clock: a server refuses to read the keys of others. */
  public String script() {
    String names = keys.stream().collect(Collectors.joining("', '", "'", "'"));
    return RedisScript.resource()
        .replace(
            "redis.call('TIME')",
            """
            (function()
              for _, name in ipairs({%s}) do
                local time = redis.pcall('HMGET', name, 's', 'us')
                if not time.err then
                  return time
                end
              end
            end)()\
            """
                .formatted(names))
        .replace(", 'PX', life", "");
  }

  /** Sets the time, back too. */
  public void set(Instant time) {
    advanceMicros(ChronoUnit.MICROS.between(Instant.EPOCH, time) - micros);
  }

  public void advanceMicros(long time) {
    micros += time;
    long seconds = micros / MICROS_PER_SECOND;
    for (String key : keys) {
      jedis.hset(key, "s", Long.toString(seconds));
      jedis.hset(key, "us", Long.toString(micros - seconds * MICROS_PER_SECOND));
    }
  }
}
