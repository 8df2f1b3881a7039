package dev.penstock.benchmarks.report;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * What several contenders take for the same thing.
 *
 * <p>Who is measured follows from the parameter {@link Scenario#LIMITER}, and where there is none,
 * from the first word of the method: {@code floor} or {@code bare} is the floor, the name of a peer
 * is the peer, and all else is Penstock. A peer does what the rest of the name says, and stands
 * beside each method whose name begins with that, as {@code bucket4jPermitted} beside {@code
 * permitted} and {@code permittedByLease}. A floor stands for its whole class, beside each of its
 * methods.
 *
 * @param scenario the simple name of the class
 * @param what the method, without the name of who is measured
 * @param sizes the other parameters
 * @param threads how many ran it at once
 * @param contenders the measurements, by who was measured
 */
record Comparison(
    String scenario,
    String what,
    Map<String, String> sizes,
    Threads threads,
    Map<String, Measurement> contenders) {

  static final String FLOOR = "floor";
  static final String PENSTOCK = "penstock";

  private static final String BARE = "bare";
  private static final List<String> PEERS =
      List.of("bucket4j", "redisson", "resilience4j", "guava", "caffeine");

  /**
   * Whom a method measures.
   *
   * @param what is done, nothing where it is the floor of its class
   * @param forLonger whether it is measured for the methods with longer names, too
   */
  private record Subject(String contender, String what, boolean forLonger) {

    static Subject of(Measurement measurement) {
      String method = measurement.method();
      String named = measurement.params().get(Scenario.LIMITER);
      if (named != null) {
        return new Subject(named, method, false);
      }
      if (method.startsWith(FLOOR) || method.startsWith(BARE)) {
        return new Subject(FLOOR, "", true);
      }
      return PEERS.stream()
          .filter(method::startsWith)
          .findFirst()
          .map(peer -> new Subject(peer, uncapitalised(method.substring(peer.length())), true))
          .orElse(new Subject(PENSTOCK, method, false));
    }

    private static String uncapitalised(String text) {
      return text.isEmpty() ? text : Character.toLowerCase(text.charAt(0)) + text.substring(1);
    }
  }

  private record Key(String scenario, String what, Map<String, String> sizes, Threads threads) {

    boolean beginsWith(Key other) {
      return what.startsWith(other.what)
          && new Key(scenario, other.what, sizes, threads).equals(other);
    }
  }

  /** Puts together what belongs together, in the order of the measurements. */
  static List<Comparison> of(List<Measurement> measurements) {
    Map<Key, Map<String, Measurement>> groups = new LinkedHashMap<>();
    for (Measurement measurement : measurements) {
      Subject subject = Subject.of(measurement);
      groups
          .computeIfAbsent(key(measurement, subject.what()), key -> new LinkedHashMap<>())
          .put(subject.contender(), measurement);
    }
    groups.keySet().removeIf(key -> key.what.isEmpty());
    for (Measurement measurement : measurements) {
      Subject subject = Subject.of(measurement);
      Key shorter = key(measurement, subject.what());
      groups.forEach(
          (key, contenders) -> {
            if (subject.forLonger() && key.beginsWith(shorter)) {
              contenders.putIfAbsent(subject.contender(), measurement);
            }
          });
    }
    return groups.entrySet().stream().map(group -> of(group.getKey(), group.getValue())).toList();
  }

  private static Comparison of(Key key, Map<String, Measurement> contenders) {
    return new Comparison(key.scenario, key.what, key.sizes, key.threads, contenders);
  }

  private static Key key(Measurement measurement, String what) {
    Map<String, String> sizes = new TreeMap<>(measurement.params());
    sizes.keySet().removeAll(List.of(Scenario.LIMITER, Scenario.SERVER, Scenario.SERVERS));
    return new Key(measurement.scenario(), what, sizes, measurement.threads());
  }

  Optional<Measurement> of(String contender) {
    return Optional.ofNullable(contenders.get(contender));
  }

  Optional<Measurement> floor() {
    return of(FLOOR);
  }

  Optional<Measurement> penstock() {
    return of(PENSTOCK);
  }

  Stream<String> peers() {
    return contenders.keySet().stream()
        .filter(name -> !name.equals(FLOOR) && !name.equals(PENSTOCK));
  }

  /** Returns what a user could pick instead: the peers, and a floor that is a call and no time. */
  Stream<String> alternatives() {
    Stream<String> calls = floor().filter(m -> !m.isTime()).map(m -> FLOOR).stream();
    return Stream.concat(peers(), calls);
  }

  /** Returns the peers that all of these are held against, in the order of their appearance. */
  static List<String> peers(Collection<Comparison> comparisons) {
    return comparisons.stream().flatMap(Comparison::peers).distinct().toList();
  }

  /** Returns the names of what is counted beside Penstock's score in any of these. */
  static List<String> counters(Collection<Comparison> comparisons) {
    return comparisons.stream()
        .flatMap(comparison -> comparison.penstock().stream())
        .flatMap(measurement -> measurement.counters().keySet().stream())
        .distinct()
        .sorted()
        .toList();
  }

  /** Returns how much of the processors others had while the busiest of the measurements ran. */
  double others() {
    return contenders.values().stream().mapToDouble(Measurement::others).reduce(0, Math::max);
  }

  /** Returns whether any of its measurements says as much of other processes as of itself. */
  boolean isDisturbed() {
    return contenders.values().stream().anyMatch(Measurement::isDisturbed);
  }

  String unit() {
    return contenders.values().iterator().next().unit();
  }

  /** Says what is compared, but for the class. */
  String describe() {
    StringBuilder text = new StringBuilder(what);
    sizes.forEach(
        (name, value) -> text.append(", ").append(name).append(' ').append(Figures.grouped(value)));
    return text.append(", ").append(threads).toString();
  }
}
