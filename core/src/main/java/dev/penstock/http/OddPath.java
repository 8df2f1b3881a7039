package dev.penstock.http;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

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
 * nothing. Costs one or two passes over the path, and one over what is decoded for each word of
 * each rule. Immutable.
 */
final class OddPath implements RequestPath {

  /** The longest path that is decoded, in characters. */
  static final int MAX_DECODED = 8 * 1024;

  private static final OddPath OF_EVERY_WORD = new OddPath(List.of(), false);

  private final List<Text> texts;

  private OddPath(List<String> texts, boolean ignoringCase) {
    this.texts = texts.stream().map(text -> new Text(text, ignoringCase)).toList();
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

  /** {@return whether some server may see these words in it, in this order} */
  boolean contains(List<String> words) {
    return this == OF_EVERY_WORD || texts.stream().anyMatch(text -> text.contains(words));
  }

  /** A text in which words are sought; rules share most of theirs. */
  private static final class Text {

    private final String text;
    private final boolean ignoringCase;
    private final Map<String, Integer> firstPlaces = new HashMap<>();

    Text(String text, boolean ignoringCase) {
      this.text = ignoringCase ? text.toLowerCase(Locale.ROOT) : text;
      this.ignoringCase = ignoringCase;
    }

    boolean contains(List<String> words) {
      int from = 0;
      for (String each : words) {
        String word = ignoringCase ? each.toLowerCase(Locale.ROOT) : each;
        int at = firstPlaces.computeIfAbsent(word, text::indexOf);
        if (at >= 0 && at < from) {
          at = text.indexOf(word, from);
        }
        if (at < 0) {
          return false;
        }
        from = at + word.length();
      }
      return true;
    }
  }
}
