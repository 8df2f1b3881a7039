package dev.penstock.redis.wire;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.Limit;
import dev.penstock.TokenBucketLimit;
import dev.penstock.base.Inside;
import dev.penstock.bucket.Rooms;
import dev.penstock.redis.ServerClock;
import dev.penstock.redis.SharedRedis;
import dev.penstock.redis.wire.ScriptBatch.Answer;
import dev.penstock.redis.wire.ScriptCall.Operation;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import redis.clients.jedis.RedisClient;
import redis.clients.jedis.UnifiedJedis;

/** Buckets for which somebody waits, in the script, on a clock that a test moves. */
class ScriptLinesIT {

  private static final long SECOND = Duration.ofSeconds(1).toNanos();
  private static final int LINE_BYTES = 75;
  private static final int PLACE_BYTES = 28;
  private static final int PLAIN_BYTES = 21;

  private final String prefix = "lines-" + UUID.randomUUID();
  private final KnownBuckets known = new KnownBuckets(10, Rooms.standard());

  private UnifiedJedis jedis;
  private ServerClock clock;
  private RedisScript script;
  private int receipts;
  private String bucket = "b";

  @BeforeEach
  void connect() {
    jedis = RedisClient.create(SharedRedis.url());
    clock = new ServerClock(jedis, prefix + ":clock");
    script = new RedisScript(clock.script());
  }

  @AfterEach
  void disconnect() {
    jedis.close();
  }

  private static TokenBucketLimit perSecond(long capacity) {
    return Limit.of(capacity, 1, Duration.ofSeconds(1));
  }

  private String key() {
    return prefix + "{" + bucket + "}";
  }

  private int bytes() {
    return jedis.get(key().getBytes(StandardCharsets.UTF_8)).length;
  }

  private Answer ask(ScriptCall call) {
    return ask(List.of(call)).get(0);
  }

  private List<Answer> ask(List<ScriptCall> calls) {
    ScriptBatch batch = new ScriptBatch(calls);
    List<Answer> answers = new ArrayList<>();
    batch
        .answers(script.call(jedis, batch.keys(), batch.arguments(known, 0, 0)))
        .forEach(answer -> answers.add(answer.orElseThrow()));
    return answers;
  }

  private ScriptCall waiting(Limit limit, long cost, long seconds) {
    ScriptCall call = new ScriptCall(Operation.WAIT);
    long token = Inside.nanosPerToken((TokenBucketLimit) limit);
    call.add(key(), null, limit, cost * token, 0, -seconds * SECOND);
    return call;
  }

  private Answer take(Limit limit, long cost) {
    ScriptCall call = new ScriptCall(Operation.TAKE);
    call.add(key(), null, limit, cost * Inside.nanosPerToken((TokenBucketLimit) limit), 0, 0);
    return ask(call);
  }

  /** Returns how far from full the bucket is afterwards, in seconds. */
  private double refund(Limit limit, long tokens, long fullAtNanos) {
    return refund(limit, tokens, new PlaceInLine(fullAtNanos, 0));
  }

  private double refund(Limit limit, long tokens, PlaceInLine place) {
    return carriedOut(Operation.REFUND, limit, tokens, place);
  }

  private double carriedOut(Operation operation, Limit limit, long tokens, PlaceInLine place) {
    ScriptCall call = new ScriptCall(operation, key() + "receipt" + receipts++);
    long nanos = tokens * Inside.nanosPerToken((TokenBucketLimit) limit);
    call.addCharge(key(), null, limit, nanos, place);
    return seconds(ask(call));
  }

  private static double seconds(Answer answer) {
    return (double) answer.levelNanos().get(0) / SECOND;
  }

  private static long fullAt(Limit limit, Answer answer) {
    return answer.place(0, limit).fullAtNanos();
  }

  @Test
  void wait_tooLong_isDeniedAndWritesNothing() {
    TokenBucketLimit two = perSecond(2);
    take(two, 2);
    assertThat(ask(waiting(two, 2, 1)).held()).isFalse();
    assertThat(bytes()).isEqualTo(PLAIN_BYTES);
    Answer second = ask(waiting(two, 2, 2));
    assertThat(second.held()).isTrue();
    assertThat(seconds(second)).isEqualTo(4);
    assertThat(bytes()).isEqualTo(LINE_BYTES);
    assertThat(take(two, 1).held()).as("whoever comes later").isFalse();
  }

