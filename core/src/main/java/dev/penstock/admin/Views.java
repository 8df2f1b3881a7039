package dev.penstock.admin;

import dev.penstock.BucketState;
import dev.penstock.Decision;
import dev.penstock.PartitionedLimit;
import dev.penstock.admin.ShownPolicy.ShownLimit;
import dev.penstock.config.ReloadStatus;
import dev.penstock.config.ReloadingGate;
import dev.penstock.metrics.DeniedIdentities;
import dev.penstock.metrics.DeniedIdentities.Denied;
import dev.penstock.metrics.Metrics;
import dev.penstock.metrics.ShadowedLimit;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeSet;

/** What is looked at, as JSON. Times are milliseconds, and points in time since 1970. */
final class Views {

  /** Of all limits together. */
  static final int MOST_DENIED = 100;

  private Views() {}

  /** The policies in force, which change with the file alone. */
  static JsonWriter policies(List<ShownPolicy> policies) {
    JsonWriter json = new JsonWriter().begin().beginList("policies");
    for (ShownPolicy policy : policies) {
      json.begin().member("name", policy.name());
      policy.line().ifPresent(line -> json.member("line", line));
      json.beginList("limits");
      policy.limits().forEach(limit -> limit(json, limit));
      json.endList().end();
    }
    return json.endList().end();
  }

  private static void limit(JsonWriter json, ShownLimit limit) {
    PartitionedLimit standard = limit.standard();
    json.begin().member("name", limit.name());
    limit.line().ifPresent(line -> json.member("line", line));
    json.member("partition", standard.partition())
        .member("shadow", standard.isShadow())
        .member("unit", standard.limit().unit())
        .member("capacity", standard.limit().capacity())
        .member("words", LimitWords.of(standard.limit()))
        .beginList("plans");
    for (Map.Entry<String, PartitionedLimit> plan : limit.byPlan().entrySet()) {
      if (!plan.getKey().isEmpty()) {
        json.begin()
            .member("plan", plan.getKey())
            .member("words", LimitWords.of(plan.getValue().limit()))
            .end();
      }
    }
    json.endList().end();
  }

  /** What changes every second. */
  static JsonWriter status(long now, Optional<ReloadingGate> file, Metrics metrics) {
    Counts counts = new Counts(metrics.metrics());
    JsonWriter json = new JsonWriter().begin().member("at", now);
    file.ifPresent(gate -> file(json, gate));
    json.begin("requests");
    counts.by("outcome", "penstock_requests_total").forEach(json::member);
    json.end();
    limits(json, counts);
    sums(json, "slots", counts.by("limit", "penstock_slots_held"));
    if (counts.has("penstock_redis_available")) {
      json.begin("redis")
          .member("available", counts.least("penstock_redis_available") == 1)
          .member("without", counts.sum("penstock_redis_failover_decisions_total"))
          .end();
    }
    json.begin("rooms").member("buckets", counts.sum("penstock_buckets"));
    sums(json, "capacity", counts.by("kind", "penstock_buckets_capacity"));
    sums(json, "overflow", counts.by("kind", "penstock_overflow_requests_total"));
    json.end();
    shadow(json, metrics.shadow());
    return json.end();
  }

  private static void file(JsonWriter json, ReloadingGate gate) {
    ReloadStatus status = gate.status();
    json.begin("file")
        .member("path", gate.file().toString())
        .member("current", status.current())
        .member("since", status.since().toEpochMilli())
        .member("reloads", status.reloads())
        .member("refusals", status.refusals());
    status
        .lastRefusal()
        .ifPresent(
            refusal -> {
              json.begin("lastRefusal").member("at", refusal.at().toEpochMilli());
              json.beginList("faults");
              refusal.faults().forEach(json::item);
              json.endList().end();
            });
    json.end();
  }

  private static void limits(JsonWriter json, Counts counts) {
    String family = "penstock_decisions_total";
    SortedMap<String, Long> permitted = counts.by("limit", family, "outcome", "permitted");
    SortedMap<String, Long> denied = counts.by("limit", family, "outcome", "denied");
    SortedMap<String, Long> owed = counts.by("limit", "penstock_overdraft_tokens");
    TreeSet<String> names = new TreeSet<>(permitted.keySet());
    names.addAll(denied.keySet());
    json.beginList("limits");
    for (String name : names) {
      json.begin()
          .member("name", name)
          .member("permitted", permitted.getOrDefault(name, 0L))
          .member("denied", denied.getOrDefault(name, 0L))
          .member("owed", owed.getOrDefault(name, 0L))
          .end();
    }
    json.endList();
  }

  private static void sums(JsonWriter json, String name, SortedMap<String, Long> sums) {
    json.begin(name);
    sums.forEach(json::member);
    json.end();
  }

  private static void shadow(JsonWriter json, List<ShadowedLimit> report) {
    json.beginList("shadow");
    for (ShadowedLimit each : report) {
      json.begin()
          .member("limit", each.limit())
          .member("requests", each.requests())
          .member("denied", each.denied())
          .member("identities", each.identities())
          .member("text", each.toString())
          .end();
    }
    json.endList();
  }

  private record DeniedBy(String limit, Denied denied) {}

  /** Who is denied most, if the operator has chosen to know. */
  static JsonWriter denied(Optional<DeniedIdentities> denied) {
    JsonWriter json = new JsonWriter().begin().member("known", denied.isPresent());
    List<DeniedBy> all = new ArrayList<>();
    long missed = 0;
    if (denied.isPresent()) {
      for (String limit : denied.get().limits()) {
        missed += denied.get().missed(limit);
        denied.get().top(limit, MOST_DENIED).forEach(each -> all.add(new DeniedBy(limit, each)));
      }
    }
    all.sort(Comparator.comparingLong((DeniedBy each) -> each.denied().count()).reversed());
    json.member("missed", missed).beginList("top");
    for (DeniedBy each : all.subList(0, Math.min(MOST_DENIED, all.size()))) {
      json.begin()
          .member("limit", each.limit())
          .member("who", each.denied().who())
          .member("kind", each.denied().kind())
          .member("count", each.denied().count())
          .member("error", each.denied().error())
          .end();
    }
    return json.endList().end();
  }

  /**
   * The buckets of one identity.
   *
   * @param decision what would be decided, of all buckets but the ban
   * @param ban the rest of the ban; empty where there is none
   */
  static JsonWriter buckets(Decision decision, Optional<Duration> ban) {
    JsonWriter json =
        new JsonWriter()
            .begin()
            .member("permitted", decision.permitted() && ban.isEmpty())
            .member("source", decision.source());
    decision.retryAfter().ifPresent(time -> json.member("retryAfter", millis(time)));
    ban.ifPresent(time -> json.member("banned", millis(time)));
    json.beginList("buckets");
    decision.buckets().forEach(bucket -> bucket(json, bucket, false));
    decision
        .shadow()
        .ifPresent(shadow -> shadow.buckets().forEach(bucket -> bucket(json, bucket, true)));
    return json.endList().end();
  }

  private static void bucket(JsonWriter json, BucketState bucket, boolean shadow) {
    json.begin()
        .member("limit", bucket.name())
        .member("shadow", shadow)
        .member("permitted", bucket.permitted())
        .member("remaining", bucket.remaining())
        .member("capacity", bucket.limit().capacity())
        .member("words", LimitWords.of(bucket.limit()));
    bucket.resetAfter().ifPresent(time -> json.member("resetAfter", millis(time)));
    json.end();
  }

  /** Rounded up: who waits that long is not too early. */
  private static long millis(Duration time) {
    return time.plusNanos(999_999).toMillis();
  }
}
