package dev.penstock.benchmarks;

import dev.penstock.redis.RedisRateLimiter;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Objects;

/** The limiter's script without the limiter, and the least that one could be. */
public final class BareScript {

  private static final int HEAD_BYTES = 10;
  private static final int BUCKET_BYTES = 49;
  private static final long SECOND_MICROS = 1_000_000;

  private BareScript() {}

  /** {@return the limiter's script} */
  public static String text() {
    return text(RedisRateLimiter.class, "wire/acquire.lua");
  }

  /** {@return the least one} */
  public static String floor() {
    return text(BareScript.class, "floor.lua");
  }

  /**
   * Returns the argument by which decisions take a token, that refills in a second, from each of
   * their buckets.
   *
   * @param decisions how many
   * @param buckets of each of them
   * @param capacity of each bucket
   * @return one argument of the script, that needs no other
   */
  public static byte[] take(int decisions, int buckets, long capacity) {
    ByteBuffer group = ByteBuffer.allocate(HEAD_BYTES + buckets * BUCKET_BYTES);
    group.put((byte) 't').putShort((short) buckets).putShort((short) 0);
    group.putShort((short) decisions).putShort((short) 1).put((byte) 0);
    for (int i = 0; i < buckets; i++) {
      int start = group.position();
      group.put((byte) 1);
      group.putDouble((double) SECOND_MICROS).putShort((short) 0);
      group.putDouble((double) (capacity * SECOND_MICROS));
      group.position(start + BUCKET_BYTES);
    }
    return group.array();
  }

  private static String text(Class<?> beside, String name) {
    try (InputStream in = beside.getResourceAsStream(name)) {
      return new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
