package dev.penstock.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.penstock.Ban;
import dev.penstock.BucketState;
import dev.penstock.Cost;
import dev.penstock.Crowd;
import dev.penstock.Decision;
import dev.penstock.Decision.Source;
import dev.penstock.Identity;
import dev.penstock.Limit;
import dev.penstock.LimitPolicy;
import dev.penstock.Metered;
import dev.penstock.MetricFamily;
import dev.penstock.MetricFamily.Sample;
import dev.penstock.Partition;
import dev.penstock.PartitionedLimit;
import dev.penstock.RateLimiter;
import dev.penstock.Reservation;
import dev.penstock.TestEvents;
import dev.penstock.memory.InMemoryRateLimiter;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class MetricsTest {

  private static final Limit TEN = Limit.perMinute(10);
  private static final Identity USER = Identity.user("acme", "u1");
  private static final String USERS = "limit=users, ";

  private final Metrics metrics = Metrics.of();

  @Test
  void onEvent_permitted_countsEveryLimitThatPaidAndTheRequestOnce() {
    tell(yes("users"), yes("platform"));
    tell(yes("users"));
    assertThat(metrics.permitted("users")).isEqualTo(2);
    assertThat(metrics.permitted("platform")).isEqualTo(1);
    assertThat(metrics.denied("users")).isZero();
    assertThat(requests("permitted", "paid", "memory")).isEqualTo(2);
    assertThat(value("penstock_tokens_granted_total{limit=users}")).isEqualTo(2);
  }

  @Test
  void onEvent_denied_countsOnlyTheLimitsThatSaidNoAndWhy() {
    tell(no("users"), yes("workspace"), never("platform"));
    assertThat(metrics.denied("users")).isEqualTo(1);
    assertThat(metrics.denied("workspace")).isZero();
    assertThat(metrics.permitted("workspace")).isZero();
    assertThat(decisions(USERS, "denied", "denied", "memory")).isEqualTo(1);
    assertThat(decisions("limit=platform, ", "denied", "never", "memory")).isEqualTo(1);
    assertThat(requests("denied", "never", "memory")).isEqualTo(1);
  }

  @Test
  void onEvent_whileAStoreIsAway_isCountedBySource() {
    metrics.onEvent(TestEvents.decided(Identity.Kind.USER, Decision.open()));
    for (int i = 0; i < 2; i++) {
      metrics.onEvent(
          TestEvents.decided(Identity.Kind.USER, Decision.closed(Duration.ofSeconds(1))));
    }
    metrics.onEvent(
        TestEvents.decided(Identity.Kind.USER, Decision.of(Source.LOCAL, List.of(no("users")))));
    assertThat(requests("permitted", "failover", "open")).isEqualTo(1);
    assertThat(requests("denied", "failover", "closed")).isEqualTo(2);
    assertThat(requests("denied", "denied", "local")).isEqualTo(1);
    assertThat(decisions(USERS, "denied", "denied", "local")).isEqualTo(1);
  }

  /** Counters that begin with what they have missed show no first rise. */
  @Test
  void prometheusText_limitThatHasOnlyPaid_hasDeniedNothing() {
    tell(yes("users"));
    assertThat(decisions(USERS, "denied", "denied", "memory")).isZero();
  }

  @Test
  void onEvent_settlements_areCountedUpAndDown() {
    Decision decision = Decision.of(Source.MEMORY, List.of(yes("users"), slots("in-flight")));
    metrics.onEvent(TestEvents.settled(Cost.of(2), Cost.of(9), decision));
    metrics.onEvent(TestEvents.settled(Cost.of(9), Cost.of(6), decision));
    metrics.onEvent(TestEvents.cancelled(Cost.of(6), decision));
    assertThat(value("penstock_tokens_settled_total{direction=up, limit=users}")).isEqualTo(7);
    assertThat(value("penstock_tokens_settled_total{direction=down, limit=users}")).isEqualTo(9);
    assertThat(metrics.permitted("users")).as("no decision").isZero();
    assertThat(metrics.prometheusText()).doesNotContain("in-flight");
  }

  @Test
  void shadow_requestsThatWouldHaveBeenDenied_areCountedWithTheirIdentities() {
    RateLimiter limiter = InMemoryRateLimiter.create().listening(metrics);
    PartitionedLimit users = new PartitionedLimit("users", Limit.perDay(1_000), Partition.IDENTITY);
    PartitionedLimit tried =
        new PartitionedLimit("tried", Limit.perDay(2), Partition.IDENTITY).asShadow();
    LimitPolicy policy = LimitPolicy.of("runs", users, tried);
    for (int user = 0; user < 20; user++) {
      for (int i = 0; i < (user < 12 ? 5 : 2); i++) {
        assertThat(limiter.tryAcquire(Identity.user("u" + user), policy).permitted()).isTrue();
      }
    }
    assertThat(metrics.shadow()).containsExactly(new ShadowedLimit("tried", 76, 36, 12));
    assertThat(metrics.shadow().get(0))
        .hasToString(
            "with limit tried 47.4 % of 76 requests, of 12 identities, would have been denied");
    assertThat(value("penstock_shadow_decisions_total{limit=tried, outcome=denied}")).isEqualTo(36);
    assertThat(value("penstock_shadow_decisions_total{limit=tried, outcome=permitted}"))
        .isEqualTo(40);
    assertThat(value("penstock_shadow_denied_identities{limit=tried}")).isEqualTo(12);
    assertThat(metrics.permitted("users")).isEqualTo(76);
    assertThat(metrics.denied("tried")).isZero();
  }

  @Test
  void onEvent_deniedByABan_isItsOwnReason() {
    RateLimiter limiter =
        InMemoryRateLimiter.create()
            .banning(Ban.after(1, Duration.ofMinutes(1)).lasting(Duration.ofMinutes(10)))
            .listening(metrics);
    LimitPolicy once = LimitPolicy.perIdentity("once", Limit.perDay(1));
    limiter.tryAcquire(USER, once);
    limiter.tryAcquire(USER, once);
    limiter.tryAcquire(USER, once);
    assertThat(requests("denied", "denied", "memory")).isEqualTo(1);
    assertThat(requests("denied", "ban", "memory")).isEqualTo(1);
  }

  @Test
  void onFailure_isARequestWithAnError() {
    LimitPolicy failing =
        identity -> {
          throw new IllegalStateException("policy");
        };
    RateLimiter limiter = InMemoryRateLimiter.create().listening(metrics);
    assertThatThrownBy(() -> limiter.tryAcquire(USER, failing))
        .isInstanceOf(IllegalStateException.class);
    assertThat(requests("error", "error", "none")).isEqualTo(1);
  }

  @Test
  void listening_manyRequests_countsThoseOfOneListAndAllOthersAlike() {
    InMemoryRateLimiter store = InMemoryRateLimiter.create();
    RateLimiter limiter = store.listening(metrics);
    LimitPolicy prepared =
        LimitPolicy.perIdentity("users", Limit.perDay(1_000_000))
            .and(LimitPolicy.everyone("tokens", Limit.perDay(1_000_000).withUnit("model-tokens")));
    LimitPolicy own = identity -> prepared.limits(identity);
    for (int i = 0; i < 1_000; i++) {
      limiter.tryAcquire(USER, prepared);
      limiter.tryAcquire(USER, prepared, Cost.of(3).and("model-tokens", 7));
      limiter.tryAcquire(USER, own);
    }
    assertThat(metrics.permitted("users")).isEqualTo(3_000);
    assertThat(metrics.permitted("tokens")).isEqualTo(3_000);
    assertThat(requests("permitted", "paid", "memory")).isEqualTo(3_000);
    assertThat(value("penstock_tokens_granted_total{limit=users}")).isEqualTo(5_000);
    assertThat(value("penstock_tokens_granted_total{limit=tokens}")).isEqualTo(7_000);
    assertThat(value("penstock_decision_seconds_count{source=memory}")).isBetween(3.0, 200.0);
  }

  @Test
  void listening_manyThreads_losesNoCount() {
    RateLimiter limiter = InMemoryRateLimiter.create().listening(metrics);
    try (Crowd crowd = new Crowd(8)) {
      crowd.ask(
          thread -> {
            LimitPolicy policy = LimitPolicy.perIdentity("n" + thread % 3, Limit.perDay(1_000_000));
            for (int i = 0; i < 10_000; i++) {
              limiter.tryAcquire(USER, policy);
              if (i % 100 == 0) {
                metrics.prometheusText();
              }
            }
            return thread;
          });
    }
    long all = metrics.permitted("n0") + metrics.permitted("n1") + metrics.permitted("n2");
    assertThat(all).isEqualTo(80_000);
    assertThat(requests("permitted", "paid", "memory")).isEqualTo(80_000);
  }

  /** What refill has made good for is not owed: so the fake decision is of a slow limit. */
  @Test
  void onEvent_denialsOfABucketThatOwes_showTheLargestOverdraft() {
    Limit slow = Limit.perDay(10).withOverdraft(100);
    long perToken = Duration.ofDays(1).toNanos() / 10;
    for (int owed : new int[] {3, 7, 5}) {
      BucketState bucket =
          new BucketState("budget", slow, false, 0, (owed + 1) * perToken, (owed + 11) * perToken);
      metrics.onEvent(
          TestEvents.decided(USER, Cost.of(1), Decision.of(Source.MEMORY, List.of(bucket))));
    }
    assertThat(value("penstock_overdraft_tokens{limit=budget}")).isEqualTo(7);
    tell(no("users"));
    assertThat(metrics.prometheusText()).doesNotContain("overdraft_tokens{limit=\"users\"}");
  }

  @Test
  void prometheusText_ofAStore_hasBucketsRoomsOverflowAndSlots() {
    InMemoryRateLimiter store = InMemoryRateLimiter.create(4);
    Metrics both = Metrics.of(store);
    RateLimiter limiter = store.listening(both);
    LimitPolicy day = LimitPolicy.perIdentity("day", Limit.perDay(10));
    for (int i = 0; i < 5; i++) {
      limiter.tryAcquire(Identity.address("192.0.2." + i), day);
    }
    LimitPolicy slots = LimitPolicy.everyone("slots", Limit.inFlight(4));
    try (Reservation held = limiter.reserve(USER, slots, Cost.units("concurrent-requests", 2))) {
      assertThat(held.permitted()).isTrue();
      Scrape scrape = Scrape.of(both.prometheusText());
      assertThat(scrape.value("penstock_buckets")).isEqualTo(4);
      assertThat(scrape.value("penstock_buckets_capacity{kind=address}")).isEqualTo(3);
      assertThat(scrape.value("penstock_buckets_capacity{kind=user}")).isEqualTo(4);
      assertThat(scrape.value("penstock_overflow_requests_total{kind=address}")).isEqualTo(2);
      assertThat(scrape.value("penstock_overflow_requests_total{kind=user}")).isZero();
      assertThat(scrape.value("penstock_slots_held{limit=slots}")).isEqualTo(2);
    }
    assertThat(both.prometheusText()).doesNotContain("penstock_slots_held");
  }

  @Test
  void onEvent_moreNamesThanTheMaximum_areCountedTogether() {
    for (int i = 0; i < Metrics.MAX_NAMES + 500; i++) {
      tell(yes("n" + i));
      tell(no("n" + i));
    }
    tell(yes("n7"));
    assertThat(metrics.permitted("n7")).as("known before, still counted").isEqualTo(2);
    assertThat(metrics.permitted("n" + Metrics.MAX_NAMES)).isZero();
    assertThat(metrics.permitted(Metrics.OTHER_NAMES)).isEqualTo(500);
    assertThat(metrics.denied(Metrics.OTHER_NAMES)).isEqualTo(500);
    assertThat(Scrape.of(metrics.prometheusText()).series().keySet())
        .filteredOn(series -> series.startsWith("penstock_decisions_total"))
        .hasSize(2 * (Metrics.MAX_NAMES + 1));
  }

  @Test
  void prometheusText_namesOfAnyCharacters_areReadBack() {
    tell(no("a\"b\\c\\\"{}=, d"));
    assertThat(Scrape.of(metrics.prometheusText()).series().keySet())
        .anyMatch(series -> series.contains("limit=a\\\"b\\\\c\\\\\\\"{}=, d"));
  }

  @Test
  void prometheusText_nothingYet_isGoodText() {
    assertThat(Scrape.of(metrics.prometheusText()).families())
        .containsExactly("penstock_requests_total");
  }

  @Test
  void of_twoOfAKind_areToldApartByALabel() {
    Metered one = InMemoryRateLimiter.create();
    Metered two = InMemoryRateLimiter.create();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Metrics.of(one, two))
        .withMessage(
            "sources must not have a series twice, tell them apart with labelled(name, value):"
                + " penstock_buckets{}");
    Scrape scrape =
        Scrape.of(
            Metrics.of(one.labelled("limiter", "a"), two.labelled("limiter", "b"))
                .prometheusText());
    assertThat(scrape.value("penstock_buckets{limiter=a}")).isZero();
    assertThat(scrape.value("penstock_buckets{limiter=b}")).isZero();
  }

  @Test
  void metrics_ofASourceOfTheApplications_standBesideTheOthers() {
    Metered own =
        () ->
            List.of(
                MetricFamily.of(
                    MetricFamily.Type.GAUGE, "agents_running", "Agents.", Sample.of(3)));
    assertThat(Scrape.of(Metrics.of(own).prometheusText()).value("agents_running")).isEqualTo(3);
  }

  @Test
  @SuppressWarnings("NullAway") // null is what is tested
  void nulls_nameTheParameter() {
    assertThatNullPointerException().isThrownBy(() -> metrics.permitted(null)).withMessage("limit");
    assertThatNullPointerException().isThrownBy(() -> metrics.denied(null)).withMessage("limit");
  }

  private void tell(BucketState... buckets) {
    metrics.onEvent(
        TestEvents.decided(Identity.Kind.USER, Decision.of(Source.MEMORY, Arrays.asList(buckets))));
  }

  private double requests(String outcome, String reason, String source) {
    return decisions("", outcome, reason, source);
  }

  private double decisions(String limit, String outcome, String reason, String source) {
    String family = limit.isEmpty() ? "penstock_requests_total{" : "penstock_decisions_total{";
    return value(
        family + limit + "outcome=" + outcome + ", reason=" + reason + ", source=" + source + "}");
  }

  private double value(String series) {
    return Scrape.of(metrics.prometheusText()).value(series);
  }

  private static BucketState yes(String name) {
    return new BucketState(name, TEN, true, 9, 0, 1);
  }

  private static BucketState slots(String name) {
    return new BucketState(name, Limit.inFlight(3), true, 2, 0, BucketState.UNKNOWN);
  }

  private static BucketState no(String name) {
    return new BucketState(name, TEN, false, 0, 1, 1);
  }

  private static BucketState never(String name) {
    return new BucketState(name, TEN, false, 0, BucketState.NEVER, 1);
  }
}