  @Test
  void wait_severalAtOnce_eachIsToldItsOwnTime() {
    TokenBucketLimit one = perSecond(1);
    List<Answer> all =
        ask(
            List.of(
                waiting(one, 1, 2), waiting(one, 1, 2), waiting(one, 1, 2), waiting(one, 1, 2)));
    assertThat(all).extracting(Answer::held).containsExactly(true, true, true, false);
    assertThat(all).extracting(ScriptLinesIT::seconds).containsExactly(1.0, 2.0, 3.0, 3.0);
    assertThat(fullAt(one, all.get(0))).as("need not wait").isZero();
    assertThat(fullAt(one, all.get(2)) - fullAt(one, all.get(1))).isEqualTo(SECOND);
  }

  @Test
  void refund_ofTheLast_leavesTheBucketAsItWasBefore() {
    TokenBucketLimit one = perSecond(1);
    take(one, 1);
    Answer first = ask(waiting(one, 1, 60));
    Answer second = ask(waiting(one, 1, 60));
    assertThat(refund(one, 1, fullAt(one, second))).isEqualTo(2);
    assertThat(refund(one, 1, fullAt(one, first))).isEqualTo(1);
    assertThat(refund(one, 1, 0)).as("nobody waits any more").isZero();
  }

  @Test
  void refund_whileOthersWaitBehind_isAtMostWhatDoesNotOverflow() {
    TokenBucketLimit one = perSecond(1);
    take(one, 1);
    Answer first = ask(waiting(one, 1, 60));
    ask(waiting(one, 1, 60));
    assertThat(refund(one, 1, fullAt(one, first))).as("no room beside the second").isEqualTo(3);
    bucket = "ten";
    TokenBucketLimit ten = perSecond(10);
    take(ten, 10);
    Answer front = ask(waiting(ten, 6, 60));
    ask(waiting(ten, 3, 60));
    assertThat(refund(ten, 6, fullAt(ten, front))).as("7 of 10 beside the dearest").isEqualTo(15);
    assertThat(refund(ten, 10, 0)).isEqualTo(15);
    clock.advanceMicros(15_000_000);
    take(ten, 10);
    assertThat(refund(ten, 10, 0)).as("all have passed").isZero();
  }

  @Test
  void refund_ofTheLastAfterOthersPutBack_putsBackAllOfIt() {
    TokenBucketLimit ten = perSecond(10);
    take(ten, 10);
    Answer front = ask(waiting(ten, 6, 60));
    Answer second = ask(waiting(ten, 3, 60));
    assertThat(refund(ten, 6, fullAt(ten, front))).as("as far as it may").isEqualTo(15);
    Answer third = ask(waiting(ten, 1, 60));
    clock.advanceMicros(1_000_000);
    assertThat(refund(ten, 1, fullAt(ten, third))).as("14 as time goes by").isEqualTo(14);
    assertThat(refund(ten, 3, fullAt(ten, second))).isEqualTo(11);
    assertThat(refund(ten, 9, 0)).as("nor less, as nobody knows who is left").isEqualTo(11);
  }

  /** The bucket is not even empty then, and yet somebody waits, as something went back in front. */
  @Test
  void refund_ofTheLastWhileAnotherWaitsInABucketThatIsNotEmpty_leavesItItsRoom() {
    TokenBucketLimit ten = perSecond(10);
    take(ten, 10);
    ask(waiting(ten, 6, 60));
    Answer last = ask(waiting(ten, 3, 60));
    assertThat(refund(ten, 4, 0)).isEqualTo(15);
    clock.advanceMicros(3_000_000);
    assertThat(refund(ten, 3, fullAt(ten, last))).isEqualTo(9);
    assertThat(refund(ten, 4, 0)).as("no room beside 6 that are due in 3 s").isEqualTo(9);
  }

