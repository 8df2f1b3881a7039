package dev.penstock.jwt;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Finds tokens in texts, however they are dressed up.
 *
 * <p>Header and claims are signed as they are written, so a token has one spelling up to its second
 * point, {@code header.claims.}, and whoever accepts it has read these characters in a row. The
 * signature is not signed: decoders skip what is no base64, take {@code +} and {@code /} for {@code
 * -} and {@code _}, and drop the bits that the last character leaves over, each library in its own
 * way, so a client can spell one token in any number of ways that an application takes. Here they
 * all become one: as many characters of base64 as a signature by the keys has, whatever stands
 * between them, and no more of them right behind.
 *
 * <p>The time is in proportion to the text: no part of it is looked at more than a few times.
 */
final class TokenScan {

  static final String SCHEME = "bearer";
  private static final String ALPHABET =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

  /** How a header begins that is written as all libraries write it: with an object's first name. */
  private static final String USUAL_START = "eyJ";

  /** A reading in which an equals sign before the end is the first character, as jjwt has it. */
  private static final int PADDING_COUNTS = 1;

  /** A reading in which a plus and a slash are skipped, and not those of the other alphabet. */
  private static final int OTHERS_ARE_NOISE = 2;

  private static final byte SKIPPED = -1;
  private static final byte[] SEXTETS = new byte[128];

  static {
    Arrays.fill(SEXTETS, SKIPPED);
    for (int i = 0; i < ALPHABET.length(); i++) {
      SEXTETS[ALPHABET.charAt(i)] = (byte) i;
    }
  }

  private final int[] lengths;
  private final List<String> tokens = new ArrayList<>();
  private @Nullable String unlike;
  private int doubtful;

  /**
   * Finds tokens whose signatures have one of some lengths.
   *
   * @param lengths in characters, ascending
   */
  TokenScan(int[] lengths) {
    this.lengths = lengths;
  }

  /** {@return what was found, in its order, each once and in its one spelling} */
  Collection<String> tokens() {
    return tokens.size() < 2 ? tokens : new LinkedHashSet<>(tokens);
  }

  /** {@return the first text of three parts that is like a token, but like none by the keys} */
  @Nullable String unlike() {
    return unlike;
  }

  /** {@return whether something was found that others may take for a token} */
  boolean foundAny() {
    return !tokens.isEmpty() || (unlike != null && unlike.startsWith(USUAL_START));
  }

  /** Finds the tokens that begin behind a place in a text. */
  void line(String text, int from) {
    int least = from;
    int first = text.indexOf('.', from);
    while (first >= 0) {
      int start = first;
      while (start > least && isBase64Url(text.charAt(start - 1))) {
        start--;
      }
      boolean begins = start == from || text.charAt(start - 1) != '.';
      int end =
          begins || isScheme(text, start - 1 - SCHEME.length()) ? word(text, start, first) : 0;
      least = Math.max(end, first + 1);
      first = text.indexOf('.', least);
    }
  }

  /** Finds the token that begins at a place, if that is one of base64. */
  void word(String text, int start) {
    int first = start;
    while (first < text.length() && isBase64Url(text.charAt(first))) {
      first++;
    }
    if (first < text.length() && text.charAt(first) == '.') {
      word(text, start, first);
    }
  }

  /**
   * Finds the token of a header. Some applications cut off the scheme's name where it is run
   * together with the header, or the name and a character, whatever that is.
   *
   * @return where it ends, or 0 where there is none
   */
  private int word(String text, int start, int first) {
    int end = token(text, start, first);
    if (isScheme(text, start)) {
      end = Math.max(end, token(text, start + SCHEME.length(), first));
      end = Math.max(end, token(text, start + SCHEME.length() + 1, first));
    }
    return end;
  }

