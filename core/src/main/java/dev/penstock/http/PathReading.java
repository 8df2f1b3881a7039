package dev.penstock.http;

import java.util.List;

/**
 * One reading of a path: decoded segments, kept as one text and the places where they end, so that
 * a plain target is read without copying it. Immutable.
 */
final class PathReading {

  private final String text;
  private final int[] ends;
  private final int size;

  /**
   * Takes a text that begins with one character of no segment, and has one between any two.
   *
   * @param text the segments
   * @param ends where each of them ends; not to be changed afterwards
   * @param size how many there are
   */
  PathReading(String text, int[] ends, int size) {
    this.text = text;
    this.ends = ends;
    this.size = size;
  }

  static PathReading of(List<String> segments) {
    int[] ends = new int[segments.size()];
    int end = 0;
    for (int i = 0; i < ends.length; i++) {
      end += 1 + segments.get(i).length();
      ends[i] = end;
    }
    return new PathReading("/" + String.join("/", segments), ends, ends.length);
  }

  /** {@return the number of segments} */
  int size() {
    return size;
  }

  /** {@return the segment of this index, from 0} */
  String segment(int index) {
    return text.substring(start(index), ends[index]);
  }

  /** {@return whether the segment of this index, from 0, is this one} */
  boolean hasSegment(int index, String segment) {
    int start = start(index);
    return ends[index] - start == segment.length() && text.startsWith(segment, start);
  }

  private int start(int index) {
    return index == 0 ? 1 : ends[index - 1] + 1;
  }
}
