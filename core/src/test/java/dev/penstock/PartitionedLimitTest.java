package dev.penstock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import dev.penstock.base.Inside;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PartitionedLimitTest {

  private static final Limit TEN = Limit.perMinute(10);

  @ParameterizedTest
  @ValueSource(strings = {"a", " ", "agent-runs", "\"\\", "!~", "a b"})
  void name_printableAscii_isKept(String name) {
    assertThat(new PartitionedLimit(name, TEN, Partition.IDENTITY).name()).isEqualTo(name);
  }

  @Test
  void name_emptyOrTooLong_namesTheLength() {
    assertThat(named("n".repeat(128)).name()).hasSize(128);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> named(""))
        .withMessage("name must be 1 to 128 characters: 0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> named("n".repeat(129)))
        .withMessage("name must be 1 to 128 characters: 129");
  }

  @ParameterizedTest
  @CsvSource({"1f, 31", "7f, 127", "a, 10", "0, 0", "e9, 233", "2028, 8232"})
  void name_notPrintableAscii_namesCharacterAndPosition(String hex, int character) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> named("ab" + (char) character))
        .withMessage("name must be printable ASCII: character " + hex + " (hex) at position 2");
  }

  @Test
  void equals_sameParts_areEqualAndOthersAreNot() {
    assertThat(named("n"))
        .isEqualTo(named("n"))
        .hasSameHashCodeAs(named("n"))
        .hasToString("PartitionedLimit[name=n, limit=" + TEN + ", partition=IDENTITY]")
        .isNotEqualTo(named("m"))
        .isNotEqualTo(new PartitionedLimit("n", Limit.perMinute(11), Partition.IDENTITY))
        .isNotEqualTo(new PartitionedLimit("n", TEN, Partition.EVERYONE))
        .isNotEqualTo("n");
  }

  @Test
  void asShadow_sameParts_isAnotherLimitWithOtherBuckets() {
    PartitionedLimit shadow = named("n").asShadow();
    assertThat(named("n").isShadow()).isFalse();
    assertThat(shadow.isShadow()).isTrue();
    assertThat(shadow.asShadow()).isEqualTo(shadow).hasSameHashCodeAs(shadow);
    assertThat(shadow)
        .isNotEqualTo(named("n"))
        .hasToString("PartitionedLimit[name=n, limit=" + TEN + ", partition=IDENTITY, shadow]");
    assertThat(Inside.nameHash(shadow)).isNotEqualTo(Inside.nameHash(named("n")));
    PartitionedLimit slots = new PartitionedLimit("n", Limit.inFlight(1), Partition.IDENTITY);
    assertThat(Inside.nameHash(slots.asShadow()))
        .isNotEqualTo(Inside.nameHash(shadow))
        .isNotEqualTo(Inside.nameHash(slots));
  }

  @Test
  @SuppressWarnings("NullAway") // null is what is tested
  void nulls_nameTheParameter() {
    assertThatNullPointerException()
        .isThrownBy(() -> new PartitionedLimit(null, TEN, Partition.IDENTITY))
        .withMessage("name");
    assertThatNullPointerException()
        .isThrownBy(() -> new PartitionedLimit("n", null, Partition.IDENTITY))
        .withMessage("limit");
    assertThatNullPointerException()
        .isThrownBy(() -> new PartitionedLimit("n", TEN, null))
        .withMessage("partition");
  }

  private static PartitionedLimit named(String name) {
    return new PartitionedLimit(name, TEN, Partition.IDENTITY);
  }
}