  /** Whoever passes at once, as something went back, has no place behind which others would be. */
  @Test
  void refund_ofWhoPassedAtOnceInFrontOfALine_leavesTheLineItsRoom() {
    TokenBucketLimit ten = perSecond(10);
    take(ten, 10);
    Answer front = ask(waiting(ten, 6, 60));
    ask(waiting(ten, 3, 60));
    assertThat(refund(ten, 6, fullAt(ten, front))).isEqualTo(15);
    clock.advanceMicros(8_000_000);
    Answer passed = ask(waiting(ten, 1, 60));
    assertThat(seconds(passed)).isEqualTo(8);
    assertThat(refund(ten, 1, fullAt(ten, passed))).isEqualTo(7);
    assertThat(refund(ten, 9, 0)).as("no room beside 3 that are due in a second").isEqualTo(4);
  }

  /** The bucket is to be full when it was as the first took, but not as nobody is behind. */
  @Test
  void refund_fullAsItWasToBeSinceOthersPutBack_isNotTakenForTheLast() {
    TokenBucketLimit two = perSecond(2);
    take(two, 2);
    Answer first = ask(waiting(two, 1, 60));
    ask(waiting(two, 1, 60));
    assertThat(refund(two, 1, 0)).isEqualTo(seconds(first));
    assertThat(refund(two, 1, fullAt(two, first))).isEqualTo(3);
  }

  @Test
  void reset_whileSomebodyWaits_leavesThemTheirPlace() {
    TokenBucketLimit ten = perSecond(10);
    take(ten, 10);
    ask(waiting(ten, 4, 60));
    ask(waiting(ten, 1, 60));
    assertThat(carriedOut(Operation.RESET, ten, 10, PlaceInLine.NONE)).isEqualTo(9);
  }

  @Test
  void settle_whileSomebodyWaits_owesTheOverdraftBehindThem() {
    Limit limit = perSecond(2).withOverdraft(3);
    take(limit, 2);
    ask(waiting(limit, 2, 60));
    assertThat(carriedOut(Operation.SETTLE, limit, 9, PlaceInLine.NONE)).isBetween(7.0, 9.0 + 1e-5);
  }

  /** A line is no word of a clock that went back; what is farther than anybody may wait is. */
  @Test
  void take_clockWentBack_isHeldAgainstTheLongestWait() {
    TokenBucketLimit two = perSecond(2);
    take(two, 2);
    assertThat(ask(waiting(two, 2, 3600)).held()).isTrue();
    clock.advanceMicros(-3_000_000_000L);
    assertThat(seconds(take(two, 1))).as("believed").isEqualTo(3004);
    clock.advanceMicros(-600_000_000);
    assertThat(take(two, 1).held()).isFalse();
    assertThat(seconds(take(two, 1))).as("empty").isEqualTo(2);
    assertThat(bytes()).isEqualTo(PLAIN_BYTES);
  }

  /** By the server's own clock, as the one that a test moves takes lives away. */
  @Test
  void write_line_livesUntilNobodyKnowsItAsEmptier() {
    script = new RedisScript(RedisScript.resource());
    TokenBucketLimit hundred = perSecond(100);
    take(hundred, 100);
    PlaceInLine last = place(hundred, 50);
    assertThat(jedis.pttl(key())).as("until it is full").isBetween(140_000L, 150_001L);
    assertThat(refund(hundred, 50, last)).isBetween(90.0, 100.0);
    assertThat(jedis.pttl(key())).as("who waited knows it so").isBetween(140_000L, 150_001L);
    bucket = "short";
    take(hundred, 100);
    place(hundred, 50);
    carriedOut(Operation.RESET, hundred, 100, PlaceInLine.NONE);
    assertThat(jedis.pttl(key())).as("as if nothing had gone back").isBetween(140_000L, 150_001L);
  }

  @Test
  void write_lineIsOver_isPlainAgain() {
    TokenBucketLimit two = perSecond(2);
    take(two, 2);
    ask(waiting(two, 1, 60));
    clock.advanceMicros(2_000_001);
    assertThat(take(two, 1).held()).isTrue();
    assertThat(bytes()).isEqualTo(PLAIN_BYTES);
  }

