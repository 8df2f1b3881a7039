package dev.penstock.bucket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import dev.penstock.Identity;
import dev.penstock.Partition;
import dev.penstock.memory.InMemoryRateLimiter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RoomsTest {

  private static final Identity USER = Identity.user("acme", "u1");
  private static final Identity LONE = Identity.user("u1");
  private static final Identity ADDRESS = Identity.address("192.0.2.1");

  private static int most(Rooms rooms, Identity identity, Partition partition) {
    return rooms.most(Rooms.mark(-1, identity, partition), 1000);
  }

  @Test
  void standard_addressesAlone_haveLessThanTheWhole() {
    Rooms rooms = Rooms.standard();
    assertThat(most(rooms, ADDRESS, Partition.IDENTITY)).isEqualTo(750);
    assertThat(most(rooms, USER, Partition.IDENTITY)).isEqualTo(1000);
    assertThat(most(rooms, Identity.workspace("acme"), Partition.IDENTITY)).isEqualTo(1000);
    assertThat(most(rooms, Identity.named("key", "k"), Partition.IDENTITY)).isEqualTo(1000);
  }

  @Test
  void with_kind_isThatOfTheKeyThatIsCharged() {
    Rooms rooms =
        Rooms.standard().with(Identity.Kind.WORKSPACE, 0.5).with(Identity.Kind.USER, 0.25);
    assertThat(most(rooms, USER, Partition.IDENTITY)).isEqualTo(250);
    assertThat(most(rooms, USER, Partition.WORKSPACE)).isEqualTo(500);
    assertThat(most(rooms, Identity.workspace("acme"), Partition.WORKSPACE)).isEqualTo(500);
    assertThat(most(rooms, LONE, Partition.WORKSPACE)).isEqualTo(250);
    assertThat(most(rooms, ADDRESS, Partition.WORKSPACE)).isEqualTo(750);
  }

  @ParameterizedTest
  @CsvSource({"0.75, 875", "0, 500", "1, 1000"})
  void with_addresses_bucketOfEveryoneHasHalfOfWhatTheyLeave(double share, int most) {
    Rooms rooms = Rooms.standard().with(Identity.Kind.ADDRESS, share);
    assertThat(most(rooms, USER, Partition.EVERYONE)).isEqualTo(most);
    assertThat(most(rooms, ADDRESS, Partition.EVERYONE)).isEqualTo(most);
  }

  @ParameterizedTest
  @CsvSource({"1, 0", "2, 1", "3, 2", "4, 3", "10, 7", "100000, 75000", "268435456, 201326592"})
  void most_anyBound_neverReachesTheLastQuarter(int bound, int most) {
    assertThat(Rooms.standard().most(Rooms.mark(8, ADDRESS, Partition.IDENTITY), bound))
        .isEqualTo(most);
  }

  @ParameterizedTest
  @CsvSource({"1, 1", "2, 2", "3, 3", "8, 7", "100000, 87500"})
  void most_bucketOfEveryone_hasRoomAtAnyBound(int bound, int most) {
    long marked = Rooms.mark(8, ADDRESS, Partition.EVERYONE);
    assertThat(Rooms.standard().most(marked, bound)).isEqualTo(most);
  }

  @Test
  void mark_hash_keepsAllButTheLastThreeBits() {
    assertThat(Rooms.mark(0x7766_5544_3322_1108L, ADDRESS, Partition.IDENTITY))
        .isEqualTo(Rooms.mark(0x7766_5544_3322_110fL, ADDRESS, Partition.WORKSPACE))
        .isBetween(0x7766_5544_3322_1108L, 0x7766_5544_3322_110fL);
  }

  @ParameterizedTest
  @ValueSource(doubles = {-0.1, 1.1, Double.NaN, Double.POSITIVE_INFINITY})
  void with_shareOutOfRange_namesTheValue(double share) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Rooms.standard().with(Identity.Kind.ADDRESS, share))
        .withMessage("share must be from 0 to 1: " + share);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> InMemoryRateLimiter.builder().share(Identity.Kind.ADDRESS, share))
        .withMessage("share must be from 0 to 1: " + share);
  }

  @Test
  @SuppressWarnings("NullAway") // null is what is tested
  void with_nullKind_namesTheParameter() {
    assertThatNullPointerException()
        .isThrownBy(() -> Rooms.standard().with(null, 1))
        .withMessage("kind");
  }
}
