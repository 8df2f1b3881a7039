package dev.penstock.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.Identity;
import dev.penstock.Limit;
import dev.penstock.Partition;
import dev.penstock.PartitionedLimit;
import dev.penstock.base.Inside;
import dev.penstock.bucket.Rooms;
import dev.penstock.redis.wire.KnownBuckets;
import dev.penstock.redis.wire.KnownLevel;
import dev.penstock.redis.wire.PlaceInLine;
import dev.penstock.redis.wire.RedisKeys;
import dev.penstock.redis.wire.ScriptCall.Operation;
import dev.penstock.redis.wire.SharedBucket;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class OwedSettlementsTest {

  private static final PartitionedLimit TEN =
      new PartitionedLimit("ten", Limit.perSecond(10), Partition.IDENTITY);
  private static final long TOKEN = Inside.nanosPerToken(TEN.limit());
  private static final long FILL = Inside.nanosToFill(TEN.limit());
  private static final RedisKeys KEYS = new RedisKeys("test", false);

  private final KnownBuckets known = new KnownBuckets(10, Rooms.standard());
  private final OwedSettlements owed = new OwedSettlements(2);

  private List<SharedBucket> buckets(String user) {
    return List.of(SharedBucket.of(TEN, Identity.user(user), KEYS, known));
  }

  private Settlement putBack(String user, long tokens, String receipt) {
    return putBack(buckets(user).get(0), tokens, receipt);
  }

  private static Settlement putBack(SharedBucket bucket, long tokens, String receipt) {
    long nanos = tokens * Inside.nanosPerToken(bucket.limit().limit());
    List<Settlement.Due> dues = List.of(new Settlement.Due(bucket, nanos));
    return new Settlement(Operation.REFUND, dues, 0, receipt, false);
  }

  private static List<Long> nanos(Settlement putBack) {
    return putBack.dues().stream().map(Settlement.Due::nanos).toList();
  }

  /** Many of the largest are counted at once, and must not overflow. */
  @Test
  void tokens_moreThanABucketMayOwe_areAsManyAsItMay() {
    SharedBucket bucket = buckets("a").get(0);
    long most = bucket.limit().limit().capacity();
    assertThat(new Settlement.Due(bucket, Long.MAX_VALUE).tokens()).isEqualTo(most);
    assertThat(new Settlement.Due(bucket, 1).tokens()).isEqualTo(1);
  }

  private Settlement find(String receipt) {
    return Objects.requireNonNull(owed.find(receipt));
  }

  @Test
  void add_sameBuckets_areOneUntilItIsSent() {
    assertThat(owed.add(putBack("a", 2, "1"))).isTrue();
    assertThat(owed.add(putBack("a", 3, "2"))).isTrue();
    assertThat(owed.inOrder()).containsExactly("1");
    assertThat(nanos(find("1"))).containsExactly(5 * TOKEN);
    owed.sending(find("1"));
    assertThat(owed.add(putBack("a", 8, "3"))).isTrue();
    assertThat(owed.add(putBack("a", 9, "4"))).isTrue();
    assertThat(owed.inOrder()).containsExactly("1", "3");
    assertThat(nanos(find("1"))).containsExactly(5 * TOKEN);
    assertThat(nanos(find("3"))).containsExactly(10 * TOKEN);
  }

  @Test
  void add_whatWasWaitedFor_isOneUntilItIsSent() {
    owed.add(waitedFor(2, "1"));
    owed.add(waitedFor(3, "2"));
    assertThat(nanos(find("1"))).containsExactly(5 * TOKEN);
    owed.sending(find("1"));
    owed.add(waitedFor(1, "3"));
    assertThat(owed.inOrder()).containsExactly("1", "3");
    assertThat(nanos(find("1"))).containsExactly(5 * TOKEN);
  }

  private Settlement waitedFor(long tokens, String receipt) {
    Settlement.Due due =
        new Settlement.Due(buckets("a").get(0), tokens * TOKEN, 0, new PlaceInLine(7, 0));
    return new Settlement(Operation.REFUND, List.of(due), 0, receipt, false);
  }

  /** Time of refill of one limit is not that of another. */
  @Test
  void add_limitChangedMeanwhile_areTwo() {
    PartitionedLimit slower = new PartitionedLimit("ten", Limit.perHour(10), Partition.IDENTITY);
    SharedBucket changed = SharedBucket.of(slower, Identity.user("a"), KEYS, known);
    owed.add(putBack("a", 2, "1"));
    owed.add(putBack(changed, 1, "2"));
    assertThat(owed.inOrder()).containsExactly("1", "2");
    assertThat(nanos(find("1"))).containsExactly(2 * TOKEN);
  }

  @Test
  void add_noRoom_isRefusedAndWhatIsThereStays() {
    owed.add(putBack("a", 1, "1"));
    owed.add(putBack("b", 1, "2"));
    assertThat(owed.add(putBack("c", 1, "3"))).isFalse();
    assertThat(owed.add(putBack("b", 1, "4"))).isTrue();
    assertThat(owed.inOrder()).containsExactly("1", "2");
    assertThat(owed.owes(buckets("c"))).isFalse();
  }

  @Test
  void done_lastOfABucket_owesItNothing() {
    owed.add(putBack("a", 1, "1"));
    owed.sending(find("1"));
    owed.add(putBack("a", 1, "2"));
    owed.done(find("1"));
    assertThat(owed.owes(buckets("a"))).isTrue();
    owed.done(find("2"));
    assertThat(owed.owes(buckets("a"))).isFalse();
    assertThat(owed.isEmpty()).isTrue();
  }

  @Test
  void leftAt_bucketNotKnown_isWhatTimeHasNotRefilled() {
    Settlement putBack = putBack("a", 3, "1");
    assertThat(nanos(putBack.leftAt(TOKEN, known))).containsExactly(2 * TOKEN);
    assertThat(nanos(putBack.leftAt(4 * TOKEN, known))).containsExactly(0L);
  }

  @Test
  void leftAt_bucketKnown_isWhatIsMissing() {
    Settlement putBack = putBack("a", 3, "1");
    long bucket = buckets("a").get(0).hash();
    known.remember(bucket, new KnownLevel(10 * TOKEN, FILL, 0, 0, 0), 0);
    assertThat(nanos(putBack.leftAt(4 * TOKEN, known))).containsExactly(3 * TOKEN);
    assertThat(nanos(putBack.leftAt(8 * TOKEN, known))).containsExactly(2 * TOKEN);
  }
}