  @Test
  void wait_keyLost_goesOnFromWhatIsKnown() {
    TokenBucketLimit two = perSecond(2);
    long hash = 8;
    known.remember(hash, new KnownLevel(100 * SECOND, 2 * SECOND, 0, 0, 0), 0);
    ScriptCall call = new ScriptCall(Operation.WAIT);
    call.add(key(), hash, two, SECOND, 0, -3600 * SECOND);
    assertThat(seconds(ask(call))).isEqualTo(101);
    assertThat(refund(two, 2, 0)).as("nothing goes back into it").isEqualTo(101);
  }

  @Test
  void wait_keyOfALineLost_isALineAgain() {
    TokenBucketLimit ten = perSecond(10);
    long hash = 8;
    known.remember(hash, new KnownLevel(15 * SECOND, 10 * SECOND, 0, 0, 0), 0);
    ScriptCall call = new ScriptCall(Operation.WAIT);
    call.add(key(), hash, ten, SECOND, 0, -60 * SECOND);
    assertThat(seconds(ask(call))).isEqualTo(16);
    assertThat(refund(ten, 5, 0)).as("those 5 may wait").isEqualTo(16);
    bucket = "empty";
    known.remember(hash, new KnownLevel(10 * SECOND, 10 * SECOND, 0, 0, 0), 0);
    call = new ScriptCall(Operation.TAKE);
    call.add(key(), hash, ten, SECOND, 0, 0);
    assertThat(seconds(ask(call))).isEqualTo(10);
    assertThat(bytes()).as("nobody waits").isEqualTo(PLAIN_BYTES);
  }

  /**
   * What instances owe after an outage is taken by those who wait there, for as long as they may.
   */
  @Test
  void take_owedByThoseWhoWaitElsewhere_standsBehindThem() {
    TokenBucketLimit one = perSecond(1);
    ScriptCall call = new ScriptCall(Operation.TAKE);
    call.add(key(), null, one, SECOND, 59 * SECOND, 0);
    Answer owed = ask(call);
    assertThat(owed.held()).isFalse();
    assertThat(seconds(owed)).isEqualTo(59);
    assertThat(bytes()).isEqualTo(LINE_BYTES);
    assertThat(refund(one, 1, 0)).isEqualTo(59);
    clock.advanceMicros(58_999_999);
    assertThat(take(one, 1).held()).isFalse();
    clock.advanceMicros(1);
    assertThat(take(one, 1).held()).isTrue();
    ScriptCall more = new ScriptCall(Operation.TAKE);
    more.add(key(), null, one, SECOND, 100_000 * SECOND, 0);
    assertThat(seconds(ask(more))).as("an hour, and a refill").isEqualTo(3601);
  }

  @Test
  void take_owedWhereNobodyWaitsAnyMore_beginsNoLine() {
    TokenBucketLimit ten = perSecond(10);
    take(ten, 10);
    Answer waiting = ask(waiting(ten, 1, 60));
    assertThat(refund(ten, 1, fullAt(ten, waiting))).isEqualTo(10);
    clock.advanceMicros(9_000_000);
    assertThat(bytes()).as("who waited may know it as emptier").isEqualTo(LINE_BYTES);
    ScriptCall call = new ScriptCall(Operation.TAKE);
    call.add(key(), null, ten, SECOND, SECOND, 0);
    assertThat(seconds(ask(call))).isEqualTo(3);
    assertThat(refund(ten, 2, 0)).isEqualTo(1);
  }

  @Test
  void take_owedNoMoreThanItHolds_isABucketWithoutALine() {
    TokenBucketLimit ten = perSecond(10);
    ScriptCall call = new ScriptCall(Operation.TAKE);
    call.add(key(), null, ten, SECOND, 10 * SECOND, 0);
    assertThat(seconds(ask(call))).isEqualTo(10);
    assertThat(bytes()).isEqualTo(PLAIN_BYTES);
    assertThat(refund(ten, 4, 0)).isEqualTo(6);
  }

  @Test
  void wait_costAboveTheCapacity_isDeniedHoweverPatient() {
    TokenBucketLimit ten = perSecond(10);
    Answer answer = ask(waiting(ten, 11, 3600));
    assertThat(answer.held()).isFalse();
    assertThat(seconds(answer)).isZero();
    assertThat(ask(waiting(ten, 10, 3600)).held()).isTrue();
  }

