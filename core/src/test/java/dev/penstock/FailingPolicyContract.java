package dev.penstock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What a caller gets whose policy fails: of every limiter the same, and no bucket is touched. */
interface FailingPolicyContract extends StoreUnderTest {

  Identity OWNER = Identity.user("acme", "owner");

  /** Every method of a limiter that asks a policy. */
  private List<Consumer<LimitPolicy>> methods() {
    RateLimiter limiter = limiter();
    return List.of(
        policy -> limiter.tryAcquire(OWNER, policy),
        policy -> limiter.peek(OWNER, policy),
        policy -> limiter.reserve(OWNER, policy),
        policy -> limiter.reset(OWNER, policy),
        limiter::check);
  }

  private void assertRefused(LimitPolicy policy, String message) {
    for (Consumer<LimitPolicy> method : methods()) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> method.accept(policy))
          .withMessageStartingWith(message);
    }
  }

  @Test
  default void everyMethod_policyThatThrows_throwsTheVeryThing() {
    for (Throwable failure : List.of(new IllegalStateException("plan"), new AssertionError("x"))) {
      LimitPolicy failing =
          identity -> {
            throw FailingPolicyContract.<RuntimeException>unchecked(failure);
          };
      for (Consumer<LimitPolicy> method : methods()) {
        assertThat(catchThrowable(() -> method.accept(failing))).isSameAs(failure);
      }
    }
  }

  @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"}) // an Error is thrown as it is
  private static <T extends Throwable> T unchecked(Throwable failure) throws T {
    throw (T) failure;
  }

  @Test
  @SuppressWarnings("NullAway") // null is what is tested
  default void everyMethod_policyThatReturnsNull_isRefused() {
    LimitPolicy everyone = LimitPolicy.everyone("failing-all", Limit.perMinute(10));
    LimitPolicy nothing = identity -> null;
    String message = "policy must return limits and not null: ";
    assertRefused(nothing, message);
    assertRefused(nothing.and(everyone), message);
    assertRefused(everyone.and(nothing), message);
  }

  @Test
  default void everyMethod_policyOfALimitThatIsNull_isRefused() {
    assertRefused(returning(ten("failing"), null), "policy must name no limit that is null: ");
    assertRefused(returning((PartitionedLimit) null), "policy must name no limit that is null: ");
  }

  @Test
  default void everyMethod_policyOfNoLimitByIdentity_isRefused() {
    assertRefused(identity -> List.of(), "policy must name at least one limit: ");
  }

  /** Two of one name are one bucket, and would be charged once here and twice there. */
  @Test
  default void everyMethod_policyThatNamesALimitTwice_isRefusedAndTakesNothing() {
    PartitionedLimit ten = ten("failing-twice");
    PartitionedLimit other = new PartitionedLimit("other", Limit.perHour(9), Partition.EVERYONE);
    String message = "limits of one policy must have different names: failing-twice";
    assertRefused(returning(ten, ten), message);
    assertRefused(returning(other, ten, ten("failing-twice")), message);
    assertRefused(
        returning(
            ten,
            other,
            new PartitionedLimit("failing-twice", Limit.perHour(9), Partition.EVERYONE)),
        message);
    LimitPolicy once = returning(ten);
    assertRefused(once.and(once), message);
    assertThat(limiter().peek(OWNER, once).buckets().get(0).remaining()).isEqualTo(10);
  }

  /** A list is the policy's own, and may change behind the limiter's back. */
  @Test
  default void decision_ofAListThatChanges_isOfTheLimitsAsTheyWere() {
    List<PartitionedLimit> changing = new ArrayList<>(List.of(ten("failing-changing")));
    Decision decision = limiter().tryAcquire(OWNER, identity -> changing);
    changing.clear();
    assertThat(decision.buckets())
        .extracting(BucketState::name)
        .containsExactly("failing-changing");
  }

  private static PartitionedLimit ten(String name) {
    return new PartitionedLimit(name, Limit.perMinute(10), Partition.IDENTITY);
  }

  private static LimitPolicy returning(@Nullable PartitionedLimit... limits) {
    List<@Nullable PartitionedLimit> list = Arrays.asList(limits);
    return identity -> uncheckedList(list);
  }

  @SuppressWarnings("unchecked") // null is what is tested
  private static List<PartitionedLimit> uncheckedList(List<@Nullable PartitionedLimit> limits) {
    return (List<PartitionedLimit>) (List<?>) limits;
  }
}
