package dev.penstock.http;

import java.nio.charset.StandardCharsets;
import java.text.Normalizer;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/**
 * A path that every server reads alike: its segments, decoded.
 *
 * <p>It begins with a slash and has no empty segment and no dot segment; a slash at its end takes
 * no part. What stands in it as it is may do so by RFC 3986 and delimits nothing (unreserved
 * characters, {@code :} and {@code @}). What is percent-encoded is UTF-8 of characters that no
 * server cuts, drops, trims, decodes once more or takes for others.
 *
 * <p>The segments are kept as one text and the places where they end, so that a path without
 * encodings is read without copying it; of a path that is longer than any pattern only {@link
 * #MAX_SEGMENTS} segments and one more. Immutable.
 */
final class PlainPath implements RequestPath, PlainRules.Segments {

  /** The segments of the longest pattern. */
  static final int MAX_SEGMENTS = 64;

  /** The ends of so many segments stand in one number, where each is at most {@link #NEAR}. */
  private static final int FEW = 8;

  private static final int NEAR = 0xFF;

  /** The least byte that begins a character of several, and the least that may (RFC 3629). */
  private static final int LEAST_LEAD = 0xC0;

  private static final int LEAST_LEAD_OF_TWO = 0xC2;

  /** What bytes that are no UTF-8 are decoded to. */
  private static final char REPLACEMENT = '\uFFFD';

  /**
   * Unreserved characters (RFC 3986 section 2.3), and those of a segment that are no delimiters.
   */
  private static final BitSet AS_IT_STANDS = characters("-._~:@");

  /** What is encoded must not delimit anything once it is decoded, whoever decodes it. */
  private static final BitSet ENCODED = characters(" !\"$&'()*,-:<=>@[]^_`{|}~");

  private final String text;
  private final long nearEnds;
  private final int @Nullable [] ends;
  private final int size;

  /**
   * @param text the segments, with one character before each
   * @param nearEnds where each of them ends, in eight bits each from the lowest on
   * @param ends the same where that is too little, else null
   * @param size how many there are
   */
  private PlainPath(String text, long nearEnds, int @Nullable [] ends, int size) {
    this.text = text;
    this.nearEnds = nearEnds;
    this.ends = ends;
    this.size = size;
  }

  /**
   * Reads the path that ends there, which may prove odd.
   *
   * @param target a target that begins with a slash
   */
  static RequestPath read(String target, int pathEnd, boolean ignoringCase) {
    long nearEnds = 0;
    int[] ends = null;
    int size = 0;
    int start = 1;
    int literal = pathEnd; // what stands before the first encoding
    for (int i = 1; i < pathEnd || start < pathEnd; i++) {
      char c = i < pathEnd ? target.charAt(i) : '/';
      if (c == '/' && !isEmptyOrDots(target, start, i)) {
        if (size <= MAX_SEGMENTS) {
          if (ends == null && (size == FEW || i > NEAR)) {
            ends = spread(nearEnds, size);
          }
          if (ends == null) {
            nearEnds |= (long) i << (size * Byte.SIZE);
          } else {
            ends[size] = i;
          }
          size++;
        }
        start = i + 1;
      } else if (c == '%' && isPlainEncoding(target, i, pathEnd)) {
        literal = Math.min(literal, i);
        i += 2;
      } else if (!AS_IT_STANDS.get(c)) {
        return OddPath.of(target, pathEnd, Math.min(literal, i), ignoringCase);
      }
    }
    PlainPath path =
        literal == pathEnd
            ? new PlainPath(target, nearEnds, ends, size)
            : ofDecoded(decode(target, pathEnd), size, ignoringCase);
    return path == null ? OddPath.of(target, pathEnd, literal, ignoringCase) : path;
  }

  /** Returns the path of a text that was plain as far as single bytes can be. */
  private static @Nullable PlainPath ofDecoded(String text, int size, boolean ignoringCase) {
    if (!isPlainText(text, ignoringCase)) {
      return null;
    }
    int[] ends = new int[size];
    int end = 0;
    for (int i = 0; i < size; i++) {
      int start = end + 1;
      end = text.indexOf('/', start);
      end = end < 0 ? text.length() : end;
      if (text.charAt(start) == ' ' || text.charAt(end - 1) == ' ') {
        return null; // some routers trim segments
      }
      ends[i] = end;
    }
    return new PlainPath(text, 0, ends, size);
  }

  private static int[] spread(long nearEnds, int size) {
    int[] ends = new int[MAX_SEGMENTS + 1];
    for (int i = 0; i < size; i++) {
      ends[i] = near(nearEnds, i);
    }
    return ends;
  }

  private static int near(long ends, int index) {
    return (int) (ends >>> (index * Byte.SIZE)) & NEAR;
  }

  /**
   * Returns whether nothing in a text may be taken for something else: bytes that are no UTF-8,
   * characters that some drop, and those that compatibility (NFKC) or a change of case turns into
   * others, as it does with the fullwidth solidus, the long s and the Kelvin sign.
   */
  private static boolean isPlainText(String text, boolean ignoringCase) {
    return text.chars().allMatch(c -> c < 0x80)
        || (!ignoringCase
            && text.indexOf(REPLACEMENT) < 0 // before what takes long
            && Normalizer.isNormalized(text, Normalizer.Form.NFKC)
            && text.codePoints().allMatch(PlainPath::isPlainCharacter));
  }

  private static boolean isPlainCharacter(int c) {
    return switch (Character.getType(c)) {
      case Character.CONTROL, Character.FORMAT, Character.SURROGATE, Character.UNASSIGNED -> false;
      case Character.SPACE_SEPARATOR -> c == ' ';
      case Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR -> false;
      default -> true;
    };
  }

  private static String decode(String target, int pathEnd) {
    byte[] decoded = new byte[pathEnd];
    int size = 0;
    for (int i = 0; i < pathEnd; i++) {
      char c = target.charAt(i);
      if (c == '%') {
        decoded[size++] = (byte) Percent.decoded(target, i, pathEnd);
        i += 2;
      } else {
        decoded[size++] = (byte) c;
      }
    }
    return new String(decoded, 0, size, StandardCharsets.UTF_8);
  }

  private static boolean isEmptyOrDots(String text, int start, int end) {
    int length = end - start;
    return length <= 2 && text.startsWith("..".substring(0, length), start);
  }

  private static boolean isPlainEncoding(String target, int percent, int pathEnd) {
    int decoded = Percent.decoded(target, percent, pathEnd);
    return decoded >= 0x80
        ? decoded >= LEAST_LEAD_OF_TWO || decoded < LEAST_LEAD
        : decoded >= 0 && ENCODED.get(decoded);
  }

  private static BitSet characters(String besidesLettersAndDigits) {
    BitSet characters = new BitSet();
    characters.set('0', '9' + 1);
    characters.set('A', 'Z' + 1);
    characters.set('a', 'z' + 1);
    besidesLettersAndDigits.chars().forEach(characters::set);
    return characters;
  }

  @Override
  public int size() {
    return size;
  }

  /** {@return the segment of this index, from 0} */
  String segment(int index) {
    return text.substring(start(index), end(index));
  }

  @Override
  public <V> @Nullable V in(SegmentTable<V> table, int index) {
    return table.get(text, start(index), end(index));
  }

  private int start(int index) {
    return index == 0 ? 1 : end(index - 1) + 1;
  }

  private int end(int index) {
    return ends == null ? near(nearEnds, index) : ends[index];
  }
}