  /** Whether the claims are base64 is left to {@link TokenForm}: that takes longest. */
  private int token(String text, int start, int first) {
    int second = text.indexOf('.', first + 1);
    if (start >= first || second <= first + 1) {
      return 0;
    }
    int end = second - start < TokenForm.MAX_LENGTH ? signature(text, start, second + 1) : 0;
    if (end == 0 && unlike == null && endOfBase64Url(text, first + 1) == second) {
      int last = endOfBase64Url(text, second + 1);
      boolean goesOn = last < text.length() && text.charAt(last) == '.';
      unlike = text.substring(start, goesOn ? last + 1 : last);
    }
    return end;
  }

  /** Adds the tokens of all readings of a signature, and returns where one ends; else 0. */
  private int signature(String text, int start, int from) {
    doubtful = 0;
    int end = signature(text, start, from, 0);
    int seen = doubtful;
    for (int reading = 1; reading <= seen; reading++) {
      if ((reading & ~seen) == 0) {
        end = Math.max(end, signature(text, start, from, reading));
      }
    }
    return end;
  }

  private int signature(String text, int start, int from, int reading) {
    StringBuilder signature = new StringBuilder();
    int end = 0;
    int longest = lengths.length == 0 ? 0 : lengths[lengths.length - 1];
    for (int i = from; i < text.length() && signature.length() < longest; i++) {
      char c = text.charAt(i);
      if (c == '.') {
        break;
      }
      doubtful |= doubt(c);
      int sextet = sextet(c, reading);
      if (sextet != SKIPPED) {
        signature.append(ALPHABET.charAt(sextet));
        if (Arrays.binarySearch(lengths, signature.length()) >= 0
            && !goesOn(text, i + 1, reading)) {
          tokens.add(text.substring(start, from) + canonical(signature));
          end = end == 0 ? i + 1 : end;
        }
      }
    }
    return end;
  }

  private static boolean goesOn(String text, int at, int reading) {
    return at < text.length()
        && (text.charAt(at) == '.' || sextet(text.charAt(at), reading) != SKIPPED);
  }

  /** {@return what decoders disagree about, at a character: one of the bits of a reading, or 0} */
  private static int doubt(char c) {
    return c == '=' ? PADDING_COUNTS : c == '+' || c == '/' ? OTHERS_ARE_NOISE : 0;
  }

  /** {@return what a character counts in a reading, or {@link #SKIPPED}} */
  private static int sextet(char c, int reading) {
    return switch (c) {
      case '=' -> (reading & PADDING_COUNTS) == 0 ? SKIPPED : 0;
      case '+' -> (reading & OTHERS_ARE_NOISE) == 0 ? 62 : SKIPPED;
      case '/' -> (reading & OTHERS_ARE_NOISE) == 0 ? 63 : SKIPPED;
      default -> c < SEXTETS.length ? SEXTETS[c] : SKIPPED;
    };
  }

  /** {@return where the name of the scheme begins, as a word or a word's beginning; or -1} */
  static int findScheme(String text) {
    for (int i = 0; i <= text.length() - SCHEME.length(); i++) {
      if (isScheme(text, i) && (i == 0 || !isBase64Url(text.charAt(i - 1)))) {
        return i;
      }
    }
    return -1;
  }

  /** {@return whether a text goes on with the name of the scheme} */
  static boolean isScheme(String text, int at) {
    return text.regionMatches(true, at, SCHEME, 0, SCHEME.length());
  }

  /** Clears what the last character holds beyond the last whole byte (RFC 4648, section 3.5). */
  private static String canonical(StringBuilder signature) {
    int last = signature.length() - 1;
    int mask =
        switch (signature.length() % 4) {
          case 2 -> 0b110000;
          case 3 -> 0b111100;
          default -> 0b111111;
        };
    return signature.substring(0, last) + ALPHABET.charAt(SEXTETS[signature.charAt(last)] & mask);
  }

  private static int endOfBase64Url(String text, int from) {
    int at = from;
    while (at < text.length() && isBase64Url(text.charAt(at))) {
      at++;
    }
    return at;
  }

  /** {@return whether header and claims hold such a character} */
  static boolean isBase64Url(char c) {
    return c < SEXTETS.length && SEXTETS[c] >= 0;
  }
}
