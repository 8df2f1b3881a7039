package dev.penstock.redis;

import dev.penstock.Limit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

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

  /** What calls that differ in nothing but their keys have in common, as the script has it. */
  record Terms(Operation operation, List<String> buckets) {}

  private static final int MARK_VALUES = 36 * 36 * 36 * 36;
  private static final long NANOS_PER_MICRO = 1000;

  private final Operation operation;
  private final int epoch;
  private final List<String> keys = new ArrayList<>(4);
  private final List<String> buckets = new ArrayList<>(4);
  private final List<Long> costNanos = new ArrayList<>(4);

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
    long nanos = cost * limit.nanosPerToken();
    keys.add(key);
    costNanos.add(nanos);
    StringBuilder text = new StringBuilder(64);
    addPair(text, nanos);
    addPair(text, limit.nanosToFill());
    text.append(ceilMicros(leastNanos)).append(' ');
    text.append(ceilMicros(owedNanos)).append(' ');
    text.append(ceilMicros(reservedNanos)).append(' ');
    buckets.add(text.append(mark(limit)).toString());
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

  Terms terms() {
    return new Terms(operation, buckets);
  }

  /** Returns how long a bucket takes to refill what the call takes from it. */
  long costNanos(int bucket) {
    return costNanos.get(bucket);
  }

  /** Two limits with one mark count as unchanged, and so err against the request. */
  static String mark(Limit limit) {
    long mixed = (limit.nanosToFill() * 31 + limit.nanosPerToken()) * 0x9E3779B97F4A7C15L;
    int value = (int) ((mixed >>> 33) % MARK_VALUES);
    return Integer.toString(value + MARK_VALUES, 36).substring(1);
  }

  private static void addPair(StringBuilder text, long nanos) {
    text.append(nanos / NANOS_PER_MICRO).append(' ');
    text.append(nanos % NANOS_PER_MICRO).append(' ');
  }

  private static long ceilMicros(long nanos) {
    return nanos <= 0 ? 0 : (nanos - 1) / NANOS_PER_MICRO + 1;
  }
}
