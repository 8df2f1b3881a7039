package dev.penstock.redis.wire;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.Limit;
import dev.penstock.base.Inside;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class ScriptCallTest {

  @Test
  void add_arguments_areMicrosecondsAndTheNanosecondsBeyond() {
    Limit sevenPerSecond = Limit.perSecond(7);
    ScriptCall call = new ScriptCall(ScriptCall.Operation.TAKE);
    call.add("key", null, sevenPerSecond, 285_714_286, 1_000, 2_001);
    assertThat(call.keys()).containsExactly("key");
    assertThat(arguments(call))
        .containsExactly("285714 286 1000000 1 1 3 " + ScriptCall.mark(sevenPerSecond));
    assertThat(call.costNanos(0)).isEqualTo(285_714_286);
  }

  @Test
  void add_severalBuckets_standOneAfterTheOther() {
    Limit century = Limit.per(1, Duration.ofDays(36_525));
    Limit fast = Limit.perMinute(10_000_000);
    ScriptCall call = new ScriptCall(ScriptCall.Operation.LOOK);
    call.add("a", null, century, Inside.nanosPerToken(century), -1, 0);
    call.add("\u00e9", null, fast, Inside.nanosToFill(fast), 1_999, 0);
    assertThat(call.keys()).containsExactly("a", "\u00e9");
    assertThat(arguments(call))
        .containsExactly(
            "3155760000000000 0 3155760000000000 0 0 0 " + ScriptCall.mark(century),
            "60000000 0 60000000 0 2 0 " + ScriptCall.mark(fast));
  }

  private static List<String> arguments(ScriptCall call) {
    return call.terms().buckets().stream().map(ScriptCallTest::text).toList();
  }

  private static String text(ScriptCall.BucketTerms bucket) {
    return bucket.arguments().stream()
        .map(argument -> new String(argument, StandardCharsets.US_ASCII))
        .collect(Collectors.joining(" "));
  }

  @Test
  void operations_areTheScriptsWords() {
    for (ScriptCall.Operation operation : ScriptCall.Operation.values()) {
      assertThat(RedisScript.resource()).contains("--            " + operation.word() + " ");
    }
  }

  @Test
  void mark_anyLimit_isFourCharactersThatFollowItsNumbers() {
    Random random = new Random(20261123);
    Set<String> marks = new HashSet<>();
    for (int i = 0; i < 10_000; i++) {
      Duration period = Duration.ofNanos(1 + random.nextLong(3_000_000_000_000L));
      Limit limit = Limit.of(1 + random.nextInt(1_000_000), 1, period);
      String mark = ScriptCall.mark(limit);
      assertThat(mark).matches("[a-z][0-9a-z]{3}");
      assertThat(ScriptCall.mark(Limit.of(limit.capacity(), 1, period))).isEqualTo(mark);
      marks.add(mark);
    }
    assertThat(marks).hasSizeGreaterThan(9_900);
  }
}
