package dev.penstock.http;

import java.text.Normalizer;
import java.util.Arrays;
import java.util.Locale;

/** What bytes beyond ASCII are in ASCII to a server that takes one for the other. */
final class Lookalikes {

  private Lookalikes() {}

  /**
   * Returns a text in ASCII: overlong UTF-8 (RFC 3629 section 10) as what it encodes, digits of any
   * script as digits, compatibility forms and letters with marks as what they are made of (NFKD);
   * all else is dropped.
   *
   * @param bytes the text, as far as it is such in UTF-8
   * @param ignoringCase whether a letter is also what it is in the other case, as the long s is
   */
  static byte[] inAscii(byte[] bytes, boolean ignoringCase) {
    String text = decode(bytes);
    String cased = ignoringCase ? text.toUpperCase(Locale.ROOT).toLowerCase(Locale.ROOT) : text;
    String parts = Normalizer.normalize(cased, Normalizer.Form.NFKD);
    byte[] ascii = new byte[parts.length()];
    int size = 0;
    for (int i = 0; i < parts.length(); ) {
      int c = parts.codePointAt(i);
      i += Character.charCount(c);
      int written = c >= 0x80 && Character.isDigit(c) ? '0' + Character.digit(c, 10) : c;
      if (written < 0x80) {
        ascii[size++] = (byte) written;
      }
    }
    return Arrays.copyOf(ascii, size);
  }

  /** Decodes UTF-8 as leniently as anybody does; bytes that are none are dropped. */
  private static String decode(byte[] bytes) {
    StringBuilder text = new StringBuilder(bytes.length);
    for (int i = 0; i < bytes.length; i++) {
      int lead = bytes[i] & 0xFF;
      int following = lead < 0x80 ? 0 : Integer.numberOfLeadingZeros(~lead << 24) - 1;
      if (lead < 0x80) {
        text.append((char) lead);
      } else if (following > 0 && areContinuations(bytes, i + 1, following)) {
        int codePoint = lead & 0x3F >> following;
        for (int end = i + following; i < end; ) {
          codePoint = codePoint << 6 | (bytes[++i] & 0x3F);
        }
        if (Character.isBmpCodePoint(codePoint)) {
          text.append((char) codePoint); // halves of a surrogate pair find each other here
        } else if (Character.isValidCodePoint(codePoint)) {
          text.appendCodePoint(codePoint);
        }
      }
    }
    return text.toString();
  }

  private static boolean areContinuations(byte[] bytes, int start, int count) {
    if (start + count > bytes.length) {
      return false;
    }
    for (int i = start; i < start + count; i++) {
      if ((bytes[i] & 0xC0) != 0x80) {
        return false;
      }
    }
    return true;
  }
}