  /** Somebody who waits, or has passed. */
  private record Waiter(long dueAt, long cost, PlaceInLine place) {

    static Waiter of(TokenBucketLimit limit, long now, long cost, Answer answer) {
      long wait = Math.max(0, answer.awaitedNanos(0) / SECOND - limit.capacity());
      return new Waiter(now + wait, cost, answer.place(0, limit));
    }
  }

  /** One bucket, and beside it what a plain bucket of tokens holds as those who wait pass. */
  private final class Program {

    private final Random random;
    private final TokenBucketLimit limit;
    private final long capacity;
    private final List<Waiter> waiting = new ArrayList<>();
    private final List<Waiter> passed = new ArrayList<>();
    private final StringBuilder log = new StringBuilder();
    private long now;
    private long held;
    private long heldAt;

    Program(long seed) {
      random = new Random(seed);
      capacity = 1L + random.nextInt(5);
      limit = perSecond(capacity);
      held = capacity;
      log.append("seed ").append(seed).append(", capacity ").append(capacity);
    }

    void run() {
      for (int step = 0; step < 80; step++) {
        int seconds = random.nextInt(3);
        pass(seconds);
        if (seconds > 0) {
          clock.advanceMicros(seconds * 1_000_000L);
        }
        int choice = random.nextInt(9);
        if (choice < 5) {
          comes(1L + random.nextInt((int) capacity), choice < 1 ? 0 : random.nextInt(20));
        } else if (choice < 7 && !waiting.isEmpty()) {
          Waiter leaver = waiting.remove(random.nextInt(waiting.size()));
          log.append("; leaves ").append(leaver);
          refund(limit, leaver.cost, leaver.place);
        } else if (choice == 7 && !passed.isEmpty()) {
          putsBack(passed.remove(random.nextInt(passed.size())));
        } else if (choice == 8 && random.nextInt(4) == 0) {
          log.append("; reset");
          carriedOut(Operation.RESET, limit, capacity, PlaceInLine.NONE);
          refill();
          held = capacity;
          passed.clear();
        }
      }
      pass(100);
    }

    private void comes(long cost, long patience) {
      Answer answer = ask(waiting(limit, cost, patience));
      if (answer.held()) {
        Waiter waiter = Waiter.of(limit, now, cost, answer);
        log.append("; comes ").append(waiter);
        waiting.add(waiter);
      }
      pass(0);
    }

    private void putsBack(Waiter user) {
      long left = user.cost - (now - user.dueAt);
      if (left > 0) {
        long tokens = 1L + random.nextInt((int) left);
        log.append("; puts back ").append(tokens).append(" of ").append(user);
        refund(limit, tokens, user.place);
        refill();
        held = Math.min(capacity, held + tokens);
      }
    }

    private void refill() {
      held = Math.min(capacity, held + now - heldAt);
      heldAt = now;
    }

    private void pass(long seconds) {
      for (long second = 0; ; second++) {
        waiting.sort(Comparator.comparingLong(Waiter::dueAt));
        while (!waiting.isEmpty() && waiting.get(0).dueAt <= now) {
          Waiter next = waiting.remove(0);
          refill();
          held -= next.cost;
          log.append("; at ").append(now).append(" passes ").append(next);
          assertThat(held).as(log.toString()).isNotNegative();
          passed.add(next);
        }
        if (second == seconds) {
          return;
        }
        now++;
      }
    }
  }

  /** After something was put back, whoever comes for less may pass before the last. */
  @Test
  void refund_lastToComePassesBeforeAnother_leavesThatItsRoom() {
    TokenBucketLimit ten = perSecond(10);
    take(ten, 10);
    ask(waiting(ten, 3, 60));
    ask(waiting(ten, 6, 60));
    assertThat(refund(ten, 10, 0)).as("beside 6 that are due in 9 s").isEqualTo(15);
    assertThat(seconds(ask(waiting(ten, 1, 60)))).as("due in 6 s").isEqualTo(16);
    clock.advanceMicros(6_000_000);
    assertThat(refund(ten, 10, 0)).isEqualTo(10);
  }

