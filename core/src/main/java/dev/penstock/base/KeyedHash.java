package dev.penstock.base;

import java.security.SecureRandom;
import org.jspecify.annotations.Nullable;

/**
 * SipHash-1-3 (Aumasson and Bernstein, 2012) of a tag and up to three strings, under a secret:
 * nobody outside can choose names whose buckets meet.
 *
 * <p>The first block holds the tag and the lengths, the others four UTF-16 code units each, so two
 * inputs have the same blocks exactly if they are the same.
 */
public final class KeyedHash {

  /** Under the secret of this process. */
  public static final KeyedHash OF_THIS_PROCESS = random();

  /** The longest string that can be hashed. */
  static final int MAX_LENGTH = 0xFFFE;

  private static final int ABSENT = 0xFFFF;

  private final long k0;
  private final long k1;

  KeyedHash(long k0, long k1) {
    this.k0 = k0;
    this.k1 = k1;
  }

  static KeyedHash random() {
    SecureRandom random = new SecureRandom();
    return new KeyedHash(random.nextLong(), random.nextLong());
  }

  public long hash(
      char tag, @Nullable String first, @Nullable String second, @Nullable String third) {
    State state = new State(k0, k1);
    state.add((length(first) << 48) | (length(second) << 32) | (length(third) << 16) | tag);
    state.add(first);
    state.add(second);
    state.add(third);
    return state.end();
  }

  private static long length(@Nullable String text) {
    return text == null ? ABSENT : text.length();
  }

  /** The four words of SipHash. */
  private static final class State {

    private long v0;
    private long v1;
    private long v2;
    private long v3;

    State(long k0, long k1) {
      v0 = k0 ^ 0x736f6d6570736575L;
      v1 = k1 ^ 0x646f72616e646f6dL;
      v2 = k0 ^ 0x6c7967656e657261L;
      v3 = k1 ^ 0x7465646279746573L;
    }

    void add(@Nullable String text) {
      if (text == null) {
        return;
      }
      int length = text.length();
      int whole = length & ~3;
      for (int i = 0; i < whole; i += 4) {
        add(
            text.charAt(i)
                | ((long) text.charAt(i + 1) << 16)
                | ((long) text.charAt(i + 2) << 32)
                | ((long) text.charAt(i + 3) << 48));
      }
      if (whole < length) {
        long rest = 0;
        for (int i = whole; i < length; i++) {
          rest = (rest << 16) | text.charAt(i);
        }
        add(rest);
      }
    }

    void add(long block) {
      v3 ^= block;
      round();
      v0 ^= block;
    }

    long end() {
      v2 ^= 0xff;
      round();
      round();
      round();
      return v0 ^ v1 ^ v2 ^ v3;
    }

    private void round() {
      v0 += v1;
      v1 = Long.rotateLeft(v1, 13) ^ v0;
      v0 = Long.rotateLeft(v0, 32);
      v2 += v3;
      v3 = Long.rotateLeft(v3, 16) ^ v2;
      v0 += v3;
      v3 = Long.rotateLeft(v3, 21) ^ v0;
      v2 += v1;
      v1 = Long.rotateLeft(v1, 17) ^ v2;
      v2 = Long.rotateLeft(v2, 32);
    }
  }
}
