package dev.penstock.redis.wire;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.Identity;
import dev.penstock.Limit;
import dev.penstock.LimitPolicy;
import dev.penstock.PartitionedLimit;
import dev.penstock.bucket.Rooms;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Buckets of identities whose parts look alike, under limits of one name. */
class SharedBucketTest {

  private static final List<String> NAMES =
      List.of("a", "b", "*", "a:b", "1:a", "ws", "u:a", "w", "acme");

  private static List<Identity> identities() {
    List<Identity> all = new ArrayList<>();
    for (String x : NAMES) {
      all.add(Identity.user(x));
      all.add(Identity.workspace(x));
      all.add(Identity.address(x));
      for (String y : NAMES) {
        all.add(Identity.user(x, y));
        all.add(Identity.named(x, y));
        all.add(Identity.user(Optional.of(x), Optional.empty(), y));
        for (String z : NAMES) {
          all.add(Identity.user(Optional.of(x), Optional.of(y), z));
        }
      }
    }
    return all;
  }

  private static List<PartitionedLimit> limits() {
    return Stream.of("a", "b", "ws")
        .flatMap(
            name ->
                Stream.of(
                    LimitPolicy.perIdentity(name, Limit.perMinute(10)),
                    LimitPolicy.perWorkspace(name, Limit.perMinute(20)),
                    LimitPolicy.everyone(name, Limit.perMinute(30))))
        .flatMap(policy -> policy.limits(Identity.user("any")).stream())
        .toList();
  }

  /** What the process calls a bucket tells it apart exactly where its key in Redis does. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void hash_isTheSameExactlyWhereTheKeyIs(boolean hidden) {
    RedisKeys keys =
        hidden
            ? new RedisKeys("p", false, new HiddenNames(new byte[16]))
            : new RedisKeys("p", false);
    KnownBuckets known = new KnownBuckets(1, Rooms.standard());
    Map<Long, String> keyOf = new HashMap<>();
    Map<String, Long> hashOf = new HashMap<>();
    for (PartitionedLimit limit : limits()) {
      for (Identity identity : identities()) {
        SharedBucket bucket = SharedBucket.of(limit, identity, keys, known);
        String key = bucket.key();
        long hash = bucket.hash();
        assertThat(keyOf.merge(hash, key, (first, later) -> first)).isEqualTo(key);
        assertThat(hashOf.merge(key, hash, (first, later) -> first)).isEqualTo(hash);
      }
    }
  }
}
