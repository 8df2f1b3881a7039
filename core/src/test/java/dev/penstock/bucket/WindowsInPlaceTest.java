package dev.penstock.bucket;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.CalendarUnit;
import dev.penstock.Cost;
import dev.penstock.Decision;
import dev.penstock.Identity;
import dev.penstock.Limit;
import dev.penstock.Partition;
import dev.penstock.PartitionedLimit;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Decisions in place beside the same ones at length, as reservations are made. */
class WindowsInPlaceTest {

  private static final Identity USER = Identity.user("acme", "u1");
  private static final PartitionedLimit FIXED =
      limit("fixed", Limit.fixedWindow(7, CalendarUnit.HOUR, ZoneId.of("Asia/Kolkata")));
  private static final PartitionedLimit OF_MINUTES =
      limit("of-minutes", Limit.slidingWindow(11, Duration.ofMinutes(30)));
  private static final PartitionedLimit OF_SECONDS =
      limit("of-seconds", Limit.slidingWindow(5, Duration.ofSeconds(77)));
  private static final PartitionedLimit TOKENS =
      limit("tokens", Limit.of(9, 1, Duration.ofSeconds(40)));
  private static final PartitionedLimit OWING =
      limit("owing", Limit.fixedWindow(6, CalendarUnit.MINUTE, ZoneOffset.UTC).withOverdraft(3));

  private Instant wall = Instant.parse("2026-03-01T10:00:00.123456789Z");
  private long nanos = 1;
  private final BucketStore store = new BucketStore(10, Rooms.standard(), () -> nanos, () -> wall);
  private final WindowsInPlace inPlace = new WindowsInPlace(store);

  private static PartitionedLimit limit(String name, Limit limit) {
    return new PartitionedLimit(name, limit, Partition.IDENTITY);
  }

  private void pass(long passed) {
    nanos += passed;
    wall = wall.plusNanos(passed);
  }

  /** Steps from less than a token's to more than two windows; back now and then. */
  private void passRandomly(Random random) {
    long most = Duration.ofMinutes(1L << random.nextInt(8)).toNanos();
    boolean stands = random.nextInt(3) > 0;
    pass(stands ? 0 : random.nextLong(most));
    if (random.nextInt(40) == 0) {
      wall = wall.minusNanos(random.nextLong(most));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8})
  void take_anyProgram_answersAsAtLength(int seed) {
    Random random = new Random(seed);
    Buckets some = Buckets.onClock(100, Rooms.standard(), () -> nanos, () -> wall);
    Buckets others = Buckets.onClock(100, Rooms.standard(), () -> nanos, () -> wall);
    List<PartitionedLimit> all = List.of(FIXED, OF_MINUTES, OF_SECONDS, TOKENS, OWING);
    for (int i = 0; i < 4_000; i++) {
      List<PartitionedLimit> limits = new ArrayList<>(all);
      Collections.shuffle(limits, random);
      limits = limits.subList(0, 1 + random.nextInt(3));
      Cost cost = Cost.of(1 + random.nextInt(random.nextInt(10) == 0 ? 20 : 2));
      Decision decision = some.take(USER, limits, cost);
      assertThat(decision.toString())
          .as("step %s", i)
          .isEqualTo(others.reserve(USER, limits, cost).decision().toString());
      if (random.nextInt(50) == 0) {
        some.fill(USER, limits);
        others.fill(USER, limits);
      }
      passRandomly(random);
    }
  }

  @Test
  void takeFromOne_windowThatWasCharged_isDecidedInPlace() {
    for (PartitionedLimit limit : List.of(FIXED, OF_MINUTES, OF_SECONDS)) {
      List<PartitionedLimit> limits = List.of(limit);
      assertThat(inPlace.takeFromOne(USER, limits, Cost.of(1))).isNull();
      assertThat(new ChargedWindow(store, USER, limit, 1).take(nanos)).isTrue();
      OneWindow taken = Objects.requireNonNull(inPlace.takeFromOne(USER, limits, Cost.of(1)));
      assertThat(taken.get().get(0).remaining()).isEqualTo(limit.limit().capacity() - 2);
      pass(Duration.ofHours(1).toNanos());
      assertThat(inPlace.takeFromOne(USER, limits, Cost.of(1))).isNull();
    }
  }