  @Test
  void refund_limitChangedWhileSomebodyWaits_putsNothingBackUntilAllHavePassed() {
    TokenBucketLimit ten = perSecond(10);
    TokenBucketLimit twenty = perSecond(20);
    take(ten, 10);
    ask(waiting(ten, 6, 60));
    ask(waiting(ten, 3, 60));
    assertThat(refund(twenty, 20, 0)).isEqualTo(38);
    clock.advanceMicros(8_000_000);
    assertThat(refund(twenty, 20, 0)).as("one is due in a second").isEqualTo(30);
    clock.advanceMicros(1_000_000);
    assertThat(refund(twenty, 20, 0)).isEqualTo(9);
  }

  @Test
  void refund_ofTheLastAfterOthersPutBack_sinksBothFloors() {
    TokenBucketLimit ten = perSecond(10);
    take(ten, 10);
    ask(waiting(ten, 6, 60));
    ask(waiting(ten, 3, 60));
    refund(ten, 1, 0);
    Answer last = ask(waiting(ten, 2, 60));
    refund(ten, 2, fullAt(ten, last));
    clock.advanceMicros(7_000_000);
    assertThat(refund(ten, 10, 0)).as("beside 3 that are due in 2 s").isEqualTo(5);
  }

  /** Neither the line nor those before the newer floor last for as long as who left had to wait. */
  @Test
  void refund_ofThoseWhoHadToWaitLongest_letsTheLineEndWithTheOthers() {
    TokenBucketLimit ten = perSecond(10);
    take(ten, 10);
    ask(waiting(ten, 6, 60));
    ask(waiting(ten, 3, 60));
    refund(ten, 1, 0);
    List<Answer> patient = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      patient.add(ask(waiting(ten, 10, 60)));
    }
    clock.advanceMicros(7_000_000);
    for (int i = 4; i >= 0; i--) {
      refund(ten, 10, fullAt(ten, patient.get(i)));
    }
    List.of(9, 2, 1).forEach(cost -> assertThat(ask(waiting(ten, cost, 60)).held()).isTrue());
    clock.advanceMicros(12_000_000);
    assertThat(refund(ten, 10, 0)).as("beside one that is due in a second").isEqualTo(10);
    clock.advanceMicros(1_000_000);
    assertThat(refund(ten, 9, 0)).isZero();
  }

  private PlaceInLine place(Limit limit, long cost) {
    return ask(waiting(limit, cost, 60)).place(0, limit);
  }

  @Test
  void wait_placeIsLeft_takesItOver() {
    TokenBucketLimit one = perSecond(1);
    take(one, 1);
    PlaceInLine first = place(one, 1);
    place(one, 1);
    assertThat(refund(one, 1, first)).as("kept").isEqualTo(3);
    assertThat(bytes()).isEqualTo(LINE_BYTES + PLACE_BYTES);
    Answer third = ask(waiting(one, 1, 1));
    assertThat(third.held()).isTrue();
    assertThat(third.awaitedNanos(0)).isEqualTo(2 * SECOND);
    assertThat(seconds(third)).isEqualTo(3);
    assertThat(third.place(0, one)).isEqualTo(first);
    assertThat(bytes()).isEqualTo(LINE_BYTES);
    assertThat(ask(waiting(one, 1, 60)).awaitedNanos(0)).isEqualTo(4 * SECOND);
  }

  @Test
  void wait_placeIsLeft_isTakenOverByWhomItServes() {
    TokenBucketLimit ten = perSecond(10);
    take(ten, 10);
    PlaceInLine first = place(ten, 8);
    PlaceInLine second = place(ten, 8);
    place(ten, 10);
    refund(ten, 8, second);
    refund(ten, 8, first);
    assertThat(bytes()).isEqualTo(LINE_BYTES + 2 * PLACE_BYTES);
    assertThat(ask(waiting(ten, 1, 7)).held()).as("later than it would wait").isFalse();
    assertThat(ask(waiting(ten, 0, 9)).held()).as("is behind all who pay").isFalse();
    assertThat(ask(waiting(ten, 9, 60)).awaitedNanos(0)).as("too small").isEqualTo(45 * SECOND);
    assertThat(ask(waiting(ten, 1, 8)).awaitedNanos(0)).as("sooner").isEqualTo(18 * SECOND);
    assertThat(ask(waiting(ten, 8, 60)).awaitedNanos(0)).as("what fits").isEqualTo(26 * SECOND);
    assertThat(ask(waiting(ten, 7, 60)).awaitedNanos(0)).as("the rest").isEqualTo(18 * SECOND);
    assertThat(bytes()).isEqualTo(LINE_BYTES);
  }

  @Test
  void refund_ofTheLastBehindPlacesThatWereLeft_takesTheseOffAsWell() {
    TokenBucketLimit ten = perSecond(10);
    take(ten, 10);
    place(ten, 3);
    PlaceInLine second = place(ten, 8);
    PlaceInLine last = place(ten, 10);
    refund(ten, 8, second);
    Answer taker = ask(waiting(ten, 2, 60));
    assertThat(taker.awaitedNanos(0)).isEqualTo(21 * SECOND);
    assertThat(refund(ten, 10, last)).as("behind the taker").isEqualTo(21);
    assertThat(refund(ten, 2, taker.place(0, ten))).isEqualTo(13);
    assertThat(bytes()).isEqualTo(LINE_BYTES);
    clock.advanceMicros(14_000_000);
    take(ten, 10);
    assertThat(refund(ten, 10, 0)).as("the line is over").isZero();
  }

  @Test
  void refund_morePlacesThanAreKept_isLostAsFarAsItWouldOverflow() {
    TokenBucketLimit ten = perSecond(10);
    take(ten, 10);
    List<PlaceInLine> all = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      all.add(place(ten, 10));
    }
    all.subList(0, 5).forEach(left -> refund(ten, 10, left));
    assertThat(bytes()).isEqualTo(LINE_BYTES + 4 * PLACE_BYTES);
    clock.advanceMicros(10_000_000);
    assertThat(ask(waiting(ten, 1, 60)).awaitedNanos(0)).as("not the first").isEqualTo(20 * SECOND);
    assertThat(bytes()).as("whose time has come").isEqualTo(LINE_BYTES + 3 * PLACE_BYTES);
    take(perSecond(20), 20);
    refund(perSecond(20), 1, 0);
    ask(waiting(perSecond(20), 1, 60));
    assertThat(bytes()).as("another limit").isEqualTo(LINE_BYTES);
  }

  /** Costs are mixed, and most leave: what passes is nearly as much as is refilled. */
  @Test
  void wait_mostLeaveBeforeTheirTime_othersPassInTheirPlaces() {
    Random random = new Random(1);
    TokenBucketLimit limit = perSecond(5);
    List<Waiter> waiting = new ArrayList<>();
    long passed = 0;
    for (long second = 0; second < 300; second++) {
      for (int i = 0; i < 3; i++) {
        long cost = List.of(1, 2, 5).get(random.nextInt(3));
        Answer answer = ask(waiting(limit, cost, 20));
        if (answer.held()) {
          waiting.add(Waiter.of(limit, second, cost, answer));
        }
      }
      clock.advanceMicros(1_000_000);
      for (Waiter waiter : List.copyOf(waiting)) {
        if (waiter.dueAt <= second + 1) {
          waiting.remove(waiter);
          passed += waiter.cost;
        } else if (random.nextInt(10) == 0) {
          waiting.remove(waiter);
          refund(limit, waiter.cost, waiter.place);
        }
      }
    }
    assertThat(passed).isBetween(240L, 305L);
  }

  /** What was estimated passes once in ten seconds, what is used 3.3 times. */
  @Test
  void refund_byThoseWhoPassedWhileOthersAlwaysWait_passesWhatIsUsed() {
    TokenBucketLimit limit = perSecond(100);
    take(limit, 100);
    List<Waiter> waiting = new ArrayList<>();
    int passed = 0;
    for (long second = 0; second < 600; second++) {
      while (waiting.size() < 5) {
        waiting.add(come(limit, 10, 3600, second));
      }
      clock.advanceMicros(1_000_000);
      for (Waiter waiter : List.copyOf(waiting)) {
        if (waiter.dueAt <= second + 1) {
          waiting.remove(waiter);
          refund(limit, 7, waiter.place);
          passed++;
        }
      }
    }
    assertThat(passed).isBetween(180, 210);
  }

  /** Returns somebody whose coming is permitted. */
  private Waiter come(TokenBucketLimit limit, long cost, long patience, long now) {
    Answer answer = ask(waiting(limit, cost, patience));
    assertThat(answer.held()).isTrue();
    return Waiter.of(limit, now, cost, answer);
  }

  private Answer takeAfterALoss(TokenBucketLimit limit, long cost, long knownSeconds) {
    long hash = 8;
    known.remember(
        hash, new KnownLevel(knownSeconds * SECOND, Inside.nanosToFill(limit), 0, 0, -1), 0);
    ScriptCall call = new ScriptCall(Operation.TAKE);
    call.add(key(), hash, limit, cost * SECOND, 0, 0);
    return ask(call);
  }

  /** Once those have passed who may have been lost, who came since leaves as before. */
  @Test
  void refund_ofTheLastInALineThatSomebodyKnewAsLonger_putsBackOnceThoseHavePassed() {
    TokenBucketLimit ten = perSecond(10);
    take(ten, 10);
    place(ten, 10);
    assertThat(seconds(takeAfterALoss(ten, 1, 21))).isBetween(21.0, 22.0);
    PlaceInLine unknown = place(ten, 2);
    assertThat(refund(ten, 2, unknown)).as("nobody knows who is last").isGreaterThan(22.0);
    place(ten, 2);
    clock.advanceMicros(12_000_000);
    double before = seconds(take(ten, 10));
    assertThat(refund(ten, 3, place(ten, 3))).isEqualTo(before);
    PlaceInLine front = place(ten, 10);
    place(ten, 10);
    refund(ten, 10, front);
    assertThat(bytes()).as("a place is kept").isEqualTo(LINE_BYTES + PLACE_BYTES);
  }

  /** The place that was left is back with older data, though somebody has taken it since. */
  @Test
  void wait_serverMayHaveGoneBackToOlderData_takesNoPlaceThatWasLeft() {
    TokenBucketLimit one = perSecond(1);
    for (long knownSeconds : new long[] {1, 3, 4}) {
      bucket = "older" + knownSeconds;
      take(one, 1);
      PlaceInLine first = place(one, 1);
      place(one, 1);
      refund(one, 1, first);
      byte[] older = jedis.get(key().getBytes(StandardCharsets.UTF_8));
      assertThat(ask(waiting(one, 1, 1)).held()).isTrue();
      jedis.set(key().getBytes(StandardCharsets.UTF_8), older);
      takeAfterALoss(one, 1, knownSeconds);
      assertThat(ask(waiting(one, 1, 1)).held()).as("known: %s s", knownSeconds).isFalse();
    }
  }

  @Test
  void refund_ofOneInFrontWhereTheLastIsLost_keepsNoPlaceThatNobodyReads() {
    TokenBucketLimit ten = perSecond(10);
    TokenBucketLimit twenty = perSecond(20);
    take(ten, 10);
    place(ten, 6);
    PlaceInLine front = place(twenty, 4);
    place(twenty, 1);
    refund(twenty, 4, front);
    assertThat(bytes()).isEqualTo(LINE_BYTES);
  }

  @Test
  void take_lengthThatNoLineHas_isNoBucket() {
    TokenBucketLimit one = perSecond(1);
    take(one, 1);
    place(one, 1);
    byte[] line = jedis.get(key().getBytes(StandardCharsets.UTF_8));
    jedis.set(key().getBytes(StandardCharsets.UTF_8), Arrays.copyOf(line, LINE_BYTES + 1));
    ScriptCall call = new ScriptCall(Operation.TAKE);
    call.add(key(), null, one, SECOND, 0, 0);
    ScriptBatch batch = new ScriptBatch(List.of(call));
    assertThat(batch.answers(script.call(jedis, batch.keys(), batch.arguments(known, 0, 0))).get(0))
        .isEmpty();
  }

  /** The promise itself: whoever comes, leaves and puts back, a plain bucket would have held it. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void refund_anyProgramOfThoseWhoWait_neverMorePassThanAPlainBucketHolds(long part) {
    for (int i = 0; i < 25; i++) {
      bucket = "random" + part + "-" + i;
      new Program(part * 1000 + i).run();
    }
  }
}
