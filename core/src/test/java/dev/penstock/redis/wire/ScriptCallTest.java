package dev.penstock.redis.wire;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.Identity;
import dev.penstock.Limit;
import dev.penstock.Partition;
import dev.penstock.PartitionedLimit;
import dev.penstock.base.Inside;
import dev.penstock.redis.ScriptBytes;
import java.time.Duration;
import java.util.Locale;
import org.junit.jupiter.api.Test;

class ScriptCallTest {

  @Test
  void add_arguments_areMicrosecondsAndTheNanosecondsBeyond() {
    Limit sevenPerSecond = Limit.perSecond(7);
    ScriptCall call = new ScriptCall(ScriptCall.Operation.TAKE);
    call.add("key", null, sevenPerSecond, 285_714_286, 1_000, 2_001);
    assertThat(call.keys()).containsExactly("key");
    assertThat(arguments(call)).isEqualTo("t 1 0 1 1 0 | 1 285714 286 1000000 1 1 2 1 0 0");
    assertThat(call.costNanos(0)).isEqualTo(285_714_286);
  }

  @Test
  void add_severalBuckets_standOneAfterTheOther() {
    Limit decade = Limit.per(1, Duration.ofDays(3_653));
    Limit fast = Limit.perMinute(10_000_000);
    ScriptCall call = new ScriptCall(ScriptCall.Operation.LOOK);
    call.add("a", null, decade, Inside.nanosPerToken(decade), -1, 0);
    call.add("\u00e9", null, fast, Inside.nanosToFill(fast), 1_999, 0);
    assertThat(call.keys()).containsExactly("a", "\u00e9");
    assertThat(arguments(call))
        .isEqualTo(
            "l 2 0 1 1 0"
                + " | 1 315619200000000 0 315619200000000 0 0 0 0 0 0"
                + " | 1 60000000 0 60000000 0 2 0 0 0 0");
  }

  @Test
  void add_nothingIsTaken_mustHoldAToken() {
    Limit limit = Limit.perSecond(7).withOverdraft(2);
    ScriptCall take = new ScriptCall(ScriptCall.Operation.TAKE);
    take.add("key", null, limit, 0, 0, 2_000);
    assertThat(arguments(take)).isEqualTo("t 1 0 1 1 0 | 1 0 0 1000000 1 0 142859 143 285714 286");
    ScriptCall refund = new ScriptCall(ScriptCall.Operation.REFUND);
    refund.add("key", null, limit, 0, 0, 0);
    assertThat(arguments(refund)).isEqualTo("f 1 0 1 1 0 | 1 0 0 1000000 1 0 0 0 285714 286");
  }

  @Test
  void addSlots_arguments_areSlotsCapacityAndLife() {
    SharedBucket bucket =
        SharedBucket.of(
            new PartitionedLimit("slots", Limit.inFlight(70_000), Partition.IDENTITY),
            Identity.user("acme", "u1"),
            new RedisKeys("penstock", false),
            KnownBuckets.NONE);
    ScriptCall take = new ScriptCall(ScriptCall.Operation.TAKE);
    take.addSlots(bucket, 3, 15_000, "holder");
    take.tries(1);
    assertThat(ScriptBytes.group(take.terms().group(258, 259, true)))
        .isEqualTo("t 1 1 258 259 1 | 2 3 0 70000 0 0 0 0 15000 0");
  }

  private static String arguments(ScriptCall call) {
    return ScriptBytes.group(call.terms().group(1, 1, false));
  }

  @Test
  void operations_areTheScriptsWords() {
    for (ScriptCall.Operation operation : ScriptCall.Operation.values()) {
      assertThat(RedisScript.resource())
          .contains(
              "--            "
                  + operation.letter()
                  + " "
                  + operation.name().toLowerCase(Locale.ROOT)
                  + " ");
    }
  }
}
