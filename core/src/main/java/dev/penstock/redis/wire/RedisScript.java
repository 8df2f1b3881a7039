package dev.penstock.redis.wire;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.UnifiedJedis;
import redis.clients.jedis.exceptions.JedisNoScriptException;

/**
 * A script, as {@code acquire.lua}, called by its digest. A server that does not know it, after a
 * restart, a failover or a {@code SCRIPT FLUSH}, is sent the text once, and decides the same
 * request.
 */
public final class RedisScript {

  private static final String RESOURCE = "acquire.lua";

  private final byte[] text;
  private final byte[] digest;
  private final LongAdder loads = new LongAdder();

  public RedisScript(String text) {
    this.text = text.getBytes(StandardCharsets.UTF_8);
    this.digest = sha1Hex(this.text).getBytes(StandardCharsets.US_ASCII);
  }

  /** Returns the text of the script. */
  public static String resource() {
    return resource(RESOURCE);
  }

  public static String resource(String name) {
    try (InputStream in = RedisScript.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException("resource must be in the jar: " + name);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Returns the reply: a list of integers. */
  List<?> call(UnifiedJedis jedis, List<byte[]> keys, List<byte[]> arguments) {
    Object reply;
    try {
      reply = jedis.evalsha(digest, keys, arguments);
    } catch (JedisNoScriptException e) {
      loads.increment();
      reply = jedis.eval(text, keys, arguments);
    }
    return list(reply);
  }

  /** Returns the reply to calls on buckets of our own, of which nothing is known. */
  List<?> call(UnifiedJedis jedis, ScriptBatch batch) {
    return call(jedis, batch.keys(), batch.arguments(KnownBuckets.NONE, 0, 0));
  }

  /** Sends the text, and returns the reply. */
  List<?> send(UnifiedJedis jedis, List<byte[]> keys, List<byte[]> arguments) {
    return list(jedis.eval(text, keys, arguments));
  }

  /** What is no list holds nothing that a script of ours says. */
  private static List<?> list(@Nullable Object reply) {
    return reply instanceof List<?> list ? list : List.of();
  }

  /** Returns the arguments of {@code EVALSHA} for calls on buckets of our own. */
  byte[][] command(ScriptBatch batch) {
    return command(batch.keys(), batch.arguments(KnownBuckets.NONE, 0, 0));
  }

  /** Returns the arguments of {@code EVALSHA} for such a call. */
  byte[][] command(List<byte[]> keys, List<byte[]> arguments) {
    List<byte[]> all = new ArrayList<>(2 + keys.size() + arguments.size());
    all.add(digest);
    all.add(ScriptCall.ascii(keys.size()));
    all.addAll(keys);
    all.addAll(arguments);
    return all.toArray(byte[][]::new);
  }

  /** {@return how often a server had to be sent the text} */
  long loads() {
    return loads.sum();
  }

  private static String sha1Hex(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-1").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
