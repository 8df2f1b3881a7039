package dev.penstock.redis;

import dev.penstock.Limit;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import redis.clients.jedis.util.JedisClusterCRC16;

/**
 * What one decision asks of the script: its buckets, and beside each what {@code acquire.lua} has
 * to know of it. Several of them travel as a {@link ScriptBatch}.
 */
final class ScriptCall {

  /** What the script is to do. */
  enum Operation {
    TAKE,
    LOOK,
    REFUND;

    /** Returns the operation as the script has it. */
    String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * What the script has to know of one bucket.
   *
   * @param limit its numbers
   * @param costNanos how long the bucket takes to refill what is taken
   * @param leastMicros how far from full it is known to be at least
   * @param owedMicros what was spent elsewhere, as time of refill
   * @param reservedMicros what another call is charging, as time of refill
   */
  record Term(Limit limit, long costNanos, long leastMicros, long owedMicros, long reservedMicros) {

    /** Returns the arguments of the script, in their order. */
    List<byte[]> arguments() {
      long fillNanos = limit.nanosToFill();
      return List.of(
          ascii(costNanos / NANOS_PER_MICRO),
          ascii(costNanos % NANOS_PER_MICRO),
          ascii(fillNanos / NANOS_PER_MICRO),
          ascii(fillNanos % NANOS_PER_MICRO),
          ascii(leastMicros),
          ascii(owedMicros),
          ascii(reservedMicros),
          ascii(mark(limit)));
    }
  }

  /** What calls that differ in nothing but their keys have in common. */
  record Terms(Operation operation, List<Term> buckets) {}

  private static final int MARK_VALUES = 36 * 36 * 36 * 36;
  private static final long NANOS_PER_MICRO = 1000;

  private final Operation operation;
  private final int epoch;
  private final List<String> keys = new ArrayList<>(1);
  private final List<Term> buckets = new ArrayList<>(1);

  /**
   * Begins a call.
   *
   * @param epoch how often Redis had been away when it was asked for what is known of the buckets
   */
  ScriptCall(Operation operation, int epoch) {
    this.operation = operation;
    this.epoch = epoch;
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
    keys.add(key);
    buckets.add(
        new Term(
            limit,
            cost * limit.nanosPerToken(),
            ceilMicros(leastNanos),
            ceilMicros(owedNanos),
            ceilMicros(reservedNanos)));
  }

  Operation operation() {
    return operation;
  }

  int epoch() {
    return epoch;
  }

  List<String> keys() {
    return keys;
  }

  /** Returns the hash slot of a cluster in which all its buckets lie. */
  int slot() {
    return JedisClusterCRC16.getSlot(keys.get(0));
  }

  Terms terms() {
    return new Terms(operation, buckets);
  }

  /** Returns how long a bucket takes to refill what the call takes from it. */
  long costNanos(int bucket) {
    return buckets.get(bucket).costNanos();
  }

  /** Two limits with one mark count as unchanged, and so err against the request. */
  static String mark(Limit limit) {
    long mixed = (limit.nanosToFill() * 31 + limit.nanosPerToken()) * 0x9E3779B97F4A7C15L;
    int value = (int) ((mixed >>> 33) % MARK_VALUES);
    return Integer.toString(value + MARK_VALUES, 36).substring(1);
  }

  /** Returns a number as the script reads it. */
  static byte[] ascii(long number) {
    return ascii(Long.toString(number));
  }

  static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  private static long ceilMicros(long nanos) {
    return nanos <= 0 ? 0 : (nanos - 1) / NANOS_PER_MICRO + 1;
  }
}
