package dev.penstock.redis.wire;

import dev.penstock.Limit;
import dev.penstock.base.Inside;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.util.JedisClusterCRC16;

/**
 * What one decision asks of the script: its buckets, and beside each what {@code acquire.lua} has
 * to know of it. Several of them travel as a {@link ScriptBatch}.
 */
public final class ScriptCall {

  /** What the script is to do. */
  public enum Operation {
    TAKE('t'),
    WAIT('w'),
    LOOK('l'),
    REFUND('f'),
    SETTLE('s'),
    RESET('r'),
    RETURN('b'),
    RENEW('n'),
    RELEASE('g');

    private final char letter;

    Operation(char letter) {
      this.letter = letter;
    }

    /** Returns whether it may be denied, and nothing is done then. */
    boolean isAsking() {
      return takes() || this == LOOK;
    }

    /** Returns whether it takes its cost where it is not denied. */
    boolean takes() {
      return this == TAKE || this == WAIT;
    }

    /** Returns the operation as the script has it. */
    char letter() {
      return letter;
    }
  }

  /**
   * One bucket of a call.
   *
   * @param hash what the bucket is called in this process; of slots and of a key of our own nothing
   * @param holders who has slots, or is to have them, with commas between them; of tokens nothing
   */
  record CalledBucket(
      String key, @Nullable Long hash, BucketTerms terms, @Nullable String holders) {}

  /**
   * What calls that differ in nothing but their keys have in common.
   *
   * @param shadow how many buckets, the last ones, are only tried
   */
  record DecisionTerms(Operation operation, List<BucketTerms> buckets, int shadow) {

    /**
     * Returns what the script is told of so many decisions, but of their buckets.
     *
     * @param decisions at least 1
     * @param requests how many ask for each of them, at least 1
     * @param tells whether what is known of the buckets follows
     */
    byte[] group(int decisions, int requests, boolean tells) {
      ByteBuffer group = ByteBuffer.allocate(HEAD_BYTES + buckets.size() * BucketTerms.BYTES);
      group.put((byte) operation.letter());
      group.putShort((short) buckets.size()).putShort((short) shadow);
      group.putShort((short) decisions).putShort((short) requests);
      group.put((byte) (tells ? 1 : 0));
      for (BucketTerms bucket : buckets) {
        bucket.write(group);
      }
      return group.array();
    }
  }

  private static final int HEAD_BYTES = 10;

  private final Operation operation;
  private final @Nullable String receipt;
  private final List<CalledBucket> buckets = new ArrayList<>(1);
  private int shadow;
  private boolean hasHolders;
  private boolean hasWindows;
  private @Nullable DecisionTerms terms;

  /** Begins a call that takes, looks, or returns. */
  public ScriptCall(Operation operation) {
    this(operation, null);
  }

  /**
   * Begins a call that is carried out once, however often it is sent.
   *
   * @param receipt a key of our own by which the server knows that, in the slot of the buckets
   */
  public ScriptCall(Operation operation, @Nullable String receipt) {
    this.operation = operation;
    this.receipt = receipt;
  }

  /**
   * Adds a bucket to which nothing is owed.
   *
   * @param costNanos how long the bucket takes to refill what is taken or put back
   */
  public void add(SharedBucket bucket, long costNanos) {
    add(bucket, costNanos, 0, 0);
  }

  /**
   * Adds a bucket.
   *
   * @param costNanos how long the bucket takes to refill what is taken or put back; a bucket from
   *     which nothing is taken must hold a token
   * @param owedNanos what was spent elsewhere, as time of refill
   * @param reservedNanos what another call is charging, as time of refill
   */
  public void add(SharedBucket bucket, long costNanos, long owedNanos, long reservedNanos) {
    add(bucket, costNanos, owedNanos, reservedNanos, 0);
  }

  /**
   * Adds a bucket for which somebody may wait.
   *
   * @param patienceNanos for how long at most; 0 if not at all
   */
  public void add(
      SharedBucket bucket, long costNanos, long owedNanos, long reservedNanos, long patienceNanos) {
    Limit limit = bucket.limit().limit();
    if (bucket.isWindow()) {
      addWindow(bucket, costNanos, owedNanos, reservedNanos, 0);
    } else {
      long neededNanos = reservedNanos - patienceNanos;
      add(bucket.key(), bucket.hash(), limit, costNanos, owedNanos, neededNanos);
    }
  }

  /**
   * Adds a bucket with tokens that is charged, or into which something is put back.
   *
   * @param nanos how long it takes to refill that
   * @param place where somebody stands in line who puts back what they have taken
   */
  public void addCharge(SharedBucket bucket, long nanos, PlaceInLine place) {
    addCharge(bucket.key(), bucket.hash(), bucket.limit().limit(), nanos, place);
  }

  void addCharge(String key, @Nullable Long hash, Limit limit, long nanos, PlaceInLine place) {
    BucketTerms terms =
        new BucketTerms.TokenTerms(limit, nanos, -place.dueMicros(), place.fullAtNanos());
    buckets.add(new CalledBucket(key, hash, terms, null));
  }

