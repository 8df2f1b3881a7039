package dev.penstock.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import dev.penstock.Cost;
import dev.penstock.Crowd;
import dev.penstock.Decision;
import dev.penstock.Identity;
import dev.penstock.Limit;
import dev.penstock.LimitPolicy;
import dev.penstock.RateLimiter;
import dev.penstock.TestEvents;
import dev.penstock.memory.InMemoryRateLimiter;
import dev.penstock.metrics.DeniedIdentities.Denied;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class DeniedIdentitiesTest {

  private static final LimitPolicy ONCE =
      LimitPolicy.perIdentity("once", Limit.perDay(1))
          .and(LimitPolicy.everyone("all", Limit.perDay(1_000_000)));

  private final DeniedIdentities denied = DeniedIdentities.byName(10);
  private final RateLimiter limiter = InMemoryRateLimiter.create().listening(denied);

  @Test
  void top_fewerThanTheCapacity_isExactAndByLimit() {
    ask(Identity.user("acme", "u1"), 4);
    ask(Identity.address("192.0.2.1"), 8);
    assertThat(denied.limits()).containsExactly("once");
    assertThat(denied.top("once", 10))
        .containsExactly(
            new Denied("192.0.2.1", Identity.Kind.ADDRESS, 7, 0),
            new Denied("acme/u1", Identity.Kind.USER, 3, 0));
    assertThat(denied.top("once", 1)).hasSize(1);
    assertThat(denied.top("other", 1)).isEmpty();
    assertThat(denied.missed("other")).isZero();
  }

  @Test
  void onEvent_deniedByNobody_countsNobody() {
    denied.onEvent(
        TestEvents.decided(
            Identity.user("u1"), Cost.of(1), Decision.closed(Duration.ofSeconds(1))));
    denied.onEvent(TestEvents.decided(Identity.user("u1"), Cost.of(1), Decision.open()));
    assertThat(denied.limits()).isEmpty();
  }

  /** The bounds of the sketch, by a skewed random crowd of a thousand times its capacity. */
  @Test
  void top_manyMoreThanTheCapacity_keepsItsBounds() {
    SpaceSaving<Integer> sketch = new SpaceSaving<>(100);
    Map<Integer, Long> truth = new HashMap<>();
    SplittableRandom random = new SplittableRandom(7);
    long total = 300_000;
    for (long i = 0; i < total; i++) {
      int key = (int) Math.pow(100_000, random.nextDouble());
      truth.merge(key, 1L, Long::sum);
      sketch.add(key);
    }
    Map<Integer, SpaceSaving.Frequent<Integer>> told = new HashMap<>();
    sketch.top(1_000).forEach(each -> told.put(each.key(), each));
    assertThat(told).hasSize(100);
    assertThat(told.values())
        .allSatisfy(
            each -> {
              long true1 = truth.getOrDefault(each.key(), 0L);
              assertThat(true1).isBetween(each.count() - each.error(), each.count());
              assertThat(each.error()).isLessThanOrEqualTo(total / 100);
            });
    truth.forEach(
        (key, count) -> {
          if (count > total / 100) {
            assertThat(told).containsKey(key);
          }
        });
    assertThat(sketch.missed()).isZero();
  }

  @Test
  void top_manyThreads_countsAndMissesAddUp() {
    SpaceSaving<Integer> sketch = new SpaceSaving<>(8);
    try (Crowd crowd = new Crowd(8)) {
      crowd.ask(
          thread -> {
            for (int i = 0; i < 20_000; i++) {
              sketch.add(i % 4 == 0 ? i + 100 * thread : thread);
            }
            return thread;
          });
    }
    long counted = sketch.top(8).stream().mapToLong(SpaceSaving.Frequent::count).sum();
    assertThat(sketch.top(100)).hasSizeLessThanOrEqualTo(8);
    assertThat(counted + sketch.missed()).isEqualTo(160_000);
  }

  @Test
  void byHash_hidesNamesAndTellsThemApart() {
    DeniedIdentities hidden = DeniedIdentities.byHash(10, new byte[16]);
    RateLimiter limiter = InMemoryRateLimiter.create().listening(hidden);
    for (Identity each : List.of(Identity.user("a", "b"), Identity.user("a/b"))) {
      limiter.tryAcquire(each, ONCE);
      limiter.tryAcquire(each, ONCE);
    }
    List<Denied> top = hidden.top("once", 10);
    assertThat(top).hasSize(2);
    assertThat(top).extracting(Denied::who).allMatch(who -> who.matches("[0-9a-f]{32}"));
    assertThat(top.get(0).who()).isNotEqualTo(top.get(1).who());
  }

  @Test
  void onEvent_moreLimitsThanTheMaximum_areCountedTogether() {
    Identity user = Identity.user("u1");
    for (int i = 0; i < DeniedIdentities.MAX_LIMITS + 20; i++) {
      LimitPolicy one = LimitPolicy.perIdentity("n" + i, Limit.perDay(1));
      limiter.tryAcquire(user, one, 2);
    }
    assertThat(denied.limits()).hasSize(DeniedIdentities.MAX_LIMITS + 1);
    assertThat(denied.top(Metrics.OTHER_NAMES, 1).get(0).count()).isEqualTo(20);
  }

  @Test
  void badArguments_areRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> DeniedIdentities.byName(0))
        .withMessage("capacity must be from 1 to 10000: 0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> DeniedIdentities.byName(10_001))
        .withMessage("capacity must be from 1 to 10000: 10001");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> DeniedIdentities.byHash(1, new byte[15]))
        .withMessage("secret must be at least 16 bytes: 15");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> denied.top("once", 0))
        .withMessage("most must be at least 1: 0");
  }

  @Test
  @SuppressWarnings("NullAway") // null is what is tested
  void nulls_nameTheParameter() {
    assertThatNullPointerException()
        .isThrownBy(() -> DeniedIdentities.byHash(1, null))
        .withMessage("secret");
    assertThatNullPointerException().isThrownBy(() -> denied.top(null, 1)).withMessage("limit");
    assertThatNullPointerException().isThrownBy(() -> denied.missed(null)).withMessage("limit");
  }

  private void ask(Identity identity, int times) {
    for (int i = 0; i < times; i++) {
      limiter.tryAcquire(identity, ONCE);
    }
  }
}
