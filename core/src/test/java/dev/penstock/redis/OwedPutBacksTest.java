package dev.penstock.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.Identity;
import dev.penstock.Limit;
import dev.penstock.Partition;
import dev.penstock.PartitionedLimit;
import dev.penstock.memory.Rooms;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class OwedPutBacksTest {

  private static final PartitionedLimit TEN =
      new PartitionedLimit("ten", Limit.perSecond(10), Partition.IDENTITY);
  private static final long TOKEN = TEN.limit().nanosPerToken();
  private static final RedisKeys KEYS = new RedisKeys("test", false);

  private final KnownBuckets known = new KnownBuckets(10, Rooms.standard());
  private final OwedPutBacks owed = new OwedPutBacks(2);

  private List<Question> questions(String user) {
    return List.of(Question.of(TEN, Identity.user(user), KEYS, known));
  }

  private PutBack refund(String user, long tokens, String receipt) {
    return PutBack.refund(Identity.user(user), questions(user), tokens, 0, receipt);
  }

  private PutBack find(String receipt) {
    return Objects.requireNonNull(owed.find(receipt));
  }

  @Test
  void add_sameBuckets_areOneUntilItIsSent() {
    assertThat(owed.add(refund("a", 2, "1"))).isTrue();
    assertThat(owed.add(refund("a", 3, "2"))).isTrue();
    assertThat(owed.inOrder()).containsExactly("1");
    assertThat(find("1").nanos()).containsExactly(5 * TOKEN);
    owed.sending(find("1"));
    assertThat(owed.add(refund("a", 100, "3"))).isTrue();
    assertThat(owed.inOrder()).containsExactly("1", "3");
    assertThat(find("1").nanos()).containsExactly(5 * TOKEN);
    assertThat(find("3").nanos()).containsExactly(10 * TOKEN);
  }

  @Test
  void add_noRoom_isRefusedAndWhatIsThereStays() {
    owed.add(refund("a", 1, "1"));
    owed.add(refund("b", 1, "2"));
    assertThat(owed.add(refund("c", 1, "3"))).isFalse();
    assertThat(owed.add(refund("b", 1, "4"))).isTrue();
    assertThat(owed.inOrder()).containsExactly("1", "2");
    assertThat(owed.owes(questions("c"))).isFalse();
  }

  @Test
  void done_lastOfABucket_owesItNothing() {
    owed.add(refund("a", 1, "1"));
    owed.sending(find("1"));
    owed.add(refund("a", 1, "2"));
    owed.done(find("1"));
    assertThat(owed.owes(questions("a"))).isTrue();
    owed.done(find("2"));
    assertThat(owed.owes(questions("a"))).isFalse();
    assertThat(owed.isEmpty()).isTrue();
  }

  @Test
  void nanosLeft_bucketNotKnown_isWhatTimeHasNotRefilled() {
    PutBack refund = refund("a", 3, "1");
    assertThat(refund.nanosLeft(known, TOKEN)).containsExactly(2 * TOKEN);
    assertThat(refund.nanosLeft(known, 4 * TOKEN)).containsExactly(0L);
  }

  @Test
  void nanosLeft_bucketKnown_isWhatIsMissing() {
    PutBack refund = refund("a", 3, "1");
    long bucket = questions("a").get(0).bucket();
    known.remember(bucket, new KnownBuckets.Known(10 * TOKEN, 0, 0, 0), 0);
    assertThat(refund.nanosLeft(known, 4 * TOKEN)).containsExactly(3 * TOKEN);
    assertThat(refund.nanosLeft(known, 8 * TOKEN)).containsExactly(2 * TOKEN);
  }
}
