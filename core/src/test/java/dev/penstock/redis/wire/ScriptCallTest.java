package dev.penstock.redis.wire;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.Limit;
import dev.penstock.base.Inside;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Random;
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
        .containsExactly("285714 286 1000000 1 1 2 1 0 0 " + ScriptCall.mark(sevenPerSecond));
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
        .containsExactly(
            "315619200000000 0 315619200000000 0 0 0 0 0 0 " + ScriptCall.mark(decade),
            "60000000 0 60000000 0 2 0 0 0 0 " + ScriptCall.mark(fast));
  }

  @Test
  void add_nothingIsTaken_mustHoldAToken() {
    Limit limit = Limit.perSecond(7).withOverdraft(2);
    ScriptCall take = new ScriptCall(ScriptCall.Operation.TAKE);
    take.add("key", null, limit, 0, 0, 2_000);
    assertThat(arguments(take))
        .containsExactly("0 0 1000000 1 0 142859 143 285714 286 " + ScriptCall.mark(limit));
    ScriptCall refund = new ScriptCall(ScriptCall.Operation.REFUND);
    refund.add("key", null, limit, 0, 0, 0);
    assertThat(arguments(refund))
        .containsExactly("0 0 1000000 1 0 0 0 285714 286 " + ScriptCall.mark(limit));
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
  void mark_anyLimit_isItsTimeToFillInBase36() {
    assertThat(ScriptCall.mark(Limit.perMinute(10))).isEqualTo("zq0ao00");
    assertThat(ScriptCall.mark(Limit.perMinute(7))).isEqualTo("zq0ao04");
    Random random = new Random(20261123);
    for (int i = 0; i < 10_000; i++) {
      Limit limit =
          Limit.of(1 + random.nextInt(100_000), 1, Duration.ofNanos(1 + random.nextLong(1L << 41)));
      String mark = ScriptCall.mark(limit);
      assertThat(mark).matches("[0-9a-z]{3,12}");
      int digits = mark.length() - 2;
      long micros = Long.parseLong(mark.substring(0, digits), 36);
      assertThat(micros * 1000 + Long.parseLong(mark.substring(digits), 36))
          .isEqualTo(Inside.nanosToFill(limit));
    }
  }
}