  /**
   * Adds a window.
   *
   * @param cost tokens that are taken or put back
   * @param endMicros when the window ends into which they are put back, else 0
   */
  public void addWindow(SharedBucket bucket, long cost, long endMicros) {
    addWindow(bucket, cost, 0, 0, endMicros);
  }

  private void addWindow(SharedBucket bucket, long cost, long owed, long reserved, long endMicros) {
    hasWindows = true;
    long needed = reserved + (cost == 0 && operation.isAsking() ? 1 : 0);
    BucketTerms.WindowTerms terms =
        new BucketTerms.WindowTerms(bucket.limit().limit(), cost, owed, needed, endMicros);
    buckets.add(new CalledBucket(bucket.key(), bucket.hash(), terms, null));
  }

  /** Adds a bucket of our own making, of which nothing is known. */
  void addOwn(String key, Limit limit, long costNanos) {
    add(key, null, limit, costNanos, 0, 0);
  }

  void add(
      String key,
      @Nullable Long hash,
      Limit limit,
      long costNanos,
      long owedNanos,
      long besidesNanos) {
    boolean admits = costNanos == 0 && operation.isAsking();
    long neededNanos = besidesNanos + (admits ? Inside.nanosPerToken(limit) : 0);
    BucketTerms terms =
        new BucketTerms.TokenTerms(limit, costNanos, Micros.ceil(owedNanos), neededNanos);
    buckets.add(new CalledBucket(key, hash, terms, null));
  }

  /**
   * Adds a bucket of slots.
   *
   * @param slots how many each holder is to have; more than the capacity is denied
   * @param lifeMillis for how long
   * @param holders their names, with commas between them; whoever takes is one, and empty if it
   *     takes none
   */
  public void addSlots(SharedBucket bucket, long slots, long lifeMillis, String holders) {
    hasHolders = true;
    BucketTerms.SlotTerms terms =
        new BucketTerms.SlotTerms(bucket.limit().limit(), slots, lifeMillis);
    buckets.add(new CalledBucket(bucket.key(), null, terms, holders));
  }

  /**
   * Says of a call that takes or looks which of its buckets are only tried.
   *
   * @param last how many, those that were added last
   */
  public void tries(int last) {
    shadow = last;
  }

  /** Returns how many of its buckets, the last ones, are only tried. */
  int shadow() {
    return shadow;
  }

  /** Returns whether others that look like it are not the same: each has a holder of its own. */
  boolean hasHolders() {
    return hasHolders;
  }

  /** Returns whether the script is told something of its buckets even if nothing is known. */
  boolean alwaysTells() {
    return hasHolders || hasWindows;
  }

  Operation operation() {
    return operation;
  }

  /** Returns whether it is of somebody who waits. */
  boolean waits() {
    return operation == Operation.WAIT;
  }

  List<CalledBucket> buckets() {
    return buckets;
  }

  /** Returns the key of its first bucket, which lies where all of them do. */
  String firstKey() {
    return buckets.get(0).key();
  }

  /** Returns what is equal for calls whose buckets have the same keys, in the same order. */
  Object sameKeys() {
    return buckets.size() == 1 ? firstKey() : keys();
  }

  /** Returns the keys of its buckets, in their order. */
  List<String> keys() {
    List<String> keys = new ArrayList<>(buckets.size() + 1);
    for (CalledBucket bucket : buckets) {
      keys.add(bucket.key());
    }
    return keys;
  }

  /** Adds the keys as the script has them: the buckets, and the receipt if there is one. */
  void addKeys(List<byte[]> keys) {
    for (CalledBucket bucket : buckets) {
      keys.add(utf8(bucket.key()));
    }
    if (receipt != null) {
      keys.add(utf8(receipt));
    }
  }

  /** Returns the hash slot of a cluster in which all its buckets lie. */
  int slot() {
    return JedisClusterCRC16.getSlot(firstKey());
  }

  /**
   * Returns whether its buckets are where those of the other are: also behind a proxy, which puts
   * tags of one hash slot on several servers.
   */
  boolean hasTagOf(ScriptCall other) {
    return tag(firstKey()).equals(tag(other.firstKey()));
  }

  /** Returns the part of its keys by which they lie together. */
  String tag() {
    return tag(firstKey());
  }

  /** Returns whether its buckets have several hash tags. */
  boolean crossesTags() {
    String first = tag(firstKey());
    return buckets.stream().anyMatch(bucket -> !tag(bucket.key()).equals(first));
  }

  private static String tag(String key) {
    return key.substring(key.indexOf('{'), key.indexOf('}'));
  }

  /** Returns what it has in common with others; its buckets are complete by then. */
  DecisionTerms terms() {
    if (terms == null) {
      terms = newTerms();
    }
    return terms;
  }

  private DecisionTerms newTerms() {
    List<BucketTerms> terms = new ArrayList<>(buckets.size());
    for (CalledBucket bucket : buckets) {
      terms.add(bucket.terms());
    }
    return new DecisionTerms(operation, terms, shadow);
  }

  /** Returns how long a bucket takes to refill what the call takes from it. */
  long costNanos(int bucket) {
    return buckets.get(bucket).terms().costNanos();
  }

  /** Returns a number as the script reads it. */
  static byte[] ascii(long number) {
    return ascii(Long.toString(number));
  }

  static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
