package dev.penstock.config;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * Makes the text of a file's bytes: UTF-8 to the letter, without a byte order mark, and without
 * characters that no reader shows or that other readers take for the end of a line.
 */
final class PolicyText {

  /** The largest file: ten thousand rules and policies are two. */
  static final int MOST_BYTES = 4 * 1024 * 1024;

  private static final char BYTE_ORDER_MARK = '\uFEFF';

  private PolicyText() {}

  /** {@return the text; empty where it was refused} */
  static Optional<String> of(byte[] content, Faults faults) {
    if (content.length > MOST_BYTES) {
      faults.add(Where.FILE, "must be at most " + MOST_BYTES + " bytes");
      return Optional.empty();
    }
    boolean isAscii = isPrintableAscii(content);
    Optional<String> decoded =
        isAscii
            ? Optional.of(new String(content, StandardCharsets.US_ASCII))
            : decoded(content, faults);
    if (decoded.isEmpty()) {
      return Optional.empty();
    }
    String text = decoded.get();
    String bare = !text.isEmpty() && text.charAt(0) == BYTE_ORDER_MARK ? text.substring(1) : text;
    if (bare.isBlank()) {
      faults.add(Where.FILE, "must not be empty");
      return Optional.empty();
    }
    return isAscii || isReadable(bare, faults) ? Optional.of(bare) : Optional.empty();
  }

  /** Of most files that is all there is to see, and seen long before they are decoded. */
  private static boolean isPrintableAscii(byte[] content) {
    for (byte b : content) {
      if ((b < ' ' && b != '\n' && b != '\r' && b != '\t') || b > '~') {
        return false;
      }
    }
    return true;
  }

  private static Optional<String> decoded(byte[] content, Faults faults) {
    CharsetDecoder decoder =
        StandardCharsets.UTF_8
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPORT)
            .onUnmappableCharacter(CodingErrorAction.REPORT);
    ByteBuffer in = ByteBuffer.wrap(content);
    CharBuffer out = CharBuffer.allocate(content.length);
    CoderResult result = decoder.decode(in, out, true);
    if (result.isUnderflow()) {
      result = decoder.flush(out);
    }
    try {
      if (result.isError()) {
        result.throwException();
      }
      return Optional.of(out.flip().toString());
    } catch (CharacterCodingException e) {
      String before = out.flip().toString();
      faults.add(
          place(before, before.length()),
          "must be UTF-8: byte " + in.position() + " (from 0) does not continue a character");
      return Optional.empty();
    }
  }

  private static boolean isReadable(String text, Faults faults) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      boolean known = c == '\n' || c == '\r' || c == '\t';
      if (!known
          && (Character.isISOControl(c) || "\u2028\u2029\uFEFF\uFFFE\uFFFF".indexOf(c) >= 0)) {
        faults.add(place(text, i), "must have no control characters: " + Shown.codePoint(c));
        return false;
      }
    }
    return true;
  }

  /** {@return the place of the character of this index, or behind the last} */
  static Where place(String text, int index) {
    int line = 1;
    int start = 0;
    for (int i = 0; i < index; i++) {
      boolean ends =
          text.charAt(i) == '\r' && (i + 1 == text.length() || text.charAt(i + 1) != '\n');
      if (text.charAt(i) == '\n' || ends) {
        line++;
        start = i + 1;
      }
    }
    return Where.whole(line, text.codePointCount(start, index) + 1);
  }
}
