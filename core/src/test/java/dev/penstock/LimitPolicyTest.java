package dev.penstock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import java.util.List;
import org.junit.jupiter.api.Test;

class LimitPolicyTest {

  private static final Identity USER = Identity.user("acme", "u1");
  private static final Limit TEN = Limit.perMinute(10);
  private static final Limit HUNDRED = Limit.perHour(100);

  @Test
  void factories_severalLimits_areNamedByTheirNumber() {
    assertThat(LimitPolicy.perIdentity("runs", TEN, HUNDRED, TEN).limits(USER))
        .containsExactly(
            new PartitionedLimit("runs", TEN, Partition.IDENTITY),
            new PartitionedLimit("runs-2", HUNDRED, Partition.IDENTITY),
            new PartitionedLimit("runs-3", TEN, Partition.IDENTITY));
    assertThat(LimitPolicy.perWorkspace("runs", TEN).limits(USER))
        .containsExactly(new PartitionedLimit("runs", TEN, Partition.WORKSPACE));
    assertThat(LimitPolicy.everyone("runs", TEN).limits(USER))
        .containsExactly(new PartitionedLimit("runs", TEN, Partition.EVERYONE));
  }

  @Test
  void limits_prepared_areTheSameListAndCannotBeChanged() {
    LimitPolicy policy = LimitPolicy.perIdentity("runs", TEN).and(LimitPolicy.everyone("all", TEN));
    List<PartitionedLimit> limits = policy.limits(USER);
    assertThat(policy.limits(Identity.address("192.0.2.1"))).isSameAs(limits);
    assertThatExceptionOfType(UnsupportedOperationException.class).isThrownBy(limits::clear);
  }

  @Test
  void factories_noLimit_nameThePolicy() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> LimitPolicy.perIdentity("runs"))
        .withMessage("limits must not be empty: policy runs");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> LimitPolicy.perWorkspace("runs"))
        .withMessage("limits must not be empty: policy runs");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> LimitPolicy.everyone("runs"))
        .withMessage("limits must not be empty: policy runs");
  }

  @Test
  void factories_badName_isRefused() {
    String empty = "name must be 1 to 128 characters: 0";
    assertThatIllegalArgumentException()
        .isThrownBy(() -> LimitPolicy.perIdentity("", TEN))
        .withMessage(empty);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> LimitPolicy.perWorkspace("", TEN))
        .withMessage(empty);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> LimitPolicy.everyone("a\nb", TEN))
        .withMessage("name must be printable ASCII: character a (hex) at position 1");
  }

  @Test
  void factories_nameThatIsTooLongWithItsNumber_isRefused() {
    String name = "n".repeat(127);
    assertThat(LimitPolicy.perIdentity(name, TEN).limits(USER)).hasSize(1);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> LimitPolicy.perIdentity(name, TEN, HUNDRED))
        .withMessage("name must be 1 to 128 characters: 129");
  }

  @Test
  void and_prepared_keepsTheOrder() {
    LimitPolicy policy =
        LimitPolicy.perIdentity("a", TEN)
            .and(LimitPolicy.perWorkspace("b", TEN))
            .and(LimitPolicy.everyone("c", TEN));
    assertThat(policy.limits(USER))
        .extracting(PartitionedLimit::name)
        .containsExactly("a", "b", "c");
  }

  @Test
  void and_nameTwice_isRefused() {
    LimitPolicy runs = LimitPolicy.perIdentity("runs", TEN, HUNDRED);
    String message = "limits of one policy must have different names: ";
    assertThatIllegalArgumentException()
        .isThrownBy(() -> runs.and(LimitPolicy.everyone("runs", TEN)))
        .withMessage(message + "runs");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> runs.and(LimitPolicy.everyone("runs-2", TEN)))
        .withMessage(message + "runs-2");
  }

  @Test
  void and_policyByIdentity_isAskedForEach() {
    LimitPolicy plan =
        identity ->
            List.of(
                new PartitionedLimit(
                    "plan", identity.equals(USER) ? HUNDRED : TEN, Partition.IDENTITY));
    LimitPolicy policy = plan.and(LimitPolicy.everyone("all", TEN));
    assertThat(policy.limits(USER))
        .extracting(PartitionedLimit::limit)
        .containsExactly(HUNDRED, TEN);
    assertThat(policy.limits(Identity.user("u2")))
        .extracting(PartitionedLimit::limit)
        .containsExactly(TEN, TEN);
  }

  @Test
  @SuppressWarnings("NullAway") // null is what is tested
  void nulls_nameTheParameter() {
    LimitPolicy policy = LimitPolicy.perIdentity("runs", TEN);
    assertThatNullPointerException().isThrownBy(() -> policy.and(null)).withMessage("other");
    assertThatNullPointerException()
        .isThrownBy(() -> LimitPolicy.perIdentity(null, TEN))
        .withMessage("name");
    assertThatNullPointerException()
        .isThrownBy(() -> LimitPolicy.perIdentity("runs", (Limit) null))
        .withMessage("limit");
    assertThatNullPointerException()
        .isThrownBy(() -> LimitPolicy.perWorkspace(null, TEN))
        .withMessage("name");
    assertThatNullPointerException()
        .isThrownBy(() -> LimitPolicy.everyone(null, TEN))
        .withMessage("name");
    assertThatNullPointerException()
        .isThrownBy(() -> LimitPolicy.perIdentity("runs", (Limit[]) null))
        .withMessage("limits");
    assertThatNullPointerException()
        .isThrownBy(() -> LimitPolicy.perWorkspace("runs", (Limit[]) null))
        .withMessage("limits");
    assertThatNullPointerException()
        .isThrownBy(() -> LimitPolicy.everyone("runs", (Limit[]) null))
        .withMessage("limits");
  }
}
