package dev.penstock;

import dev.penstock.base.UnitOfTime;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Reads a rate string from left to right; the grammar stands at {@link Limit#parseAll}. */
final class RateString {

  private static final int SHOWN_LENGTH = 100;
  private static final String SEPARATORS = ";,|";
  private static final String FIXED = "fixed";
  private static final String SLIDING = "sliding";
  private static final String CALENDAR_NAMES = "minute, hour, day, week, month or year";
  private static final Map<String, CalendarUnit> CALENDAR_UNITS = calendarUnits();

  private final String text;
  private int position;

  private static Map<String, CalendarUnit> calendarUnits() {
    Map<String, CalendarUnit> units = new HashMap<>();
    for (CalendarUnit unit : CalendarUnit.values()) {
      String name = unit.name().toLowerCase(Locale.ROOT);
      units.put(name, unit);
      units.put(name + "s", unit);
    }
    units.putAll(
        Map.of(
            "m", CalendarUnit.MINUTE,
            "min", CalendarUnit.MINUTE,
            "mins", CalendarUnit.MINUTE,
            "h", CalendarUnit.HOUR,
            "hr", CalendarUnit.HOUR,
            "hrs", CalendarUnit.HOUR,
            "d", CalendarUnit.DAY,
            "w", CalendarUnit.WEEK));
    return units;
  }

  RateString(String text) {
    this.text = text;
  }

  List<Limit> limits() {
    List<Limit> limits = new ArrayList<>();
    limits.add(limit());
    while (position < text.length()) {
      if (SEPARATORS.indexOf(text.charAt(position)) < 0) {
        throw error("a separator (; , or |) or the end", position);
      }
      position++;
      limits.add(limit());
    }
    return List.copyOf(limits);
  }

  private Limit limit() {
    skipSpaces();
    int start = position;
    long tokens = number("a count");
    skipSpaces();
    divider();
    skipSpaces();
    long multiple = atDigit() ? number("a multiple") : 1;
    skipSpaces();
    int unitStart = position;
    String unit = word();
    skipSpaces();
    String kind = kind();
    try {
      if (kind.equals(FIXED)) {
        return fixed(tokens, multiple, unit, unitStart);
      }
      Duration period = unit(unit, unitStart).multipliedBy(multiple);
      return kind.equals(SLIDING) ? Limit.slidingWindow(tokens, period) : Limit.per(tokens, period);
    } catch (NoRateString e) {
      throw e;
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

  /** A text that is no rate string, and not a limit that is none. */
  private static final class NoRateString extends IllegalArgumentException {

    private static final long serialVersionUID = 1;

    NoRateString(String message) {
      super(message);
    }
  }

  private Duration unit(String name, int start) {
    return UnitOfTime.named(name)
        .orElseThrow(() -> error("a unit (" + UnitOfTime.NAMES + ")", start));
  }

  /** Returns what stands behind the unit and is no separator, with the spaces behind it. */
  private String kind() {
    int start = position;
    String word = word().toLowerCase(Locale.ROOT);
    if (!word.equals(FIXED) && !word.equals(SLIDING)) {
      position = start;
      return "";
    }
    skipSpaces();
    return word;
  }

  private Limit fixed(long tokens, long multiple, String unit, int unitStart) {
    CalendarUnit calendarUnit = CALENDAR_UNITS.get(unit.toLowerCase(Locale.ROOT));
    if (calendarUnit == null) {
      throw error("a unit of the calendar (" + CALENDAR_NAMES + ") before fixed", unitStart);
    }
    if (multiple != 1) {
      throw error(
          "one " + calendarUnit.name().toLowerCase(Locale.ROOT) + " before fixed", unitStart);
    }
    return Limit.fixedWindow(tokens, calendarUnit, zone());
  }

  private ZoneId zone() {
    int start = position;
    while (position < text.length() && SEPARATORS.indexOf(text.charAt(position)) < 0) {
      position++;
    }
    String zone = text.substring(start, position).stripTrailing();
    try {
      return zone.isEmpty() ? ZoneOffset.UTC : ZoneId.of(zone);
    } catch (DateTimeException e) {
      throw error("a time zone such as Europe/Berlin, or nothing, behind fixed", start);
    }
  }

  private String word() {
    int start = position;
    while (position < text.length() && isAsciiLetter(text.charAt(position))) {
      position++;
    }
    return text.substring(start, position);
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

  private NoRateString error(String expected, int at) {
    return new NoRateString("rate must have " + expected + " at position " + at + ": " + shown());
  }

  private String shown() {
    return text.length() <= SHOWN_LENGTH
        ? '"' + text + '"'
        : '"' + text.substring(0, SHOWN_LENGTH) + "\"... (" + text.length() + " characters)";
  }
}
