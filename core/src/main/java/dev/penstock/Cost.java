package dev.penstock;

import java.util.Collections;
import java.util.Objects;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What a request costs: amounts by unit, of which each limit is charged the one of its own unit
 * ({@link Limit#unit}).
 *
 * <p>A unit that a cost does not name is charged 0, but {@value #REQUESTS} and {@value
 * #CONCURRENT_REQUESTS} are charged 1. A bucket that is charged 0 gives nothing and must hold a
 * token all the same: that is the admission of a request whose price is known only afterwards, and
 * an exhausted or overdrawn budget denies it. What a cost names and no limit counts is charged to
 * nobody.
 *
 * <pre>{@code
 * Cost.of(1).and("model-tokens", 4000)
 * }</pre>
 *
 * <p>Immutable and thread-safe.
 */
public final class Cost {

  /** The unit of a limit that names none: requests. */
  public static final String REQUESTS = "requests";

  /** The unit of limits of requests that are under way. */
  public static final String CONCURRENT_REQUESTS = "concurrent-requests";

  /** One request. */
  public static final Cost ONE_REQUEST = new Cost(1, true, Collections.emptySortedMap());

  /** What most limits count stands by itself, so that the cost of a decision is one object. */
  private final long requests;

  private final boolean namesRequests;
  private final SortedMap<String, Long> others;

  /** Whether it names one request and nothing else: asked by every decision that is listened to. */
  final boolean isOneRequest;

  private Cost(long requests, boolean namesRequests, SortedMap<String, Long> others) {
    this.requests = requests;
    this.namesRequests = namesRequests;
    this.others = others;
    this.isOneRequest = requests == 1 && namesRequests && others.isEmpty();
  }

  /**
   * Returns the cost of so many requests.
   *
   * @param requests at least 0; what is above a capacity is denied for ever
   * @return the cost
   * @throws IllegalArgumentException if it is negative
   */
  public static Cost of(long requests) {
    requireAmount("requests", requests);
    return requests == 1 ? ONE_REQUEST : new Cost(requests, true, Collections.emptySortedMap());
  }

  /**
   * Returns a cost that names one unit.
   *
   * @param unit 1 to 128 printable ASCII characters (0x20 to 0x7E)
   * @param amount at least 0
   * @return the cost
   * @throws IllegalArgumentException if it is no such unit, or the amount is negative
   */
  public static Cost units(String unit, long amount) {
    return new Cost(1, false, Collections.emptySortedMap()).and(unit, amount);
  }

  /**
   * Returns this cost and an amount of another unit.
   *
   * @param unit 1 to 128 printable ASCII characters (0x20 to 0x7E)
   * @param amount at least 0
   * @return the cost of both
   * @throws IllegalArgumentException if it is no such unit, or named already, or the amount is
   *     negative
   */
  public Cost and(String unit, long amount) {
    requireUnit(unit);
    requireAmount("amount", amount);
    if (names(unit)) {
      throw new IllegalArgumentException("unit must not be named twice: " + unit);
    }
    if (unit.equals(REQUESTS)) {
      return new Cost(amount, true, others);
    }
    SortedMap<String, Long> more = new TreeMap<>(others);
    more.put(unit, amount);
    return new Cost(requests, namesRequests, Collections.unmodifiableSortedMap(more));
  }

  /**
   * {@return what a limit of this unit is charged: 0 or 1 where the cost does not name it}
   *
   * @param unit what the limit counts
   */
  public long amount(String unit) {
    return unit.equals(REQUESTS) ? requests : other(unit);
  }

  /**
   * {@return what this limit is charged: 0 or 1 where the cost does not name its unit}
   *
   * @param limit what is to be charged
   */
  public long amount(Limit limit) {
    return limit.countsRequests ? requests : other(limit.unit());
  }

  /** Returns this cost with the amounts of another one, in the units that it names. */
  Cost updated(Cost other) {
    SortedMap<String, Long> updated = others;
    if (!other.others.isEmpty()) {
      updated = new TreeMap<>(others);
      updated.putAll(other.others);
      updated = Collections.unmodifiableSortedMap(updated);
    }
    return new Cost(
        other.namesRequests ? other.requests : requests,
        namesRequests || other.namesRequests,
        updated);
  }

  private long other(String unit) {
    @Nullable Long amount = others.get(unit);
    if (amount != null) {
      return amount;
    }
    return unit.equals(CONCURRENT_REQUESTS) ? 1 : 0;
  }

  /**
   * {@return whether the cost names this unit}
   *
   * @param unit what a limit may count
   */
  public boolean names(String unit) {
    return unit.equals(REQUESTS) ? namesRequests : others.containsKey(unit);
  }

  /** {@return the units that the cost names, in alphabetical order} */
  public SortedSet<String> units() {
    SortedSet<String> units = new TreeSet<>(others.keySet());
    if (namesRequests) {
      units.add(REQUESTS);
    }
    return units;
  }

  static String requireUnit(String unit) {
    return PartitionedLimit.requirePrintable("unit", Objects.requireNonNull(unit, "unit"));
  }

  private static long requireAmount(String parameter, long amount) {
    if (amount < 0) {
      throw new IllegalArgumentException(parameter + " must be at least 0: " + amount);
    }
    return amount;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Cost that
        && requests == that.requests
        && namesRequests == that.namesRequests
        && others.equals(that.others);
  }

  @Override
  public int hashCode() {
    return Objects.hash(requests, namesRequests, others);
  }

  @Override
  public String toString() {
    return units().stream()
        .map(unit -> unit + "=" + amount(unit))
        .collect(Collectors.joining(", ", "Cost[", "]"));
  }
}
