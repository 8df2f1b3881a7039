package dev.penstock.http;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;

/**
 * A path that servers may read in different ways. Nobody lists the ways: it is only asked which
 * words can be seen in it at all, in which order.
 *
 * <p>Sound, since whatever a server does to such a path, a word that its router sees is a word of
 * the fully decoded path (or of both texts that there are where bytes beyond ASCII are in it):
 *
 * <ul>
 *   <li>Decoding, however often and in whatever order, ends in the same text as full decoding does
 *       ({@link FullDecoding}), and a word is not lost on the way: it has no percent sign (patterns
 *       refuse that), and stands after a separator, which is no digit, so no encoding reaches into
 *       it.
 *   <li>Separators stay, and a backslash becomes one, so words are never joined to others.
 *   <li>What is dropped within a segment is dropped here: control characters, spaces, percent signs
 *       that encode nothing, bytes beyond ASCII. What is left out as a whole (parameters, empty and
 *       dot segments, a query, a fragment, an authority) ends at a separator or at an end, so it
 *       makes no word that was not there. Nothing puts segments into another order.
 *   <li>Bytes beyond ASCII are dropped by some and taken for the ASCII that they resemble by others
 *       (overlong UTF-8, compatibility forms, case), hence the second text. Of a word that has such
 *       characters itself only its parts of ASCII are looked for.
 * </ul>
 *
 * <p>A path of more than {@link #MAX_DECODED} characters is not decoded and counts as containing
 * every word; so does one with more than 256 bytes beyond ASCII, or percent signs that encode
 * nothing. Costs one or two passes over the path; {@link OddRules} makes one more over what is
 * decoded. Immutable.
 */
final class OddPath implements RequestPath {

  /** The longest path that is decoded, in characters. */
  static final int MAX_DECODED = 8 * 1024;

  private static final OddPath OF_EVERY_WORD = new OddPath(List.of(), false);

  private final List<String> texts;

  private OddPath(List<String> texts, boolean ignoringCase) {
    this.texts =
        ignoringCase ? texts.stream().map(text -> text.toLowerCase(Locale.ROOT)).toList() : texts;
  }

  /**
   * Reads the path that ends there.
   *
   * @param literal how much of it has nothing to decode, to drop or to change
   */
  static OddPath of(String target, int pathEnd, int literal, boolean ignoringCase) {
    if (pathEnd > MAX_DECODED) {
      return OF_EVERY_WORD;
    }
    byte[] raw = target.substring(0, pathEnd).getBytes(StandardCharsets.UTF_8);
    FullDecoding decoded = FullDecoding.of(raw, literal, false);
    if (decoded.isTooMuch()) {
      return OF_EVERY_WORD;
    }
    if (decoded.beyondAscii() == 0) {
      return new OddPath(List.of(decoded.ascii()), ignoringCase);
    }
    while (decoded.beyondAscii() > 0) { // what it resembles may be an encoding again
      byte[] resembled = Lookalikes.inAscii(decoded.bytes(), ignoringCase);
      decoded = FullDecoding.of(resembled, 0, false);
      if (decoded.isTooMuch()) {
        return OF_EVERY_WORD;
      }
    }
    FullDecoding dropped = FullDecoding.of(raw, literal, true);
    return dropped.isTooMuch()
        ? OF_EVERY_WORD
        : new OddPath(List.of(decoded.ascii(), dropped.ascii()), ignoringCase);
  }

  /** {@return whether it counts as containing every word} */
  boolean isOfEveryWord() {
    return this == OF_EVERY_WORD;
  }

  /**
   * {@return the texts of which one has to contain words in their order; in lower case where case
   * is ignored}
   */
  List<String> texts() {
    return texts;
  }
}
