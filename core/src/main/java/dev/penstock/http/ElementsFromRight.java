package dev.penstock.http;

import java.util.List;
import java.util.ListIterator;
import java.util.Optional;

/**
 * The elements of a comma-separated header field, from the last one to the first, over all its
 * lines. Empty elements are left out (RFC 9110 section 5.6.1.2).
 *
 * <p>The last elements are what trusted proxies have written, and the rest is the client's. Read
 * from the right, and each line on its own, a stray quote of the client cannot reach beyond the
 * comma that the next proxy has put after it.
 *
 * <p>The work is bounded by {@link #MAX_LENGTH}, whatever the client sends.
 */
final class ElementsFromRight {

  /**
   * How many characters are read of the lines joined by commas: as many as common servers accept
   * for all header fields together, and 256 for each of 32 elements.
   */
  static final int MAX_LENGTH = 8192;

  private final ListIterator<String> lines;
  private String line = "";

  /** The unread part of the line ends before this index; -1 if nothing of it is left. */
  private int end = -1;

  private int readable = MAX_LENGTH;

  ElementsFromRight(List<String> lines) {
    this.lines = lines.listIterator(lines.size());
  }

  /**
   * Returns the next element to the left without the spaces and tabs around it. Empty at the end of
   * the list, and where the list cannot be read any further: at a quote that is not opened, and at
   * the bound. Nothing can be asked after that.
   */
  Optional<String> next() {
    while (readable >= 0 && (end >= 0 || lines.hasPrevious())) {
      if (end < 0) {
        line = lines.previous();
        end = line.length();
      }
      int start = elementStart();
      if (start < 0) {
        return Optional.empty();
      }
      String element = trimmed(line, start, end);
      readable -= end - start + 1;
      end = start - 1;
      if (!element.isEmpty()) {
        return Optional.of(element);
      }
    }
    return Optional.empty();
  }

  /** Returns where the element that ends at {@link #end} starts, or -1 if that is unreadable. */
  private int elementStart() {
    int floor = Math.max(0, end - readable);
    int start = end;
    while (start > floor) {
      char c = line.charAt(start - 1);
      if (c == ',') {
        return start;
      }
      start = c == '"' ? QuotedString.start(line, start - 1, floor) : start - 1;
    }
    return start == 0 ? 0 : -1;
  }

  private static String trimmed(String line, int start, int end) {
    int from = start;
    int to = end;
    while (from < to && isSpace(line.charAt(from))) {
      from++;
    }
    while (from < to && isSpace(line.charAt(to - 1))) {
      to--;
    }
    return line.substring(from, to);
  }

  private static boolean isSpace(char c) {
    return c == ' ' || c == '\t';
  }
}
