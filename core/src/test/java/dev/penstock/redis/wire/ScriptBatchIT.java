package dev.penstock.redis.wire;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.Identity;
import dev.penstock.Limit;
import dev.penstock.Partition;
import dev.penstock.PartitionedLimit;
import dev.penstock.base.Inside;
import dev.penstock.bucket.Rooms;
import dev.penstock.redis.ScriptBytes;
import dev.penstock.redis.ServerClock;
import dev.penstock.redis.SharedRedis;
import dev.penstock.redis.wire.ScriptBatch.Answer;
import dev.penstock.redis.wire.ScriptCall.Operation;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import redis.clients.jedis.RedisClient;
import redis.clients.jedis.UnifiedJedis;

/** Many decisions in one call of the script, on a clock that stands still. */
class ScriptBatchIT {

  private static final Limit TEN = Limit.perMinute(10);
  private static final List<Limit> LIMITS =
      List.of(
          TEN, Limit.perSecond(7), Limit.perMinute(10_000_000), Limit.of(3, 2, Duration.ofDays(9)));
  private static final int EPOCH = 7;
  private static final int BUCKETS = 4;
  private static final List<Operation> OPERATIONS =
      List.of(
          Operation.TAKE,
          Operation.TAKE,
          Operation.TAKE,
          Operation.LOOK,
          Operation.LOOK,
          Operation.RETURN,
          Operation.REFUND,
          Operation.RESET);

  private final String prefix = "batch-" + UUID.randomUUID();

  private UnifiedJedis jedis;
  private ServerClock clock;
  private RedisScript script;
  private final KnownBuckets known = new KnownBuckets(1000, Rooms.standard());
  private long lastHash;

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

  private List<Optional<Answer>> ask(List<ScriptCall> calls) {
    ScriptBatch batch = new ScriptBatch(calls);
    return batch.answers(script.call(jedis, batch.keys(), batch.arguments(known, 0, EPOCH)));
  }

  private ScriptCall take(String key, long cost) {
    return take(key, cost, 0);
  }

  private ScriptCall take(String key, long cost, long knownMicros) {
    ScriptCall call = new ScriptCall(Operation.TAKE);
    long hash = knowing(knownMicros);
    call.add(key(key), hash, TEN, cost * Inside.nanosPerToken(TEN), 0, 0);
    return call;
  }

  /**
   * Returns a bucket of which so much is known at time 0; where negative, since before Redis was
   * away.
   */
  private long knowing(long micros) {
    lastHash += 8; // of the kind of the first room
    long hash = lastHash;
    long word = Math.abs(micros) * 1000;
    known.remember(
        hash,
        new KnownLevel(word, Inside.nanosToFill(TEN), 0, 0, micros < 0 ? EPOCH - 1 : EPOCH),
        0);
    return hash;
  }

  private String key(String name) {
    return prefix + "{" + name + "}";
  }

  /** Its receipt stands by then: an error would lose what the other is to be charged. */
  @Test
  void settle_nothingOfAMissingBucketBesideAnother_chargesTheOther() {
    long token = Inside.nanosPerToken(TEN);
    for (List<String> keys : List.of(List.of("a", "none"), List.of("none", "b"))) {
      ScriptCall call = new ScriptCall(Operation.SETTLE, key("x") + "receipt-" + keys);
      for (String key : keys) {
        call.add(key("x") + key, knowing(0), TEN, key.equals("none") ? 0 : 2 * token, 0, 0);
      }
      List<Long> levels = ask(List.of(call)).get(0).orElseThrow().levelNanos();
      assertThat(levels).containsExactlyInAnyOrder(0L, 2 * token);
      assertThat(jedis.exists(key("x") + "none")).isFalse();
    }
  }

  /** A call that takes from a bucket and then, if that is permitted, tries another. */
  private ScriptCall tries(Operation operation, String key, String tried, long cost) {
    ScriptCall call = new ScriptCall(operation);
    call.add(key(key), knowing(0), TEN, Inside.nanosPerToken(TEN), 0, 0);
    call.add(key(tried), knowing(0), TEN, cost * Inside.nanosPerToken(TEN), 0, 0);
    call.tries(1);
    return call;
  }

