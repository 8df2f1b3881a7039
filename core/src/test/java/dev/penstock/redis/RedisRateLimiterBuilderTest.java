package dev.penstock.redis;

import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import dev.penstock.Identity;
import java.time.Duration;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import redis.clients.jedis.RedisClient;
import redis.clients.jedis.UnifiedJedis;

class RedisRateLimiterBuilderTest {

  private final RedisRateLimiterBuilder builder = RedisRateLimiter.builder("redis://127.0.0.1:1");

  @ParameterizedTest
  @ValueSource(ints = {0, -1, 100_001})
  void instances_outOfRange_isRefused(int instances) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.instances(instances))
        .withMessage("instances must be from 1 to 100000: " + instances);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 15})
  void hideNames_shortSecret_isRefused(int length) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.hideNames(new byte[length]))
        .withMessage("secret must be at least 16 bytes: " + length);
  }

  @ParameterizedTest
  @ValueSource(strings = {"PT0S", "PT0.004999999S", "PT10.000000001S", "PT-1S"})
  void timeout_outOfRange_isRefused(Duration timeout) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.timeout(timeout))
        .withMessage("timeout must be from PT0.005S to PT10S: " + timeout);
  }

  @Test
  void timeout_passedClient_isRefused() {
    try (UnifiedJedis jedis = RedisClient.create("redis://127.0.0.1:1")) {
      assertThatIllegalStateException()
          .isThrownBy(() -> RedisRateLimiter.builder(jedis).timeout(Duration.ofMillis(50)))
          .withMessage("timeout must be set at the client that was passed");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"PT-0.000000001S", "PT60.000000001S"})
  void cheapDenials_outOfRange_isRefused(Duration cheapDenials) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.cheapDenials(cheapDenials))
        .withMessage("cheapDenials must be from PT0S to PT1M: " + cheapDenials);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, -1, 10_000_001})
  void maxBuckets_outOfRange_isRefused(int maxBuckets) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.maxBuckets(maxBuckets))
        .withMessage("maxBuckets must be from 1 to 10000000: " + maxBuckets);
  }

  @ParameterizedTest
  @ValueSource(doubles = {-0.01, 1.01, Double.NaN})
  void share_outOfRange_isRefused(double share) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.share(Identity.Kind.ADDRESS, share))
        .withMessage("share must be from 0 to 1: " + share);
  }

  @Test
  void prefix_bad_isRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.prefix("a b"))
        .withMessage("prefix must be printable ASCII without spaces and braces: \"a b\"");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.prefix(""))
        .withMessage("prefix must be 1 to 64 characters: 0");
  }

  @Test
  void everyPart_atItsBounds_isTaken() {
    builder.instances(1).instances(100_000);
    builder.timeout(Duration.ofMillis(5)).timeout(Duration.ofSeconds(10));
    builder.cheapDenials(Duration.ZERO).cheapDenials(Duration.ofSeconds(60));
    builder.hideNames(new byte[16]);
    builder.maxBuckets(1).maxBuckets(10_000_000);
    builder.share(Identity.Kind.NAMED, 0).share(Identity.Kind.ADDRESS, 1);
  }

  @Test
  @SuppressWarnings("NullAway") // null is what is tested
  void everyPart_null_isNamed() {
    assertNamed("jedis", () -> RedisRateLimiter.builder((UnifiedJedis) null));
    assertNamed("prefix", () -> builder.prefix(null));
    assertNamed("kind", () -> builder.share(null, 1));
    assertNamed("secret", () -> builder.hideNames(null));
    assertNamed("timeout", () -> builder.timeout(null));
    assertNamed("cheapDenials", () -> builder.cheapDenials(null));
    assertNamed("listener", () -> builder.onAvailability(null));
    assertNamed("mode", () -> builder.failover(null));
  }

  private static void assertNamed(String parameter, ThrowingCallable call) {
    assertThatNullPointerException().isThrownBy(call).withMessage(parameter);
  }
}
