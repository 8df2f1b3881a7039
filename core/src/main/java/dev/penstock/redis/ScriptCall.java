package dev.penstock.redis;

import dev.penstock.Limit;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
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
    REFUND,
    RESET,
    RETURN;

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
   * @param owedMicros what was spent elsewhere, as time of refill
   * @param reservedMicros what another call is charging, as time of refill
   */
  record Term(Limit limit, long costNanos, long owedMicros, long reservedMicros) {

    /** Returns the arguments of the script, in their order. */
    List<byte[]> arguments() {
      long fillNanos = limit.nanosToFill();
      return List.of(
          ascii(costNanos / NANOS_PER_MICRO),
          ascii(costNanos % NANOS_PER_MICRO),
          ascii(fillNanos / NANOS_PER_MICRO),
          ascii(fillNanos % NANOS_PER_MICRO),
          ascii(owedMicros),
          ascii(reservedMicros),
          ascii(mark(limit)));
    }
  }

  /** What calls that differ in nothing but their keys have in common. */
  record Terms(Operation operation, List<Term> buckets) {}

  /** Nothing is known of a bucket. */
  static final LongSupplier UNKNOWN = () -> 0;

  private static final int MARK_TAILS = 36 * 36 * 36;
  private static final int MARK_HEADS = 26;
  private static final long NANOS_PER_MICRO = 1000;

  private final Operation operation;
  private final @Nullable String receipt;
  private final List<String> keys = new ArrayList<>(1);
  private final List<Term> buckets = new ArrayList<>(1);
  private final List<LongSupplier> known = new ArrayList<>(1);

  /** Begins a call that takes, looks, or returns. */
  ScriptCall(Operation operation) {
    this(operation, null);
  }

  /**
   * Begins a call that is carried out once, however often it is sent.
   *
   * @param receipt a key of our own by which the server knows that, in the slot of the buckets
   */
  ScriptCall(Operation operation, @Nullable String receipt) {
    this.operation = operation;
    this.receipt = receipt;
  }

  /**
   * Adds a bucket.
   *
   * @param key the bucket
   * @param limit its numbers
   * @param costNanos how long the bucket takes to refill what is taken or put back
   * @param known tells, when the call is sent, what is known of the bucket, in the script's form
   * @param owedNanos what was spent elsewhere, as time of refill
   * @param reservedNanos what another call is charging, as time of refill
   */
  void add(
      String key,
      Limit limit,
      long costNanos,
      LongSupplier known,
      long owedNanos,
      long reservedNanos) {
    keys.add(key);
    this.known.add(known);
    buckets.add(new Term(limit, costNanos, ceilMicros(owedNanos), ceilMicros(reservedNanos)));
  }

  Operation operation() {
    return operation;
  }

  List<String> keys() {
    return keys;
  }

  /** Returns the keys as the script has them: the buckets, and the receipt if there is one. */
  List<String> allKeys() {
    if (receipt == null) {
      return keys;
    }
    List<String> all = new ArrayList<>(keys);
    all.add(receipt);
    return all;
  }

  /** Returns what is known of a bucket at this moment, in the script's form. */
  long knownMicros(int bucket) {
    return known.get(bucket).getAsLong();
  }

  /** Returns the hash slot of a cluster in which all its buckets lie. */
  int slot() {
    return JedisClusterCRC16.getSlot(keys.get(0));
  }

  /**
   * Returns whether its buckets are where those of the other are: also behind a proxy, which puts
   * tags of one hash slot on several servers.
   */
  boolean hasTagOf(ScriptCall other) {
    return tag(keys.get(0)).equals(tag(other.keys.get(0)));
  }

  /** Returns whether its buckets have several hash tags. */
  boolean crossesTags() {
    String first = tag(keys.get(0));
    return keys.stream().anyMatch(key -> !tag(key).equals(first));
  }

  private static String tag(String key) {
    return key.substring(key.indexOf('{'), key.indexOf('}'));
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
    int value = (int) ((mixed >>> 33) % (MARK_HEADS * MARK_TAILS));
    char head = (char) ('a' + value / MARK_TAILS);
    return head + Integer.toString(value % MARK_TAILS + MARK_TAILS, 36).substring(1);
  }

  /** Returns a number as the script reads it. */
  static byte[] ascii(long number) {
    return ascii(Long.toString(number));
  }

  static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  static long ceilMicros(long nanos) {
    return nanos <= 0 ? 0 : (nanos - 1) / NANOS_PER_MICRO + 1;
  }
}
