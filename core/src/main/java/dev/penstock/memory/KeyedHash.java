package dev.penstock.memory;

import java.security.SecureRandom;

/**
 * SipHash-1-3 (Aumasson and Bernstein, 2012) over the UTF-16 code units of a string, under a secret
 * of this process: nobody outside can choose names that fall into one bin.
 */
final class KeyedHash {

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

  /** Returns the hash of a bucket's name and partition key. */
  long hash(String name, String key) {
    long v0 = k0 ^ 0x736f6d6570736575L;
    long v1 = k1 ^ 0x646f72616e646f6dL;
    long v2 = k0 ^ 0x6c7967656e657261L;
    long v3 = k1 ^ 0x7465646279746573L;
    int length = key.length();
    // One block for each four code units, then one of the name and the length, then three rounds.
    int blocks = (length + 3) / 4 + 1;
    for (int block = 0; block < blocks + 3; block++) {
      long m = 0;
      if (block < blocks - 1) {
        m = codeUnits(key, block * 4, Math.min(length, block * 4 + 4));
      } else if (block == blocks - 1) {
        m = ((long) name.hashCode() << 32) | length;
      } else if (block == blocks) {
        v2 ^= 0xff;
      }
      v3 ^= m;
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
      v0 ^= m;
    }
    return v0 ^ v1 ^ v2 ^ v3;
  }

  private static long codeUnits(String text, int from, int to) {
    long packed = 0;
    for (int i = from; i < to; i++) {
      packed |= (long) text.charAt(i) << (16 * (i - from));
    }
    return packed;
  }
}
