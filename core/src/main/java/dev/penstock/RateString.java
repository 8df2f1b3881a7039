package dev.penstock;

import dev.penstock.base.UnitOfTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Reads a rate string from left to right; the grammar stands at {@link Limit#parseAll}. */
final class RateString {

  private static final int SHOWN_LENGTH = 100;

  private final String text;
  private int position;

  RateString(String text) {
    this.text = text;
  }

  List<TokenBucketLimit> limits() {
    List<TokenBucketLimit> limits = new ArrayList<>();
    limits.add(limit());
    while (position < text.length()) {
      if (";,|".indexOf(text.charAt(position)) < 0) {
        throw error("a separator (; , or |) or the end", position);
      }
      position++;
      limits.add(limit());
    }
    return List.copyOf(limits);
  }

  private TokenBucketLimit limit() {
    skipSpaces();
    int start = position;
    long tokens = number("a count");
    skipSpaces();
    divider();
    skipSpaces();
    long multiple = atDigit() ? number("a multiple") : 1;
    skipSpaces();
    Duration unit = unit();
    skipSpaces();
    try {
      return Limit.per(tokens, unit.multipliedBy(multiple));
    } catch (ArithmeticException | IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "rate must be a limit Penstock can keep, at position "
              + start
              + ": "
              + shown()
              + " ("
              + e.getMessage()
              + ")",
          e);
    }
  }

  private long number(String what) {
    int start = position;
    while (atDigit()) {
      position++;
    }
    if (start == position) {
      throw error(what, start);
    }
    try {
      long number = Long.parseLong(text.substring(start, position));
      if (number < 1) {
        throw error(what + " of at least 1", start);
      }
      return number;
    } catch (NumberFormatException e) {
      throw error(what + " of at most " + Limit.MAX_CAPACITY, start);
    }
  }

  private void divider() {
    if (position < text.length() && text.charAt(position) == '/') {
      position++;
    } else if (text.regionMatches(true, position, "per", 0, 3)) {
      position += 3;
    } else {
      throw error("\"/\" or \"per\"", position);
    }
  }

  private Duration unit() {
    int start = position;
    while (position < text.length() && isAsciiLetter(text.charAt(position))) {
      position++;
    }
    return UnitOfTime.named(text.substring(start, position))
        .orElseThrow(() -> error("a unit (" + UnitOfTime.NAMES + ")", start));
  }

  private void skipSpaces() {
    while (position < text.length() && text.charAt(position) == ' ') {
      position++;
    }
  }

  private boolean atDigit() {
    return position < text.length() && text.charAt(position) >= '0' && text.charAt(position) <= '9';
  }

  private static boolean isAsciiLetter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  }

  private IllegalArgumentException error(String expected, int at) {
    return new IllegalArgumentException(
        "rate must have " + expected + " at position " + at + ": " + shown());
  }

  private String shown() {
    return text.length() <= SHOWN_LENGTH
        ? '"' + text + '"'
        : '"' + text.substring(0, SHOWN_LENGTH) + "\"... (" + text.length() + " characters)";
  }
}
