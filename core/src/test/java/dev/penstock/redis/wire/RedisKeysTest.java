package dev.penstock.redis.wire;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import dev.penstock.Identity;
import dev.penstock.Limit;
import dev.penstock.Partition;
import dev.penstock.PartitionedLimit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RedisKeysTest {

  private static final Identity USER = Identity.user("acme", "u1");
  private static final PartitionedLimit PER_USER = limit("runs", Partition.IDENTITY);
  private static final PartitionedLimit PER_WORKSPACE = limit("team", Partition.WORKSPACE);
  private static final PartitionedLimit EVERYONE = limit("all", Partition.EVERYONE);

  private static final List<Partition> PARTITIONS = List.of(Partition.values());

  private static final String SECRET = "sixteen bytes at least";

  private final RedisKeys keys = new RedisKeys("penstock", false);
  private final RedisKeys hidden = hidden(SECRET, false);

  private static RedisKeys hidden(String secret, boolean oneSlot) {
    return new RedisKeys("penstock", oneSlot, new HiddenNames(secret.getBytes(UTF_8)));
  }

  private static PartitionedLimit limit(String name, Partition partition) {
    return new PartitionedLimit(name, Limit.perMinute(10), partition);
  }

  @Test
  void key_isAsDocumented() {
    assertThat(keys.key(PER_USER, USER)).isEqualTo("penstock:3:{w-4:acme}4:runs:u-4:acme2:u1");
    assertThat(keys.key(PER_WORKSPACE, USER)).isEqualTo("penstock:3:{w-4:acme}4:team:w-4:acme");
    assertThat(keys.key(EVERYONE, USER)).isEqualTo("penstock:3:{*}3:all:*");
    assertThat(keys.probes("i")).containsExactly("penstock:3:{*}probe:i", "penstock:3:{-}probe:i");
  }

  @Test
  void key_prefix_stands_first() {
    RedisKeys other = new RedisKeys("a:b", false);
    assertThat(other.key(EVERYONE, USER)).isEqualTo("a:b:3:{*}3:all:*");
    assertThat(other.probes("i")).allMatch(key -> key.startsWith("a:b:3:"));
  }

  @Test
  void key_oneSlot_hasOneTagForAll() {
    RedisKeys oneSlot = new RedisKeys("penstock", true);
    assertThat(oneSlot.key(PER_USER, USER)).isEqualTo("penstock:3:{*}4:runs:u-4:acme2:u1");
    assertThat(oneSlot.key(PER_WORKSPACE, USER)).isEqualTo("penstock:3:{*}4:team:w-4:acme");
    assertThat(oneSlot.key(EVERYONE, USER)).isEqualTo("penstock:3:{*}3:all:*");
    assertThat(oneSlot.probes("i")).allMatch(key -> key.equals("penstock:3:{*}probe:i"));
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void tag_ofUsersAndTheirWorkspace_isOne(boolean hide) {
    RedisKeys keys = hide ? hidden : this.keys;
    Random random = new Random(20261123);
    for (int i = 0; i < 1_000; i++) {
      String workspace = nastyName(random);
      Identity user = Identity.user(workspace, nastyName(random));
      byte[] tag = tag(keys.key(PER_USER, user));
      assertThat(tag).isNotEmpty();
      assertThat(tag(keys.key(PER_WORKSPACE, user))).isEqualTo(tag);
      assertThat(tag(keys.key(PER_WORKSPACE, Identity.workspace(workspace)))).isEqualTo(tag);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void key_nastyNames_isInjective(boolean hide) {
    RedisKeys keys = hide ? hidden : this.keys;
    Random random = new Random(20261124);
    Map<String, String> bucketsByKey = new HashMap<>();
    for (int i = 0; i < 20_000; i++) {
      Identity identity = nastyIdentity(random);
      Partition partition = PARTITIONS.get(random.nextInt(PARTITIONS.size()));
      PartitionedLimit limit = limit(nastyAscii(random), partition);
      String bucket =
          limit.name().chars().boxed().toList()
              + ","
              + identity.partitionKey(partition).chars().boxed().toList();
      String known = bucketsByKey.put(keys.key(limit, identity), bucket);
      assertThat(known == null || known.equals(bucket))
          .as("two buckets under the key %s", keys.key(limit, identity))
          .isTrue();
    }
    assertThat(bucketsByKey).hasSizeGreaterThan(5_000);
    assertThat(bucketsByKey.keySet())
        .noneMatch(key -> keys.probes("").stream().anyMatch(key::startsWith));
  }

  /** The hashes by {@code printf %s TEXT | openssl dgst -sha256 -hmac SECRET}. */
  @Test
  void hidden_key_isAsDocumented() {
    String workspace = "4oJw8AhZ25gydgznmjhovQ";
    String user = "jK3jmqDMtWx_G2FVDGlVEA";
    assertThat(hidden.key(PER_USER, USER))
        .isEqualTo("penstock:3:{" + workspace + "}4:runs:" + user);
    assertThat(hidden.key(PER_WORKSPACE, USER))
        .isEqualTo("penstock:3:{" + workspace + "}4:team:" + workspace);
    assertThat(hidden.key(EVERYONE, USER)).isEqualTo(keys.key(EVERYONE, USER));
    assertThat(hidden(SECRET, true).key(PER_USER, USER)).isEqualTo("penstock:3:{*}4:runs:" + user);
    assertThat(hidden.probes("i")).isEqualTo(keys.probes("i"));
  }

  @Test
  void hidden_anotherSecret_hasOtherKeys() {
    RedisKeys other = hidden(SECRET.toUpperCase(Locale.ROOT), false);
    assertThat(other.key(PER_USER, USER)).isNotEqualTo(hidden.key(PER_USER, USER));
    assertThat(tag(other.key(PER_USER, USER))).isNotEqualTo(tag(hidden.key(PER_USER, USER)));
  }

  @Test
  void hidden_secretThatChangesLater_isCopied() {
    byte[] secret = SECRET.getBytes(UTF_8);
    HiddenNames names = new HiddenNames(secret);
    String before = names.apply("name");
    secret[0]++;
    assertThat(names.apply("name")).isEqualTo(before);
  }

  @Test
  void hidden_secretOfBytes_goesByRfc4231() {
    byte[] secret = new byte[20];
    Arrays.fill(secret, (byte) 0x0b);
    byte[] mac = Base64.getUrlDecoder().decode(new HiddenNames(secret).apply("Hi There"));
    assertThat(HexFormat.of().formatHex(mac)).isEqualTo("b0344c61d8db38535ca8afceaf0bf12b");
  }

  private static Identity nastyIdentity(Random random) {
    return switch (random.nextInt(5)) {
      case 0 -> Identity.user(nastyName(random), nastyName(random));
      case 1 -> Identity.user(nastyName(random));
      case 2 ->
          Identity.user(
              Optional.of(nastyName(random)), Optional.of(nastyName(random)), nastyName(random));
      case 3 -> Identity.workspace(nastyName(random));
      default -> Identity.named(nastyName(random), nastyName(random));
    };
  }

  private static String nastyName(Random random) {
    List<String> parts = List.of("{", "}", ":", "1", "-", "*", "u", "w", "1:", "\u00e9", "\n");
    return nasty(random, parts);
  }

  private static String nastyAscii(Random random) {
    return nasty(random, List.of("{", "}", ":", "1", "-", "*", "u", "w", "1:", "probe:", "}3:"));
  }

  private static String nasty(Random random, List<String> parts) {
    StringBuilder name = new StringBuilder("x".repeat(random.nextInt(2)));
    for (int length = 1 + random.nextInt(4); length > 0; length--) {
      name.append(parts.get(random.nextInt(parts.size())));
    }
    return name.toString().isBlank() ? "x" : name.toString();
  }

  /** What Redis Cluster hashes: from behind the first brace to the first closing one. */
  private static byte[] tag(String key) {
    int start = key.indexOf('{') + 1;
    int end = key.indexOf('}', start);
    return key.substring(start, end).getBytes(UTF_8);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 65})
  void prefix_wrongLength_isRefused(int length) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new RedisKeys("x".repeat(length), false))
        .withMessage("prefix must be 1 to 64 characters: " + length);
  }

  @ParameterizedTest
  @ValueSource(strings = {"a b", "a{", "}a", "a\n", "\u00e9", "a\u007f"})
  void prefix_strangeCharacter_isRefused(String prefix) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new RedisKeys(prefix, false))
        .withMessage(
            "prefix must be printable ASCII without spaces and braces: \"" + prefix + "\"");
  }

  @Test
  @SuppressWarnings("NullAway") // null is what is tested
  void prefix_null_isNamed() {
    assertThatNullPointerException()
        .isThrownBy(() -> new RedisKeys(null, false))
        .withMessage("prefix");
  }

  @Test
  void prefix_longest_isTaken() {
    assertThat(new RedisKeys("x".repeat(64), false).key(EVERYONE, USER)).startsWith("xxxx");
  }

  @Test
  void mayCrossSlots_onlyEveryoneWithOthers() {
    List<List<PartitionedLimit>> together =
        List.of(List.of(PER_USER, PER_WORKSPACE), List.of(EVERYONE, EVERYONE), List.of(PER_USER));
    List<List<PartitionedLimit>> apart = new ArrayList<>();
    apart.add(List.of(PER_USER, EVERYONE));
    apart.add(List.of(EVERYONE, PER_WORKSPACE));
    assertThat(together).noneMatch(keys::mayCrossSlots);
    assertThat(apart).allMatch(keys::mayCrossSlots);
    assertThat(apart).noneMatch(new RedisKeys("penstock", true)::mayCrossSlots);
  }
}
