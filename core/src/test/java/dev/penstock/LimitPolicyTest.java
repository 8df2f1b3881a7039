package dev.penstock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class LimitPolicyTest {

  private static final Identity USER = Identity.user("acme", "u1");
  private static final TokenBucketLimit TEN = Limit.perMinute(10);
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
  void asShadow_anyPolicy_triesItsLimitsAlone() {
    PartitionedLimit tried = new PartitionedLimit("runs", TEN, Partition.IDENTITY).asShadow();
    LimitPolicy runs = LimitPolicy.perIdentity("runs", TEN);
    LimitPolicy custom = identity -> runs.limits(identity);
    assertThat(runs.asShadow().limits(USER)).containsExactly(tried);
    assertThat(runs.asShadow().name()).isEqualTo("runs");
    assertThat(custom.asShadow().limits(USER)).containsExactly(tried);
    assertThat(custom.asShadow().name()).isEqualTo("custom");
    assertThat(choice(custom.asShadow(), "").limits(USER)).containsExactly(tried);
  }

  private static LimitPolicy choice(LimitPolicy policy, String plan) {
    return Objects.requireNonNull(policy.choices().get(plan));
  }

  @Test
  void asShadow_policyByPlan_triesEachPlan() {
    LimitPolicy free = LimitPolicy.perIdentity("runs", TEN);
    LimitPolicy pro = LimitPolicy.perIdentity("runs", HUNDRED);
    LimitPolicy planned = LimitPolicy.byPlan(Map.of("free", free, "pro", pro), "free");
    LimitPolicy both = free.and(planned.asShadow());
    assertThat(both.limits(USER.withPlan("pro")))
        .containsExactly(
            free.limits(USER).get(0),
            new PartitionedLimit("runs", HUNDRED, Partition.IDENTITY).asShadow());
    assertThat(planned.asShadow().choices()).containsOnlyKeys("free", "pro");
    assertThat(choice(planned.asShadow(), "pro").limits(USER))
        .containsExactly(pro.limits(USER).get(0).asShadow());
  }

  @Test
  void and_shadowFirst_standsLast_andMayBearTheNameOnceMore() {
    LimitPolicy runs = LimitPolicy.perIdentity("runs", TEN);
    LimitPolicy all = LimitPolicy.everyone("all", HUNDRED);
    PartitionedLimit run = runs.limits(USER).get(0);
    assertThat(runs.asShadow().and(all).and(runs).limits(USER))
        .containsExactly(all.limits(USER).get(0), run, run.asShadow());
    LimitPolicy custom = identity -> List.of(run.asShadow(), run);
    assertThat(LimiterArguments.requireLimits(USER, custom)).containsExactly(run, run.asShadow());
    assertThat(LimiterArguments.enforced(LimiterArguments.requireLimits(USER, custom)))
        .isEqualTo(1);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> runs.asShadow().and(runs.asShadow()))
        .withMessage("limits of one policy must have different names: runs");
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
  void limits_nameTwiceAmongMany_isRefused() {
    List<PartitionedLimit> limits = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      limits.add(new PartitionedLimit("limit" + i % 99, TEN, Partition.IDENTITY));
    }
    assertThat(LimiterArguments.requireLimits(USER, identity -> limits.subList(0, 99))).hasSize(99);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> LimiterArguments.requireLimits(USER, identity -> limits))
        .withMessage("limits of one policy must have different names: limit0");
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
  void of_limitsWithNames_keepThem() {
    PartitionedLimit minute = new PartitionedLimit("minute", TEN, Partition.IDENTITY);
    PartitionedLimit hour = new PartitionedLimit("hour", HUNDRED, Partition.WORKSPACE);
    LimitPolicy policy = LimitPolicy.of("runs", minute, hour);
    assertThat(policy.name()).isEqualTo("runs");
    assertThat(policy.limits(USER)).containsExactly(minute, hour);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> LimitPolicy.of("runs", minute, minute))
        .withMessage("limits of one policy must have different names: minute");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> LimitPolicy.of("runs"))
        .withMessage("limits must not be empty: policy runs");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> LimitPolicy.of("", minute))
        .withMessage("name must be 1 to 128 characters: 0");
  }

  private static LimitPolicy runs(Limit... limits) {
    return LimitPolicy.perIdentity("runs", limits);
  }

  private static List<Limit> limits(LimitPolicy policy, Identity identity) {
    return policy.limits(identity).stream().map(PartitionedLimit::limit).toList();
  }

  @Test
  void byPlan_planOfTheIdentity_choosesOrElseTheOther() {
    LimitPolicy policy =
        LimitPolicy.byPlan(Map.of("free", runs(TEN), "pro", runs(HUNDRED)), "free");
    assertThat(limits(policy, USER.withPlan("pro"))).containsExactly(HUNDRED);
    assertThat(limits(policy, USER.withPlan("free"))).containsExactly(TEN);
    assertThat(limits(policy, USER.withPlan("gold"))).containsExactly(TEN);
    assertThat(limits(policy, USER)).containsExactly(TEN);
    assertThat(policy.name()).isEqualTo("runs");
    assertThat(policy.choices()).containsOnlyKeys("free", "pro");
  }

  @Test
  void byPlan_functionOfTheApplication_choosesOrElseTheOther() {
    Map<Identity, String> listed = Map.of(USER, "pro");
    LimitPolicy policy =
        LimitPolicy.byPlan(
            identity -> Optional.ofNullable(listed.get(identity)),
            Map.of("free", runs(TEN), "pro", runs(HUNDRED)),
            "free");
    assertThat(limits(policy, USER)).containsExactly(HUNDRED);
    assertThat(limits(policy, Identity.user("u2").withPlan("pro"))).containsExactly(TEN);
  }

  @Test
  @SuppressWarnings("NullAway") // null is what is tested
  void byPlan_functionFails_isTheOtherPlanAndSaid() {
    Map<String, LimitPolicy> plans = Map.of("free", runs(TEN), "pro", runs(HUNDRED));
    LimitPolicy throwing =
        LimitPolicy.byPlan(
            identity -> {
              throw new StackOverflowError();
            },
            plans,
            "free");
    try (CapturedLog log = new CapturedLog(LimitPolicy.class)) {
      assertThat(limits(throwing, USER)).containsExactly(TEN);
      assertThat(limits(LimitPolicy.byPlan(identity -> null, plans, "free"), USER))
          .containsExactly(TEN);
      assertThat(log.records())
          .hasSize(2)
          .allSatisfy(
              line ->
                  assertThat(line.getMessage())
                      .startsWith("no plan, so the identity goes by free"));
    }
  }

  @Test
  void byPlan_joined_joinsEachPlan() {
    LimitPolicy all = LimitPolicy.everyone("all", TEN);
    LimitPolicy policy =
        LimitPolicy.byPlan(Map.of("free", runs(TEN), "pro", runs(HUNDRED)), "free");
    assertThat(limits(policy.and(all), USER.withPlan("pro"))).containsExactly(HUNDRED, TEN);
    assertThat(limits(all.and(policy), USER.withPlan("pro"))).containsExactly(TEN, HUNDRED);
    assertThat(policy.and(all).choices()).containsOnlyKeys("free", "pro");

    LimitPolicy days =
        LimitPolicy.byPlan(
            Map.of(
                "free", LimitPolicy.perIdentity("day", TEN),
                "gold", LimitPolicy.perIdentity("day", HUNDRED)),
            "free");
    LimitPolicy both = policy.and(days);
    assertThat(both.choices()).containsOnlyKeys("free", "pro", "gold");
    assertThat(limits(both, USER.withPlan("pro"))).containsExactly(HUNDRED, TEN);
    assertThat(limits(both, USER.withPlan("gold"))).containsExactly(TEN, HUNDRED);
    assertThat(limits(both, USER)).containsExactly(TEN, TEN);

    LimitPolicy byName =
        LimitPolicy.byPlan(
            identity -> Optional.of(identity.name()),
            Map.of(
                "u1", LimitPolicy.perIdentity("day", TEN),
                "u2", LimitPolicy.perIdentity("day", HUNDRED)),
            "u2");
    LimitPolicy apart = policy.and(byName);
    assertThat(limits(apart, USER.withPlan("pro"))).containsExactly(HUNDRED, TEN);
    assertThat(apart.choices()).containsOnlyKeys("free+u1", "free+u2", "pro+u1", "pro+u2");
    assertThat(limits(choice(apart, "pro+u2"), USER)).containsExactly(HUNDRED, HUNDRED);
  }

  @Test
  void byPlan_notThePlansOfOnePolicy_isRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> LimitPolicy.byPlan(Map.of("free", runs(TEN)), "basic"))
        .withMessage("otherwise must be a plan of these, [free]: basic");
    String first = "PartitionedLimit[name=runs, limit=" + TEN + ", partition=IDENTITY]";
    for (LimitPolicy other :
        List.of(
            LimitPolicy.everyone("runs", TEN),
            runs(TEN.withUnit("model-tokens")),
            runs(Limit.inFlight(4)))) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> LimitPolicy.byPlan(Map.of("a", runs(TEN), "b", other), "a"))
          .withMessage(
              "plans must have one kind, unit and partition for limits of one name, "
                  + first
                  + ": "
                  + other.limits(USER).get(0));
    }
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
