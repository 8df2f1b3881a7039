package dev.penstock.redis;

import dev.penstock.Limit;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * One call of the script under construction: its keys and arguments, as {@code acquire.lua} has
 * them.
 */
final class ScriptCall {

  /** What the script is to do. */
  enum Operation {
    TAKE,
    LOOK,
    REFUND
  }

  private static final int MARK_VALUES = 36 * 36 * 36 * 36;
  private static final long NANOS_PER_MICRO = 1000;

  private final List<byte[]> keys = new ArrayList<>(4);
  private final List<byte[]> arguments = new ArrayList<>(32);

  ScriptCall(Operation operation) {
    arguments.add(ascii(operation.name().toLowerCase(Locale.ROOT)));
  }

  /**
   * Adds a bucket.
   *
   * @param key the bucket
   * @param limit its numbers
   * @param cost tokens, at most the capacity
   * @param leastNanos how far from full the bucket is known to be at least
   * @param owedNanos what was spent elsewhere, as time of refill
   * @param reservedNanos what another call is charging, as time of refill
   */
  void add(
      String key, Limit limit, long cost, long leastNanos, long owedNanos, long reservedNanos) {
    keys.add(key.getBytes(StandardCharsets.UTF_8));
    addPair(cost * limit.nanosPerToken());
    addPair(limit.nanosToFill());
    arguments.add(number(ceilMicros(leastNanos)));
    arguments.add(number(ceilMicros(owedNanos)));
    arguments.add(number(ceilMicros(reservedNanos)));
    arguments.add(ascii(mark(limit)));
  }

  List<byte[]> keys() {
    return keys;
  }

  List<byte[]> arguments() {
    return arguments;
  }

  /** Two limits with one mark count as unchanged, and so err against the request. */
  static String mark(Limit limit) {
    long mixed = (limit.nanosToFill() * 31 + limit.nanosPerToken()) * 0x9E3779B97F4A7C15L;
    int value = (int) ((mixed >>> 33) % MARK_VALUES);
    return Integer.toString(value + MARK_VALUES, 36).substring(1);
  }

  private void addPair(long nanos) {
    arguments.add(number(nanos / NANOS_PER_MICRO));
    arguments.add(number(nanos % NANOS_PER_MICRO));
  }

  private static long ceilMicros(long nanos) {
    return nanos <= 0 ? 0 : (nanos - 1) / NANOS_PER_MICRO + 1;
  }

  private static byte[] number(long value) {
    return ascii(Long.toString(value));
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
