package dev.penstock.http;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * A text decoded until nothing changes: {@code %XX} and {@code %uXXXX}, however often and whatever
 * their digits are encoded in. A backslash becomes a slash; control characters and spaces go, since
 * some routers drop them.
 *
 * <p>An encoding is taken back from the end of what was written as soon as its last digit stands
 * there, and what it encodes is appended in turn, so the work is linear. The order of decoding
 * makes no difference: two encodings cannot overlap, as a percent sign is no digit, and to drop a
 * character completes encodings and breaks none.
 */
final class FullDecoding {

  /** More of what takes long are too much work: bytes beyond ASCII, of which each may resemble. */
  static final int MAX_BEYOND_ASCII = 256;

  /** And percent signs that are left over, behind each of which an encoding may be completed. */
  static final int MAX_PERCENTS = 256;

  private static final byte NOTHING = 0;

  /** The characters of {@code %uXXXX}. */
  private static final int LONGEST = 6;

  /** A widespread way of reading digits takes {@code :} to {@code ?} for 10 to 15, and so on. */
  private static final byte[] DIGITS =
      Percent.digits(
          "0123456789abcdef", "0123456789ABCDEF", "+        @:;<=>?", "         `      ");

  /** What is written for each byte of ASCII; {@link #NOTHING} for one that is dropped. */
  private static final byte[] WRITTEN = new byte[0x80];

  static {
    for (byte b = '!'; b < 0x7F; b++) {
      WRITTEN[b] = b;
    }
    WRITTEN['\\'] = '/';
  }

  private final boolean asciiOnly;
  private final byte[] text;
  private int size;
  private int beyondAscii;
  private int percents;
  private int percentsWritten;

  /** Where the last percent sign stands that was written. */
  private int percent = -LONGEST;

  private FullDecoding(int length, boolean asciiOnly) {
    this.asciiOnly = asciiOnly;
    this.text = new byte[length];
  }

  /**
   * Decodes a text, no further than until it {@linkplain #isTooMuch is too much}.
   *
   * @param raw the text in UTF-8
   * @param literal how much of it has nothing to decode, to drop or to change
   * @param asciiOnly whether all other bytes are dropped, too
   */
  static FullDecoding of(byte[] raw, int literal, boolean asciiOnly) {
    FullDecoding decoding = new FullDecoding(raw.length, asciiOnly);
    System.arraycopy(raw, 0, decoding.text, 0, literal);
    decoding.size = literal;
    int i = literal;
    while (i < raw.length && !decoding.isTooMuch()) {
      i = decoding.appendFrom(raw, decoding.appendUnchanged(raw, i));
    }
    return decoding;
  }

  /** {@return whether there is more to decode than is worth it, and the text is incomplete} */
  boolean isTooMuch() {
    return beyondAscii > MAX_BEYOND_ASCII || percentsWritten > MAX_PERCENTS;
  }

  /** Appends bytes that neither begin nor complete an encoding; returns the index behind them. */
  private int appendUnchanged(byte[] raw, int start) {
    byte[] text = this.text;
    int size = this.size;
    int i = start;
    int unchangedFrom = percent + LONGEST;
    while (i < raw.length && raw[i] >= 0 && raw[i] != '%' && size >= unchangedFrom) {
      byte written = WRITTEN[raw[i++]];
      text[size] = written;
      size += written == NOTHING ? 0 : 1;
    }
    this.size = size;
    return i;
  }

  /** Appends one byte, or what is encoded there; returns the index behind it. */
  private int appendFrom(byte[] raw, int start) {
    if (start == raw.length) {
      return start;
    }
    int end = raw[start] == '%' ? appendEncoded(raw, start) : start;
    if (end == start) {
      append(raw[start] & 0xFF);
    }
    return end + 1;
  }

  /** {@return how many bytes beyond ASCII are in it} */
  int beyondAscii() {
    return beyondAscii;
  }

  /** {@return the bytes of the text} */
  byte[] bytes() {
    return Arrays.copyOf(text, size);
  }

  /** {@return the text, which is in ASCII, without the percent signs that encode nothing} */
  String ascii() {
    int length = size;
    if (percents > 0) {
      length = 0;
      for (int i = 0; i < size; i++) {
        text[length] = text[i];
        length += text[i] == '%' ? 0 : 1;
      }
    }
    return new String(text, 0, length, StandardCharsets.ISO_8859_1);
  }

  /**
   * Appends what is encoded here, which need not be written and taken back.
   *
   * @return the index of its last character; that of the percent sign where nothing is encoded
   */
  private int appendEncoded(byte[] raw, int start) {
    if (start + 2 < raw.length && digit(raw[start + 2]) >= 0 && digit(raw[start + 1]) >= 0) {
      append(digit(raw[start + 1]) << 4 | digit(raw[start + 2]));
      return start + 2;
    }
    int unit = start + LONGEST <= raw.length ? unit(raw, start) : -1;
    if (unit >= 0) {
      appendUnit(unit);
      return start + LONGEST - 1;
    }
    return start;
  }

  private void append(int first) {
    int b = first;
    while (true) {
      if (b >= 0x80) {
        appendBeyondAscii(b);
        return;
      }
      byte written = WRITTEN[b];
      if (written == NOTHING) {
        return;
      }
      if (b == '%') {
        percent = size;
        percents++;
        percentsWritten++;
      }
      text[size++] = written;
      if (size - percent > LONGEST || DIGITS[b] < 0) {
        return;
      }
      b = takeBack();
    }
  }

  /** Takes back the encoding that ends here, and returns what is to be appended for it. */
  private int takeBack() {
    int length = size - percent;
    int decoded = -1;
    if (length == 3 && digit(text[size - 2]) >= 0) {
      decoded = digit(text[size - 2]) << 4 | digit(text[size - 1]);
    } else if (length == LONGEST) {
      decoded = unit(text, percent);
    }
    if (decoded < 0) {
      return NOTHING;
    }
    size = percent;
    percents--;
    percent = -LONGEST;
    for (int i = size - 1; i >= 0 && i > size - LONGEST && percent < 0; i--) {
      percent = text[i] == '%' ? i : percent;
    }
    if (decoded >= 0x80 && length == LONGEST) {
      appendUnit(decoded);
      return NOTHING;
    }
    return decoded;
  }

  /** Half of a surrogate pair is written as any unit is; two of them are read as a pair. */
  private void appendUnit(int unit) {
    if (unit < 0x80) {
      append(unit);
    } else if (unit < 0x800) {
      appendBeyondAscii(0xC0 | unit >> 6);
      appendBeyondAscii(0x80 | (unit & 0x3F));
    } else {
      appendBeyondAscii(0xE0 | unit >> 12);
      appendBeyondAscii(0x80 | (unit >> 6 & 0x3F));
      appendBeyondAscii(0x80 | (unit & 0x3F));
    }
  }

  private void appendBeyondAscii(int b) {
    if (!asciiOnly) {
      text[size++] = (byte) b;
      beyondAscii++;
    }
  }

  /** Returns the unit of UTF-16 that {@code %uXXXX} encodes, -1 where it is none. */
  private static int unit(byte[] bytes, int start) {
    if ((bytes[start + 1] | 0x20) != 'u') {
      return -1;
    }
    int unit = 0;
    for (int i = start + 2; i < start + LONGEST; i++) {
      if (digit(bytes[i]) < 0) {
        return -1;
      }
      unit = unit << 4 | digit(bytes[i]);
    }
    return unit;
  }

  private static int digit(byte b) {
    return DIGITS[b & 0xFF];
  }
}
