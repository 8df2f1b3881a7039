package dev.penstock.http;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/** Where words stand in a text. Not thread-safe. */
final class WordPlaces {

  /** In place of one: there is none. */
  static final int NONE = -1;

  private static final class Ends {

    private int[] ends = new int[2];
    private int size;

    void add(int end) {
      ends = size < ends.length ? ends : Arrays.copyOf(ends, 2 * size);
      ends[size++] = end;
    }

    int first(int least) {
      int found = Arrays.binarySearch(ends, 0, size, least);
      int at = found < 0 ? -found - 1 : found;
      return at < size ? ends[at] : NONE;
    }
  }

  private final int[] lengths;
  private final Map<Integer, Ends> byWord = new HashMap<>();
  private int size;

  /**
   * @param lengths of the words, by their numbers
   */
  WordPlaces(int[] lengths) {
    this.lengths = lengths;
  }

  /** Adds where a word ends, after where it ended before. */
  void add(int word, int end) {
    byWord.computeIfAbsent(word, w -> new Ends()).add(end);
    size++;
  }

  /** {@return how many places there are} */
  int size() {
    return size;
  }

  /** {@return the words that stand somewhere} */
  Set<Integer> words() {
    return byWord.keySet();
  }

  /** {@return where a word ends that begins there at the earliest, or {@link #NONE}} */
  int end(int word, int start) {
    Ends ends = byWord.get(word);
    return ends == null ? NONE : ends.first(start + lengths[word]);
  }
}
