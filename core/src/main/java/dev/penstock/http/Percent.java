package dev.penstock.http;

import java.util.Arrays;

/** Percent-encoding (RFC 3986 section 2.1). */
final class Percent {

  private static final byte[] DIGITS = digits("0123456789abcdef", "0123456789ABCDEF");

  private Percent() {}

  /** Returns the byte that is encoded at this percent sign, from 0 to 255; -1 where none is. */
  static int decoded(String text, int percent, int end) {
    if (percent + 2 >= end) {
      return -1;
    }
    char high = text.charAt(percent + 1);
    char low = text.charAt(percent + 2);
    return (high | low) < 0x80 && DIGITS[high] >= 0 && DIGITS[low] >= 0
        ? DIGITS[high] << 4 | DIGITS[low]
        : -1;
  }

  /**
   * Returns what each byte is worth as a digit, -1 where it is none.
   *
   * @param alphabets each the digits from 0 to 15; a space where an alphabet has none
   */
  static byte[] digits(String... alphabets) {
    byte[] digits = new byte[256];
    Arrays.fill(digits, (byte) -1);
    for (String alphabet : alphabets) {
      for (int value = 0; value < alphabet.length(); value++) {
        digits[alphabet.charAt(value)] = (byte) value;
      }
    }
    digits[' '] = -1;
    return digits;
  }
}
