package dev.penstock.http;

import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Values by a segment, found by a part of a text without copying it. Whatever is looked for, the
 * cost is that of one segment of this table: longer ones are not read. May be read by several
 * threads once nobody adds to it any more.
 */
final class SegmentTable<V> {

  private record Entry<V>(String segment, int hash, V value) {}

  private final boolean ignoringCase;
  private @Nullable Entry<V>[] table = newTable(4);
  private int size;
  private int longest;

  /**
   * @param ignoringCase whether segments that differ only in case are one
   */
  SegmentTable(boolean ignoringCase) {
    this.ignoringCase = ignoringCase;
  }

  @SuppressWarnings("unchecked") // an array of no type
  private static <V> @Nullable Entry<V>[] newTable(int length) {
    return (Entry<V>[]) new Entry<?>[length];
  }

  /** {@return the value of a segment, which is made where there is none} */
  V computeIfAbsent(String segment, Supplier<V> made) {
    V present = get(segment, 0, segment.length());
    if (present != null) {
      return present;
    }
    if (++size > table.length / 2) {
      @Nullable Entry<V>[] before = table;
      table = newTable(before.length * 2);
      for (Entry<V> entry : before) {
        if (entry != null) {
          put(entry);
        }
      }
    }
    longest = Math.max(longest, segment.length());
    V value = made.get();
    put(new Entry<>(segment, hash(segment, 0, segment.length()), value));
    return value;
  }

  private void put(Entry<V> entry) {
    int at = entry.hash & (table.length - 1);
    while (table[at] != null) {
      at = (at + 1) & (table.length - 1);
    }
    table[at] = entry;
  }

  /** {@return the value of the segment that is this part of a text} */
  @Nullable V get(String text, int start, int end) {
    int length = end - start;
    if (length > longest) {
      return null;
    }
    int hash = hash(text, start, end);
    int at = hash & (table.length - 1);
    for (Entry<V> entry = table[at]; entry != null; entry = table[at]) {
      if (entry.hash == hash
          && entry.segment.length() == length
          && text.regionMatches(ignoringCase, start, entry.segment, 0, length)) {
        return entry.value;
      }
      at = (at + 1) & (table.length - 1);
    }
    return null;
  }

  private int hash(String text, int start, int end) {
    int hash = 0;
    for (int i = start; i < end; i++) {
      char c = text.charAt(i);
      hash = 31 * hash + (ignoringCase ? folded(c) : c);
    }
    return hash ^ hash >>> 15;
  }

  /** As {@link String#equalsIgnoreCase} compares, one way and the other. */
  private static char folded(char c) {
    return Character.toLowerCase(Character.toUpperCase(c));
  }
}
