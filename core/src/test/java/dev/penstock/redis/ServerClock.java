package dev.penstock.redis;

import redis.clients.jedis.UnifiedJedis;

/**
 * A clock that a test moves, under a key of the server, for a script which reads the time there and
 * lets no key expire.
 */
final class ServerClock {

  private static final long MICROS_PER_SECOND = 1_000_000;

  private final UnifiedJedis jedis;
  private final String key;
  private long micros = 1_800_000_000 * MICROS_PER_SECOND;

  ServerClock(UnifiedJedis jedis, String key) {
    this.jedis = jedis;
    this.key = key;
    advanceMicros(0);
  }

  /** Returns the script on this clock. */
  String script() {
    return RedisScript.resource()
        .replace("redis.call('TIME')", "redis.call('HMGET', '" + key + "', 's', 'us')")
        .replace(", 'PX', life", "");
  }

  void advanceMicros(long time) {
    micros += time;
    long seconds = micros / MICROS_PER_SECOND;
    jedis.hset(key, "s", Long.toString(seconds));
    jedis.hset(key, "us", Long.toString(micros - seconds * MICROS_PER_SECOND));
  }
}