  @Test
  void takeFromAll_oneSaysNo_takesFromNone() {
    List<PartitionedLimit> limits = List.of(OF_SECONDS, TOKENS, FIXED);
    for (PartitionedLimit limit : List.of(OF_SECONDS, FIXED)) {
      assertThat(new ChargedWindow(store, USER, limit, 1).take(nanos)).isTrue();
    }
    assertThat(new ChargedBucket(store, USER, TOKENS, 9).take(nanos)).isTrue();
    WindowAmongOthers denied =
        Objects.requireNonNull(inPlace.takeFromAll(USER, limits, Cost.of(1)));
    assertThat(denied.paid).isFalse();
    assertThat(new ChargedWindow(store, USER, OF_SECONDS, 1).own().taken()).isEqualTo(1);
    assertThat(new ChargedWindow(store, USER, FIXED, 1).own().taken()).isEqualTo(1);
    pass(Duration.ofSeconds(40).toNanos() - 1);
    WindowAmongOthers later =
        Objects.requireNonNull(inPlace.takeFromAll(USER, List.of(TOKENS, FIXED), Cost.of(1)));
    assertThat(later.paid).isFalse();
  }

  @Test
  void takeFromAll_otherIsFasterAtTheTokens_givesBackToTheWindow() {
    begin();
    assertThat(
            takeFromBoth(
                FIXED, TOKENS, () -> new ChargedBucket(store, USER, TOKENS, 8).take(nanos)))
        .isNull();
    assertThat(new ChargedWindow(store, USER, FIXED, 1).own().taken()).isEqualTo(1);
  }

  @Test
  void takeFromAll_otherIsFasterAtTheWindow_givesBackTheTokens() {
    begin();
    assertThat(
            takeFromBoth(TOKENS, FIXED, () -> new ChargedWindow(store, USER, FIXED, 6).take(nanos)))
        .isNull();
    assertThat(new ChargedBucket(store, USER, TOKENS, 1).ownLevelNanos())
        .isEqualTo(Duration.ofSeconds(40).toNanos());
  }

  @Test
  void takeFromAll_firstIsFilledMeanwhile_createsNoTokens() {
    begin();
    Runnable other =
        () -> {
          new ChargedWindow(store, USER, FIXED, 1).fill();
          new ChargedWindow(store, USER, FIXED, 7).take(nanos);
          new ChargedBucket(store, USER, TOKENS, 7).take(nanos);
        };
    assertThat(takeFromBoth(FIXED, TOKENS, other)).isNull();
    assertThat(new ChargedWindow(store, USER, FIXED, 1).own().taken()).isEqualTo(7);
  }

  private void begin() {
    assertThat(new ChargedWindow(store, USER, FIXED, 1).take(nanos)).isTrue();
    assertThat(new ChargedBucket(store, USER, TOKENS, 1).take(nanos)).isTrue();
  }

  /** Takes two from each; the other comes when the first has paid and the second is about to. */
  private @Nullable WindowAmongOthers takeFromBoth(
      PartitionedLimit first, PartitionedLimit second, Runnable other) {
    List<PartitionedLimit> limits =
        new AbstractList<>() {
          private int readings;

          @Override
          public PartitionedLimit get(int index) {
            if (index == 1 && ++readings == 3) {
              other.run();
            }
            return index == 0 ? first : second;
          }

          @Override
          public int size() {
            return 2;
          }
        };
    return inPlace.takeFromAll(USER, limits, Cost.of(2));
  }
}
