package dev.penstock.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.Crowd;
import dev.penstock.Decision;
import dev.penstock.Decision.Source;
import dev.penstock.Identity;
import dev.penstock.Limit;
import dev.penstock.LimitPolicy;
import dev.penstock.redis.wire.RedisKeys;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.RedisClusterClient;

/** Requests of many hash slots at once, which travel together to each node of a cluster. */
class RedisClusterIT {

  private static final Duration SOON = Duration.ofSeconds(30);
  private static final int USERS = 90;
  private static final int THREADS = 16;
  private static final int CAPACITY = 100_000;
  private static final LimitPolicy AMPLE =
      LimitPolicy.perIdentity("ample", Limit.of(CAPACITY, 1, Duration.ofMinutes(30)));
  private static final LimitPolicy FIVE = LimitPolicy.perIdentity("five", Limit.perDay(5));

  private final List<Boolean> changes = new CopyOnWriteArrayList<>();
  private RedisCluster cluster;
  private RedisClusterClient jedis;
  private RedisRateLimiter limiter;

  @BeforeEach
  void start() {
    cluster = RedisCluster.start("cluster-require-full-coverage no");
    jedis = cluster.client();
    limiter =
        RedisRateLimiter.builder(jedis)
            .cheapDenials(Duration.ZERO)
            .onAvailability(changes::add)
            .build();
  }

  @AfterEach
  void close() {
    limiter.close();
    jedis.close();
    cluster.close();
  }

  private static Identity user(int number) {
    return Identity.user("workspace-" + number, "user");
  }

  private int slot(int user) {
    return cluster.slot(
        new RedisKeys("penstock", false).key(AMPLE.limits(user(user)).get(0), user(user)));
  }

  private RedisServer owner(int user) {
    return cluster.owner(slot(user));
  }

  /** Users whose requests go around while the test does something to the cluster. */
  private int[] permittedWhile(Runnable action) {
    int[] permitted = new int[USERS];
    AtomicBoolean done = new AtomicBoolean();
    try (Crowd crowd = new Crowd(THREADS + 1)) {
      List<int[]> all =
          crowd.ask(
              thread -> {
                if (thread < THREADS) {
                  return permittedUntil(done, thread);
                }
                try {
                  action.run();
                } finally {
                  done.set(true);
                }
                return new int[USERS];
              });
      all.forEach(mine -> IntStream.range(0, USERS).forEach(i -> permitted[i] += mine[i]));
    }
    return permitted;
  }

  /** Asks for each user in turn, at least thirty times. */
  private int[] permittedUntil(AtomicBoolean done, int thread) {
    int[] permitted = new int[USERS];
    for (int i = thread; i < 30 * USERS || !done.get(); i++) {
      Decision decision = limiter.tryAcquire(user(i % USERS), AMPLE);
      assertThat(decision.source()).isEqualTo(Source.REDIS);
      permitted[i % USERS] += decision.permitted() ? 1 : 0;
    }
    return permitted;
  }

  private void assertChargedOnce(int[] permitted) {
    for (int i = 0; i < USERS; i++) {
      long left = limiter.peek(user(i), AMPLE).buckets().get(0).remaining();
      assertThat(CAPACITY - left).as("spent by user %d", i).isEqualTo(permitted[i]);
    }
    assertThat(limiter.statistics().failures()).isZero();
    assertThat(changes).isEmpty();
  }

  @Test
  void manySlots_travelTogether_andEachBucketHasItsCapacity() {
    try (Crowd crowd = new Crowd(THREADS)) {
      List<Integer> permitted =
          crowd.ask(
              thread -> {
                int mine = 0;
                for (int i = 0; i < USERS; i++) {
                  Decision decision = limiter.tryAcquire(user((i + thread) % USERS), FIVE);
                  assertThat(decision.source()).isEqualTo(Source.REDIS);
                  mine += decision.permitted() ? 1 : 0;
                }
                return mine;
              });
      assertThat(permitted.stream().mapToInt(Integer::intValue).sum()).isEqualTo(5 * USERS);
    }
    assertThat(limiter.statistics().failures()).isZero();
    assertThat(limiter.statistics().calls()).isEqualTo(THREADS * USERS);
    assertThat(limiter.statistics().roundTrips()).isLessThan(THREADS * USERS * 9L / 10);
  }

  @Test
  void slotsMove_nothingFailsAndNobodyIsChargedTwice() {
    int[] permitted =
        permittedWhile(
            () -> {
              RedisServer heir = cluster.nodes().get(2);
              usersAt(heir, false).stream()
                  .limit(12)
                  .forEach(user -> cluster.moveSlot(slot(user), owner(user), heir));
              int back = usersAt(heir, true).get(0);
              cluster.moveSlot(slot(back), heir, cluster.nodes().get(0));
            });
    assertChargedOnce(permitted);
  }

  @Test
  void scriptFlush_atEachNode_isNotNoticed() {
    int[] permitted =
        permittedWhile(() -> cluster.nodes().forEach(node -> node.command("SCRIPT", "FLUSH")));
    assertChargedOnce(permitted);
    assertThat(limiter.statistics().scriptLoads()).isGreaterThanOrEqualTo(3);
  }

  private Source source(int user) {
    return limiter.tryAcquire(user(user), AMPLE).source();
  }

  private List<Integer> usersAt(RedisServer node, boolean there) {
    return IntStream.range(0, USERS).filter(i -> (owner(i) == node) == there).boxed().toList();
  }

  /** The others answer all the while, and so there are never five failures in a row among all. */
  @Test
  void oneNodeStandsStill_isLeftAloneByItself_untilItGoesOn() {
    RedisServer stopped = cluster.nodes().get(1);
    List<Integer> there = usersAt(stopped, true);
    List<Integer> elsewhere = usersAt(stopped, false);
    IntStream.range(0, USERS).forEach(i -> assertThat(source(i)).isEqualTo(Source.REDIS));
    stopped.pause();
    Await.until(
        "an outage",
        SOON,
        () -> {
          elsewhere.subList(0, 5).forEach(this::source);
          source(there.get(0));
          return !limiter.statistics().available();
        });
    long timeouts = limiter.statistics().timeouts();
    there.forEach(i -> assertThat(source(i)).isEqualTo(Source.LOCAL));
    elsewhere.forEach(i -> assertThat(source(i)).isEqualTo(Source.REDIS));
    assertThat(limiter.statistics().timeouts()).isEqualTo(timeouts);
    assertThat(changes).containsExactly(false);
    stopped.resume();
    Await.until("the return", SOON, () -> limiter.statistics().available());
    IntStream.range(0, USERS).forEach(i -> assertThat(source(i)).isEqualTo(Source.REDIS));
    assertThat(changes).containsExactly(false, true);
  }

  @Test
  void oneNodeDies_whatOthersTakeOver_isAskedForThere() {
    RedisServer dead = cluster.nodes().get(1);
    int user = usersAt(dead, true).get(0);
    int other = usersAt(dead, true).get(1);
    assertThat(slot(user)).isNotEqualTo(slot(other));
    assertThat(source(user)).isEqualTo(Source.REDIS);
    source(usersAt(dead, false).get(0));
    dead.kill();
    Await.until("an outage", SOON, () -> source(other) == Source.LOCAL && !changes.isEmpty());
    assertThat(source(user)).isEqualTo(Source.LOCAL);
    RedisServer heir = cluster.nodes().get(2);
    cluster.takeOver(slot(user), heir, dead);
    Await.until("a decision by the heir", SOON, () -> source(user) == Source.REDIS);
    assertThat(source(other)).isEqualTo(Source.LOCAL);
  }
}
