package dev.penstock.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import dev.penstock.BucketState;
import dev.penstock.Crowd;
import dev.penstock.Decision;
import dev.penstock.Identity;
import dev.penstock.Limit;
import dev.penstock.RateLimitEvent;
import dev.penstock.TestEvents;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class DecisionCountersTest {

  private static final String HEAD =
      """
      # HELP penstock_decisions_total Rate limit decisions by policy and outcome.
      # TYPE penstock_decisions_total counter
      """;
  private static final Limit TEN = Limit.perMinute(10);

  private final DecisionCounters counters = new DecisionCounters();

  @Test
  void onEvent_permitted_countsEveryLimitThatPaid() {
    tell(yes("user"), yes("platform"));
    tell(yes("user"));
    assertThat(counters.permitted("user")).isEqualTo(2);
    assertThat(counters.permitted("platform")).isEqualTo(1);
    assertThat(counters.denied("user")).isZero();
  }

  @Test
  void onEvent_denied_countsOnlyTheLimitsThatSaidNo() {
    tell(no("user"), yes("workspace"), no("platform"));
    assertThat(counters.denied("user")).isEqualTo(1);
    assertThat(counters.denied("platform")).isEqualTo(1);
    assertThat(counters.denied("workspace")).isZero();
    assertThat(counters.permitted("workspace")).isZero();
  }

  @Test
  void onEvent_settledOrCancelled_isNoDecision() {
    Decision decision = Decision.of(Decision.Source.MEMORY, List.of(yes("user")));
    for (RateLimitEvent.Type type : RateLimitEvent.Type.values()) {
      counters.onEvent(TestEvents.of(type, Identity.Kind.USER, decision));
    }
    assertThat(counters.permitted("user")).isEqualTo(1);
    assertThat(counters.permittedBy(Decision.Source.MEMORY)).isEqualTo(1);
  }

  @Test
  void counts_unknownName_areZeroAndCreateNothing() {
    assertThat(counters.permitted("x")).isZero();
    assertThat(counters.denied("x")).isZero();
    assertThat(counters.prometheusText()).isEqualTo(HEAD);
  }

  @Test
  void prometheusText_severalNames_isSortedAndExact() {
    tell(yes("workspace"));
    tell(yes("agent-runs"));
    tell(yes("agent-runs"));
    tell(no("agent-runs"));
    assertThat(counters.prometheusText())
        .isEqualTo(
            HEAD
                + """
                penstock_decisions_total{policy="agent-runs",outcome="permitted"} 2
                penstock_decisions_total{policy="agent-runs",outcome="denied"} 1
                penstock_decisions_total{policy="workspace",outcome="permitted"} 1
                penstock_decisions_total{policy="workspace",outcome="denied"} 0
                """);
  }

  @Test
  void prometheusText_openAndClosed_areCountedBySource() {
    tell(yes("a"));
    for (int i = 0; i < 3; i++) {
      counters.onEvent(TestEvents.decided(Identity.Kind.USER, Decision.open()));
      counters.onEvent(
          TestEvents.decided(Identity.Kind.USER, Decision.closed(Duration.ofSeconds(1))));
    }
    counters.onEvent(
        TestEvents.decided(
            Identity.Kind.USER, Decision.of(Decision.Source.LOCAL, List.of(no("a")))));
    assertThat(counters.permittedBy(Decision.Source.OPEN)).isEqualTo(3);
    assertThat(counters.deniedBy(Decision.Source.OPEN)).isZero();
    assertThat(counters.deniedBy(Decision.Source.CLOSED)).isEqualTo(3);
    assertThat(counters.permittedBy(Decision.Source.MEMORY)).isEqualTo(1);
    assertThat(counters.prometheusText())
        .isEqualTo(
            HEAD
                + """
                penstock_decisions_total{policy="a",outcome="permitted"} 1
                penstock_decisions_total{policy="a",outcome="denied"} 1
                # HELP penstock_decisions_by_source_total Decisions by who made them.
                # TYPE penstock_decisions_by_source_total counter
                penstock_decisions_by_source_total{source="local",outcome="permitted"} 0
                penstock_decisions_by_source_total{source="local",outcome="denied"} 1
                penstock_decisions_by_source_total{source="open",outcome="permitted"} 3
                penstock_decisions_by_source_total{source="open",outcome="denied"} 0
                penstock_decisions_by_source_total{source="closed",outcome="permitted"} 0
                penstock_decisions_by_source_total{source="closed",outcome="denied"} 3
                """);
  }

  @Test
  void prometheusText_quotesAndBackslashes_areEscaped() {
    tell(no("a\"b\\c\\\"{}=, d"));
    assertThat(counters.prometheusText())
        .isEqualTo(
            HEAD
                + """
                penstock_decisions_total{policy="a\\"b\\\\c\\\\\\"{}=, d",outcome="permitted"} 0
                penstock_decisions_total{policy="a\\"b\\\\c\\\\\\"{}=, d",outcome="denied"} 1
                """);
  }

  @Test
  void onEvent_moreNamesThanTheMaximum_areCountedTogether() {
    for (int i = 0; i < DecisionCounters.MAX_NAMES + 500; i++) {
      tell(yes("n" + i));
      tell(no("n" + i));
    }
    tell(yes("n7"));
    assertThat(counters.permitted("n7")).as("known before, still counted").isEqualTo(2);
    assertThat(counters.permitted("n" + DecisionCounters.MAX_NAMES)).isZero();
    assertThat(counters.permitted(DecisionCounters.OTHER_NAMES)).isEqualTo(500);
    assertThat(counters.denied(DecisionCounters.OTHER_NAMES)).isEqualTo(500);
    assertThat(counters.prometheusText().lines()).hasSize(2 + 2 * (DecisionCounters.MAX_NAMES + 1));
  }

  @Test
  void onEvent_manyThreads_losesNoCount() {
    try (Crowd crowd = new Crowd(8)) {
      crowd.ask(
          thread -> {
            for (int i = 0; i < 10_000; i++) {
              tell(yes("n" + i % 10));
            }
            return thread;
          });
    }
    assertThat(counters.permitted("n3")).isEqualTo(8_000);
  }

  @Test
  @SuppressWarnings("NullAway") // null is what is tested
  void nulls_nameTheParameter() {
    assertThatNullPointerException().isThrownBy(() -> counters.permitted(null)).withMessage("name");
    assertThatNullPointerException().isThrownBy(() -> counters.denied(null)).withMessage("name");
  }

  private void tell(BucketState... buckets) {
    counters.onEvent(
        TestEvents.decided(
            Identity.Kind.USER, Decision.of(Decision.Source.MEMORY, Arrays.asList(buckets))));
  }

  private static BucketState yes(String name) {
    return new BucketState(name, TEN, true, 9, 0, 1);
  }

  private static BucketState no(String name) {
    return new BucketState(name, TEN, false, 0, 1, 1);
  }
}
