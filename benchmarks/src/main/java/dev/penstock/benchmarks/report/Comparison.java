package dev.penstock.benchmarks.report;

import java.util.ArrayList;
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
 * is the peer, and all else is Penstock. A floor that stands for a whole class stands beside each
 * of its methods.
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
      List.of("bucket4j", "resilience4j", "guava", "caffeine");

  /** Whom a method measures, and doing what: nothing where it is the floor of its class. */
  private record Subject(String contender, String what) {

    static Subject of(Measurement measurement) {
      String method = measurement.method();
      String named = measurement.params().get(Scenario.LIMITER);
      if (named != null) {
        return new Subject(named, method);
      }
      if (method.startsWith(FLOOR) || method.startsWith(BARE)) {
        return new Subject(FLOOR, "");
      }
      return PEERS.stream()
          .filter(method::startsWith)
          .findFirst()
          .map(peer -> new Subject(peer, uncapitalised(method.substring(peer.length()))))
          .orElse(new Subject(PENSTOCK, method));
    }

    private static String uncapitalised(String text) {
      return text.isEmpty() ? text : Character.toLowerCase(text.charAt(0)) + text.substring(1);
    }
  }

  private record Key(String scenario, String what, Map<String, String> sizes, Threads threads) {}

  /** Puts together what belongs together, in the order of the measurements. */
  static List<Comparison> of(List<Measurement> measurements) {
    Map<Key, Map<String, Measurement>> groups = new LinkedHashMap<>();
    for (Measurement measurement : measurements) {
      Subject subject = Subject.of(measurement);
      groups
          .computeIfAbsent(key(measurement, subject.what()), key -> new LinkedHashMap<>())
          .put(subject.contender(), measurement);
    }
    List<Comparison> comparisons = new ArrayList<>();
    groups.forEach(
        (key, contenders) -> {
          if (!key.what.isEmpty()) {
            Map<String, Measurement> all = new LinkedHashMap<>(contenders);
            Key floor = new Key(key.scenario, "", key.sizes, key.threads);
            all.putAll(groups.getOrDefault(floor, Map.of()));
            comparisons.add(new Comparison(key.scenario, key.what, key.sizes, key.threads, all));
          }
        });
    return comparisons;
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

  /** Returns the peers that all of these are held against, in the order of their appearance. */
  static List<String> peers(Collection<Comparison> comparisons) {
    return comparisons.stream().flatMap(Comparison::peers).distinct().toList();
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
