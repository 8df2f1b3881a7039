package dev.penstock.metrics;

import dev.penstock.BucketState;
import dev.penstock.Identity;
import dev.penstock.Partition;
import dev.penstock.RateLimitEvent;
import dev.penstock.RateLimitListener;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Who is denied most, by limit: for an operator who may know, as a listener that is attached on
 * purpose. Names never get into {@link Metrics}.
 *
 * <pre>{@code
 * DeniedIdentities denied = DeniedIdentities.byName(100);
 * RateLimiter limiter = store.listening(denied);
 * denied.top("agent-runs", 10)
 * }</pre>
 *
 * <p>Memory is bounded: so many identities of each of {@value #MAX_LIMITS} limits; further limits
 * are counted together as {@value Metrics#OTHER_NAMES}. Which identities stay is decided by the
 * Space-Saving sketch, and each count comes with its error. A flood of names that come once each
 * cannot push out who is denied more often than the whole number of denials divided by the
 * capacity.
 *
 * <p>Thread-safe; nobody waits. Permitted requests cost nothing.
 */
public final class DeniedIdentities implements RateLimitListener {

  /** How many limits are told apart. */
  public static final int MAX_LIMITS = 100;

  private static final int MAX_CAPACITY = 10_000;
  private static final int LEAST_SECRET = 16;
  private static final int HASH_BYTES = 16;

  /**
   * Somebody who is denied often.
   *
   * @param who the name as {@link Identity#text} has it, or its keyed hash
   * @param kind of the identity
   * @param count how often at most, but for those that were {@linkplain DeniedIdentities#missed
   *     missed}
   * @param error by how much that may be too much
   */
  public record Denied(String who, Identity.Kind kind, long count, long error) {}

  private final int capacity;
  private final Function<Identity, String> names;
  private final Map<String, SpaceSaving<Identity>> limits = new ConcurrentHashMap<>();

  private DeniedIdentities(int capacity, Function<Identity, String> names) {
    if (capacity < 1 || capacity > MAX_CAPACITY) {
      throw new IllegalArgumentException(
          "capacity must be from 1 to " + MAX_CAPACITY + ": " + capacity);
    }
    this.capacity = capacity;
    this.names = names;
  }

  /**
   * Tells names.
   *
   * @param capacity identities that are counted of each limit, 1 to 10,000: the error is at most
   *     the denials of the limit divided by it
   * @return a listener that has heard of nobody yet
   * @throws IllegalArgumentException if the capacity is out of range
   */
  public static DeniedIdentities byName(int capacity) {
    return new DeniedIdentities(capacity, Identity::text);
  }

  /**
   * Tells the first 128 bits of the HMAC-SHA-256 of names: whoever has the secret can look for a
   * name, and nobody else can even check a guess. The names are in memory all the same.
   *
   * @param capacity as in {@link #byName}
   * @param secret at least 16 bytes; copied
   * @return a listener that has heard of nobody yet
   * @throws IllegalArgumentException if the capacity is out of range, or the secret is shorter; the
   *     message tells its length alone
   */
  public static DeniedIdentities byHash(int capacity, byte[] secret) {
    Objects.requireNonNull(secret, "secret");
    if (secret.length < LEAST_SECRET) {
      throw new IllegalArgumentException(
          "secret must be at least " + LEAST_SECRET + " bytes: " + secret.length);
    }
    SecretKeySpec key = new SecretKeySpec(secret, "HmacSHA256");
    return new DeniedIdentities(capacity, identity -> hash(key, identity));
  }

  /** Of the partition key, which no other identity has. */
  private static String hash(SecretKeySpec key, Identity identity) {
    try {
      Mac mac = Mac.getInstance(key.getAlgorithm());
      mac.init(key);
      byte[] whole =
          mac.doFinal(identity.partitionKey(Partition.IDENTITY).getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(Arrays.copyOf(whole, HASH_BYTES));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e); // every Java platform has it
    }
  }

  @Override
  public void onEvent(RateLimitEvent event) {
    for (BucketState bucket : event.decision().deniedBy()) {
      limit(bucket.name()).add(event.identity());
    }
  }

  @Override
  public boolean hearsPermitted() {
    return false;
  }

  private SpaceSaving<Identity> limit(String name) {
    SpaceSaving<Identity> sketch = limits.get(name);
    if (sketch != null) {
      return sketch;
    }
    String counted = limits.size() < MAX_LIMITS ? name : Metrics.OTHER_NAMES;
    return limits.computeIfAbsent(counted, any -> new SpaceSaving<>(capacity));
  }

  /** {@return the names of the limits that have denied somebody, in alphabetical order} */
  public SortedSet<String> limits() {
    return new TreeSet<>(limits.keySet());
  }

  /**
   * {@return who was denied most often by a limit, the first of them most}
   *
   * @param limit its name
   * @param most how many at most, at least 1
   * @throws IllegalArgumentException if {@code most} is below 1
   */
  public List<Denied> top(String limit, int most) {
    Objects.requireNonNull(limit, "limit");
    if (most < 1) {
      throw new IllegalArgumentException("most must be at least 1: " + most);
    }
    SpaceSaving<Identity> sketch = limits.get(limit);
    if (sketch == null) {
      return List.of();
    }
    return sketch.top(most).stream()
        .map(
            each ->
                new Denied(names.apply(each.key()), each.key().kind(), each.count(), each.error()))
        .toList();
  }

  /**
   * {@return how many denials of a limit were not counted, as several newcomers came at once: each
   * count may be too small by so many}
   *
   * @param limit its name
   */
  public long missed(String limit) {
    SpaceSaving<Identity> sketch = limits.get(Objects.requireNonNull(limit, "limit"));
    return sketch == null ? 0 : sketch.missed();
  }
}
