package dev.penstock.base;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class KeyedHashTest {

  private static final KeyedHash HASH = new KeyedHash(0x0706050403020100L, 0x0f0e0d0c0b0a0908L);

  @Test
  void hash_sameInput_isTheSame() {
    assertThat(hash("key")).isEqualTo(hash("key"));
    assertThat(new KeyedHash(1, 2).hash('t', "n", "k", null))
        .isEqualTo(new KeyedHash(1, 2).hash('t', "n", "k", null));
  }

  @Test
  void hash_otherSecret_isAnother() {
    long hash = new KeyedHash(1, 2).hash('t', "key", null, null);
    assertThat(new KeyedHash(1, 3).hash('t', "key", null, null)).isNotEqualTo(hash);
    assertThat(new KeyedHash(3, 2).hash('t', "key", null, null)).isNotEqualTo(hash);
    assertThat(KeyedHash.random().hash('t', "key", null, null))
        .isNotEqualTo(KeyedHash.random().hash('t', "key", null, null));
  }

  @Test
  void hash_tagAndEveryPart_takePart() {
    Set<Long> hashes = new HashSet<>();
    @Nullable String[] texts = {
      null, "", "\0", "\0\0", "\0\0\0\0", "a", "a\0", "ab", "abcd", "abcde"
    };
    for (char tag : new char[] {'a', 'b', '\0'}) {
      for (@Nullable String first : texts) {
        for (@Nullable String second : texts) {
          for (@Nullable String third : texts) {
            hashes.add(HASH.hash(tag, first, second, third));
          }
        }
      }
    }
    assertThat(hashes).hasSize(3 * texts.length * texts.length * texts.length);
  }

  @Test
  void hash_oneBitOfTheKeyFlipped_flipsHalfOfTheHash() {
    Random random = new Random(20260110);
    int samples = 0;
    long flipped = 0;
    int[] byBit = new int[64];
    for (int length : new int[] {1, 3, 4, 5, 8, 17}) {
      for (int i = 0; i < 500; i++) {
        char[] key = new char[length];
        for (int c = 0; c < length; c++) {
          key[c] = (char) random.nextInt(0x10000);
        }
        long before = hash(new String(key));
        key[random.nextInt(length)] ^= (char) (1 << random.nextInt(16));
        long difference = before ^ hash(new String(key));
        flipped += Long.bitCount(difference);
        for (int bit = 0; bit < 64; bit++) {
          byBit[bit] += (int) (difference >>> bit & 1);
        }
        samples++;
      }
    }
    assertThat((double) flipped / samples).isBetween(31.0, 33.0);
    for (int count : byBit) {
      assertThat((double) count / samples).isBetween(0.45, 0.55);
    }
  }

  @Test
  void hash_namesThatLookAlike_fallIntoDifferentBins() {
    assertThat(longestChain(i -> "u-4:acme" + i)).isLessThan(12);
    assertThat(longestChain(i -> "\0".repeat(i))).isLessThan(12);
    assertThat(longestChain(i -> Integer.toString(i << 16))).isLessThan(12);
    assertThat(longestChain(i -> "x".repeat(64) + (char) i)).isLessThan(12);
  }

  /** "Aa" and "BB" have one String.hashCode, and so has every row of them. */
  @Test
  void hash_keysOfOneStringHashCode_fallIntoDifferentBins() {
    IntFunction<String> key =
        i -> {
          StringBuilder text = new StringBuilder();
          for (int bit = 0; bit < 12; bit++) {
            text.append((i >>> bit & 1) == 0 ? "Aa" : "BB");
          }
          return text.toString();
        };
    assertThat(key.apply(5).hashCode()).isEqualTo(key.apply(4000).hashCode());
    assertThat(longestChain(key)).isLessThan(12);
  }

  /** Returns the most of 4096 keys in one of 4096 bins; of random ones it is about 6. */
  private static int longestChain(IntFunction<String> key) {
    int[] bins = new int[4096];
    IntStream.range(0, bins.length)
        .forEach(i -> bins[(int) hash(key.apply(i)) & (bins.length - 1)]++);
    return IntStream.of(bins).max().orElseThrow();
  }

  private static long hash(String text) {
    return HASH.hash('t', text, null, null);
  }
}
