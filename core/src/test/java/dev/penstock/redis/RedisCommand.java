package dev.penstock.redis;

import java.util.Arrays;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.ClientSetInfoConfig;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.JedisClientConfig;
import redis.clients.jedis.util.SafeEncoder;

/** One command over one connection, for arranging and looking at servers. */
final class RedisCommand {

  private static final int TIMEOUT_MILLIS = 2_000;

  private RedisCommand() {}

  static @Nullable Object send(int port, @Nullable String password, String... command) {
    JedisClientConfig config =
        DefaultJedisClientConfig.builder()
            .timeoutMillis(TIMEOUT_MILLIS)
            .password(password)
            .serverDefaultProtocol()
            .autoNegotiateProtocol(false)
            .clientSetInfoConfig(ClientSetInfoConfig.DISABLED)
            .build();
    try (Jedis jedis = new Jedis(new HostAndPort(LoopbackPorts.HOST, port), config)) {
      byte[] name = SafeEncoder.encode(command[0]);
      String[] arguments = Arrays.copyOfRange(command, 1, command.length);
      return SafeEncoder.encodeObject(jedis.sendCommand(() -> name, arguments));
    }
  }

  /** Returns the {@code name:value} lines of such a reply as INFO's. */
  static Map<String, String> fields(Object reply) {
    return reply
        .toString()
        .lines()
        .filter(line -> line.indexOf(':') > 0)
        .collect(
            Collectors.toMap(
                line -> line.substring(0, line.indexOf(':')),
                line -> line.substring(line.indexOf(':') + 1),
                (first, second) -> second));
  }
}