  private static Answer tried(
      boolean held, @Nullable Boolean shadow, long tokens, long triedTokens) {
    long token = Inside.nanosPerToken(TEN);
    return new Answer(
        held,
        Optional.ofNullable(shadow),
        List.of(tokens * token, triedTokens * token),
        List.of(),
        List.of(),
        Map.of(),
        0);
  }

  @Test
  void try_manyTogether_areTriedAsFarAsTheyArePermitted() {
    List<ScriptCall> calls = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      calls.add(tries(Operation.TAKE, "t", "t-shadow", 3));
    }
    calls.add(take("t-shadow", 1));
    calls.add(tries(Operation.LOOK, "t", "t-shadow", 1));
    List<Optional<Answer>> answers = ask(calls);
    for (int i = 0; i < 12; i++) {
      boolean held = i < 10;
      assertThat(answers.get(i))
          .contains(
              tried(held, held ? i < 3 : null, Math.min(i + 1, 10), Math.min(3 * (i + 1), 9)));
    }
    assertThat(answers.get(12)).contains(answer(true, 10));
    assertThat(answers.get(13)).contains(tried(false, null, 10, 10));
  }

  @Test
  void try_keyOfTheShadowHoldsNoBucket_isDecidedWithoutIt() {
    jedis.set(key("t-shadow"), "foreign");
    assertThat(ask(List.of(tries(Operation.TAKE, "t", "t-shadow", 1))))
        .containsExactly(Optional.of(tried(true, null, 1, 0)));
    assertThat(jedis.get(key("t-shadow"))).isEqualTo("foreign");
    jedis.set(key("t"), "foreign");
    assertThat(ask(List.of(tries(Operation.TAKE, "t", "t-shadow", 1))))
        .containsExactly(Optional.empty());
  }

  private static Answer answer(boolean held, long tokens) {
    return answer(held, TEN, tokens);
  }

  private static Answer answer(boolean held, Limit limit, long tokens) {
    List<Long> levels = List.of(tokens * Inside.nanosPerToken(limit));
    return new Answer(held, Optional.empty(), levels, List.of(), List.of(), Map.of(), 0);
  }

  private SharedBucket slots(int capacity) {
    PartitionedLimit limit =
        new PartitionedLimit("slots", Limit.inFlight(capacity), Partition.IDENTITY);
    RedisKeys keys = new RedisKeys(prefix, false);
    return SharedBucket.of(limit, Identity.user("acme", "u1"), keys, known);
  }

  private ScriptCall takeSlot(SharedBucket bucket, String holder, long tokens) {
    ScriptCall call = take("tokens", tokens);
    call.addSlots(bucket, 1, 15_000, holder);
    return call;
  }

  /** As after a lost connection: a holder is not in its own way, nor stays where it is denied. */
  @ParameterizedTest
  @ValueSource(ints = {1, 9})
  void ask_slotTakenTwice_isThereOnceAndGoesWithADenial(int capacity) {
    SharedBucket bucket = slots(capacity);
    for (int i = 0; i < 2; i++) {
      Answer taken = ask(List.of(takeSlot(bucket, "a", 4))).get(0).orElseThrow();
      assertThat(taken.held()).isTrue();
      assertThat(taken.levelNanos().get(1)).isEqualTo(1);
      assertThat(jedis.zcard(bucket.key())).isEqualTo(1);
    }
    Answer denied = ask(List.of(takeSlot(bucket, "a", 4))).get(0).orElseThrow();
    assertThat(denied.held()).isFalse();
    assertThat(jedis.zcard(bucket.key())).isZero();
  }

  @Test
  void ask_slotsInOneBatch_areTheFirstOnes() {
    SharedBucket bucket = slots(3);
    List<ScriptCall> calls = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      calls.add(takeSlot(bucket, "holder-" + i, 1));
    }
    assertThat(ask(calls))
        .extracting(answer -> answer.orElseThrow().held())
        .containsExactly(true, true, true, false, false);
    assertThat(jedis.zcard(bucket.key())).isEqualTo(3);
    ScriptCall release = new ScriptCall(Operation.RELEASE);
    release.addSlots(bucket, 1, 15_000, "holder-0,holder-2,nobody");
    assertThat(ask(List.of(release)).get(0).orElseThrow().levelNanos()).containsExactly(1L);
    ScriptCall renew = new ScriptCall(Operation.RENEW);
    renew.addSlots(bucket, 2, 15_000, "holder-0,holder-1");
    assertThat(ask(List.of(renew)).get(0).orElseThrow().levelNanos()).containsExactly(4L);
  }

  @Test
  void arguments_sameTermsAreToldOnce_sameCallsAreCounted() {
    ScriptCall look = new ScriptCall(Operation.LOOK);
    look.add("a", knowing(7), TEN, Inside.nanosPerToken(TEN), 0, 0);
    ScriptBatch batch =
        new ScriptBatch(List.of(take("a", 1), take("b", 1), look, take("a", 1), look));
    assertThat(texts(batch.keys())).containsExactly(key("a"), key("b"), "a");
    String bucket = " | 1 6000000 0 60000000 0 0 0 0 0 0";
    List<byte[]> arguments = batch.arguments(known, 0, EPOCH);
    assertThat(arguments).hasSize(4);
    assertThat(arguments.subList(0, 3).stream().map(ScriptBytes::group))
        .containsExactly("t 1 0 1 2 0" + bucket, "t 1 0 1 1 0" + bucket, "l 1 0 1 1 1" + bucket);
    assertThat(texts(arguments.subList(3, 4))).containsExactly("7");
  }

  private byte @Nullable [] value(String name) {
    return jedis.get(ScriptCall.utf8(key(name)));
  }

  private static List<String> texts(List<byte[]> bytes) {
    return bytes.stream().map(text -> new String(text, StandardCharsets.UTF_8)).toList();
  }

  @Test
  void ask_sameCalls_theFirstThatFitArePermittedEachAtItsLevel() {
    ScriptCall four = take("a", 4);
    assertThat(ask(List.of(four, take("a", 4), take("a", 4), take("a", 4))))
        .extracting(Optional::orElseThrow)
        .containsExactly(answer(true, 4), answer(true, 8), answer(false, 8), answer(false, 8));
    assertThat(ask(List.of(take("a", 2), take("a", 3))))
        .extracting(Optional::orElseThrow)
        .containsExactly(answer(true, 10), answer(false, 10));
  }

  private ScriptCall once(Operation operation, String receipt, long tokens) {
    ScriptCall call = new ScriptCall(operation, key(receipt));
    long nanos = tokens * Inside.nanosPerToken(TEN);
    call.addOwn(key("a"), TEN, nanos);
    return call;
  }

  @Test
  void ask_refundOrResetWithAReceiptThatIsThere_isNotCarriedOutAgain() {
    ask(List.of(take("a", 8)));
    ScriptCall refund = once(Operation.REFUND, "refunded", 2);
    for (int i = 0; i < 2; i++) {
      assertThat(ask(List.of(refund)).get(0)).contains(answer(true, 6));
    }
    assertThat(ask(List.of(refund, refund))).containsOnly(Optional.of(answer(true, 6)));
    ScriptCall reset = once(Operation.RESET, "reset", 10);
    assertThat(ask(List.of(reset)).get(0)).contains(answer(true, 0));
    ask(List.of(take("a", 5)));
    assertThat(ask(List.of(reset)).get(0)).contains(answer(true, 5));
    assertThat(jedis.pttl(key("reset"))).isBetween(1L, 10_000L);
  }

  @Test
  void ask_refundOfABucketThatIsFull_createsNoKey() {
    assertThat(ask(List.of(once(Operation.REFUND, "refunded", 3))).get(0))
        .contains(answer(true, 0));
    assertThat(jedis.exists(key("a"))).isFalse();
  }

  /** The first decision that finds a key missing writes it, whoever of the batch knew of it. */
  @Test
  void ask_bucketThatOneOfABatchKnows_isKnownToAll() {
    long micros = 7 * Inside.nanosPerToken(TEN) / 1000;
    assertThat(ask(List.of(take("a", 3), take("a", 1, micros), take("a", 1))))
        .extracting(Optional::orElseThrow)
        .containsExactly(answer(true, 10), answer(false, 10), answer(false, 10));
  }

  @Test
  void ask_known_countsWhereTheKeyIsMissing_orOlderAfterALoss() {
    long micros = 4 * Inside.nanosPerToken(TEN) / 1000;
    assertThat(ask(List.of(take("a", 7, micros))).get(0)).contains(answer(false, 4));
    assertThat(ask(List.of(take("a", 6))).get(0)).as("written").contains(answer(true, 10));
    ask(List.of(take("b", 1)));
    assertThat(ask(List.of(take("b", 1, micros))).get(0)).as("there").contains(answer(true, 2));
    assertThat(ask(List.of(take("b", 1, -micros))).get(0)).as("older").contains(answer(true, 5));
    ask(List.of(once(Operation.RESET, "reset", 10)));
    assertThat(ask(List.of(take("a", 1, -micros))).get(0)).as("full").contains(answer(true, 1));
  }

  @Test
  void ask_reserved_mustBeHeldButIsNotTaken() {
    assertThat(ask(List.of(reserving(8))).get(0)).contains(answer(true, 2));
    assertThat(ask(List.of(reserving(7))).get(0)).contains(answer(false, 2));
    assertThat(ask(List.of(reserving(6))).get(0)).contains(answer(true, 4));
  }

  /** What was spent without Redis may be more than it had left, and is not forgiven. */
  @Test
  void ask_owedBeyondEmpty_staysSo_alsoUnderAnotherLimit() {
    ask(List.of(take("a", 5)));
    long nanosPerToken = Inside.nanosPerToken(TEN);
    ScriptCall owing = new ScriptCall(Operation.TAKE);
    owing.add(key("a"), null, TEN, nanosPerToken, 8 * nanosPerToken, 0);
    assertThat(ask(List.of(owing)).get(0)).contains(answer(false, 13));
    assertThat(ask(List.of(take("a", 1))).get(0)).contains(answer(false, 13));
    ScriptCall hourly = new ScriptCall(Operation.LOOK);
    Limit anHour = Limit.perHour(10);
    hourly.addOwn(key("a"), anHour, Inside.nanosPerToken(anHour));
    assertThat(ask(List.of(hourly)).get(0)).contains(answer(false, anHour, 13));
    clock.advanceMicros(4 * nanosPerToken / 1000);
    assertThat(ask(List.of(take("a", 1))).get(0)).contains(answer(true, 10));
  }

  /** A limit that fills in less than a microsecond, and one for which nanoseconds are too many. */
  @Test
  void ask_fullBucketOfTheTiniestLimit_isFullUnderTheLongest() {
    Limit tiniest = Limit.of(1, 1, Duration.ofNanos(1));
    ScriptCall reset = new ScriptCall(Operation.RESET, key("reset"));
    reset.addOwn(key("a"), tiniest, Inside.nanosToFill(tiniest));
    ask(List.of(reset));
    Limit longest = Limit.of(10, 1, Duration.ofDays(365));
    ScriptCall look = new ScriptCall(Operation.LOOK);
    look.addOwn(key("a"), longest, Inside.nanosToFill(longest));
    assertThat(ask(List.of(look)).get(0).orElseThrow().levelNanos()).containsExactly(0L);
  }

  /** Takes two tokens while another call charges so many. */
  private ScriptCall reserving(long tokens) {
    long nanosPerToken = Inside.nanosPerToken(TEN);
    ScriptCall call = new ScriptCall(Operation.TAKE);
    call.add(key("a"), null, TEN, 2 * nanosPerToken, 0, tokens * nanosPerToken);
    return call;
  }

  @Test
  void ask_keysThatHoldNoBucket_failTheirDecisionsAlone() {
    jedis.set(key("text"), "not a bucket");
    jedis.rpush(key("list"), "a");
    ScriptCall both = take("a", 1);
    both.addOwn(key("list"), TEN, Inside.nanosPerToken(TEN));
    List<Optional<Answer>> answers =
        ask(List.of(take("text", 1), take("a", 2), take("list", 1), both, take("b", 3)));
    assertThat(answers.get(0)).isEmpty();
    assertThat(answers.get(1)).contains(answer(true, 2));
    assertThat(answers.get(2)).isEmpty();
    assertThat(answers.get(3)).isEmpty();
    assertThat(answers.get(4)).contains(answer(true, 3));
    assertThat(jedis.get(key("text"))).isEqualTo("not a bucket");
    assertThat(jedis.lrange(key("list"), 0, -1)).containsExactly("a");
    assertThat(ask(List.of(take("a", 1))).get(0)).contains(answer(true, 3));
  }

  @ParameterizedTest
  @ValueSource(longs = {20261123, 1, 2, 3})
  void ask_mixedCalls_decideAsOneByOne(long seed) {
    Random random = new Random(seed);
    for (int round = 0; round < 40; round++) {
      long plan = random.nextLong();
      List<ScriptCall> together = calls("together", new Random(plan));
      List<ScriptCall> apart = calls("apart", new Random(plan));
      List<Optional<Answer>> answers = ask(together);
      for (int i : order(apart)) {
        Optional<Answer> alone = ask(List.of(apart.get(i))).get(0);
        assertThat(answers.get(i)).as("round %d, call %d", round, i).isEqualTo(alone);
      }
      for (int bucket = 0; bucket < BUCKETS; bucket++) {
        assertThat(value("together" + bucket)).isEqualTo(value("apart" + bucket));
      }
      clock.advanceMicros(random.nextInt(300_000));
    }
  }

  /** Returns the positions in the order in which a batch decides: of the same terms together. */
  private static List<Integer> order(List<ScriptCall> calls) {
    List<Object> terms = new ArrayList<>();
    List<Object> same = new ArrayList<>();
    for (ScriptCall call : calls) {
      terms.add(call.terms());
      boolean merges = call.operation() == Operation.TAKE || call.operation() == Operation.LOOK;
      same.add(merges ? call.keys() : call);
    }
    return IntStream.range(0, calls.size())
        .boxed()
        .sorted(
            Comparator.<Integer>comparingInt(i -> terms.indexOf(terms.get(i)))
                .thenComparingInt(i -> firstOf(terms, same, i)))
        .toList();
  }

  private static int firstOf(List<Object> terms, List<Object> same, int of) {
    return IntStream.range(0, terms.size())
        .filter(i -> terms.get(i).equals(terms.get(of)) && same.get(i).equals(same.get(of)))
        .findFirst()
        .orElseThrow();
  }

  private List<ScriptCall> calls(String name, Random random) {
    List<ScriptCall> calls = new ArrayList<>();
    for (int i = 0; i < 24; i++) {
      Operation operation = OPERATIONS.get(random.nextInt(OPERATIONS.size()));
      int first = random.nextInt(BUCKETS);
      boolean isOnce = operation == Operation.REFUND || operation == Operation.RESET;
      String receipt = key(name + ":receipt:" + random.nextLong());
      ScriptCall call = new ScriptCall(operation, isOnce ? receipt : null);
      for (int bucket = first;
          bucket <= Math.min(BUCKETS - 1, first + random.nextInt(2));
          bucket++) {
        Limit limit = LIMITS.get(random.nextInt(10) == 0 ? random.nextInt(LIMITS.size()) : bucket);
        long cost = 1 + random.nextLong(Math.min(3, limit.capacity()));
        boolean plain = random.nextInt(4) > 0;
        call.add(
            key(name + bucket),
            null,
            limit,
            cost * Inside.nanosPerToken(limit),
            plain || call.operation() != Operation.TAKE
                ? 0
                : random.nextLong(Inside.nanosPerToken(limit)),
            plain ? 0 : Inside.nanosPerToken(limit));
      }
      calls.add(call);
    }
    return calls;
  }
}
