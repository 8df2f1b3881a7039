package dev.penstock.metrics;

import dev.penstock.BucketState;
import dev.penstock.Decision;
import dev.penstock.Identity;
import dev.penstock.MetricFamily;
import dev.penstock.MetricFamily.Sample;
import dev.penstock.base.Inside;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/** What limits in shadow would have done, by name. Thread-safe, and bounded in memory. */
final class ShadowCounts {

  private record Tried(LongAdder permitted, LongAdder denied, DistinctCount identities) {

    static Tried nothing() {
      return new Tried(new LongAdder(), new LongAdder(), new DistinctCount());
    }
  }

  private final Map<String, Tried> limits = new ConcurrentHashMap<>();

  void add(Identity identity, Decision shadow) {
    for (BucketState bucket : shadow.buckets()) {
      Tried tried = limit(bucket.name());
      (bucket.permitted() ? tried.permitted : tried.denied).increment();
      if (!bucket.permitted()) {
        tried.identities.add(Inside.hash(identity));
      }
    }
  }

  private Tried limit(String name) {
    Tried tried = limits.get(name);
    if (tried != null) {
      return tried;
    }
    String counted = limits.size() < Metrics.MAX_NAMES ? name : Metrics.OTHER_NAMES;
    return limits.computeIfAbsent(counted, any -> Tried.nothing());
  }

  List<ShadowedLimit> report() {
    List<ShadowedLimit> report = new ArrayList<>();
    new TreeMap<>(limits)
        .forEach(
            (name, tried) -> {
              long denied = tried.denied.sum();
              long requests = tried.permitted.sum() + denied;
              report.add(new ShadowedLimit(name, requests, denied, tried.identities.estimate()));
            });
    return report;
  }

  List<MetricFamily> metrics() {
    List<Sample> decisions = new ArrayList<>();
    List<Sample> identities = new ArrayList<>();
    for (ShadowedLimit each : report()) {
      long permitted = each.requests() - each.denied();
      decisions.add(Sample.of(permitted, "limit", each.limit(), "outcome", "permitted"));
      decisions.add(Sample.of(each.denied(), "limit", each.limit(), "outcome", "denied"));
      identities.add(Sample.of(each.identities(), "limit", each.limit()));
    }
    return List.of(
        new MetricFamily(
            MetricFamily.Type.COUNTER,
            "penstock_shadow_decisions_total",
            "What each limit in shadow would have said to requests, had it been enforced.",
            decisions),
        new MetricFamily(
            MetricFamily.Type.GAUGE,
            "penstock_shadow_denied_identities",
            "Of how many identities these denials would have been, about.",
            identities));
  }
}
