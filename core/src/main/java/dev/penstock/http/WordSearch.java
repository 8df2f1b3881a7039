package dev.penstock.http;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collection;
import java.util.Optional;

/**
 * Finds which of many words a text contains, and where, in one pass over it: a tree of the words in
 * which each place knows where to go on when the text does (A. V. Aho, M. J. Corasick: Efficient
 * string matching, 1975). Immutable and thread-safe.
 */
final class WordSearch {

  private static final int ROOT = 0;
  private static final int NONE = -1;

  private final int[] lengths;

  /** The tree: the first child of each node, the next child of its parent, the letter before it. */
  private final int[] child;

  /** The children of the root by their letters, and the root for all others. */
  private final int[] first = new int[0x80];

  private final int[] sibling;
  private final byte[] letter;

  /** The word that ends at a node. */
  private final int[] word;

  /** The node of the longest suffix of what leads to a node. */
  private final int[] suffix;

  /** Of its suffixes, the longest at which a word ends. */
  private final int[] endingSuffix;

  private int nodes = 1;

  /**
   * @param words different ones in ASCII, numbered from 0
   */
  WordSearch(Collection<String> words) {
    this.lengths = words.stream().mapToInt(String::length).toArray();
    int most = 1 + Arrays.stream(lengths).sum();
    this.child = filled(most);
    this.sibling = filled(most);
    this.letter = new byte[most];
    this.word = filled(most);
    this.suffix = new int[most];
    this.endingSuffix = filled(most);
    int number = 0;
    for (String each : words) {
      int node = ROOT;
      for (byte b : each.getBytes(StandardCharsets.US_ASCII)) {
        int next = child(node, b);
        node = next == NONE ? newChild(node, b) : next;
      }
      word[node] = number++;
    }
    link();
  }

  private static int[] filled(int length) {
    int[] filled = new int[length];
    Arrays.fill(filled, NONE);
    return filled;
  }

  private int newChild(int parent, byte b) {
    int node = nodes++;
    letter[node] = b;
    if (parent == ROOT) {
      first[b] = node;
    }
    sibling[node] = child[parent];
    child[parent] = node;
    return node;
  }

  private int child(int parent, byte b) {
    int node = child[parent];
    while (node != NONE && letter[node] != b) {
      node = sibling[node];
    }
    return node;
  }

  /** Finds the suffixes, of the shorter nodes first. */
  private void link() {
    int[] queue = new int[nodes];
    int queued = 1;
    for (int i = 0; i < queued; i++) {
      int parent = queue[i];
      for (int node = child[parent]; node != NONE; node = sibling[node]) {
        queue[queued++] = node;
        int next = parent == ROOT ? ROOT : next(suffix[parent], letter[node]);
        suffix[node] = next;
        endingSuffix[node] = word[next] == NONE ? endingSuffix[next] : next;
      }
    }
  }

  private int next(int from, byte b) {
    for (int node = from; node != ROOT; node = suffix[node]) {
      int next = child(node, b);
      if (next != NONE) {
        return next;
      }
    }
    return first[b];
  }

  /**
   * Returns where the words stand in a text.
   *
   * @param text in ASCII
   * @param most more places than that are too many
   */
  Optional<WordPlaces> in(String text, int most) {
    WordPlaces places = new WordPlaces(lengths);
    int node = ROOT;
    for (int i = 0; i < text.length(); i++) {
      node = next(node, (byte) text.charAt(i));
      for (int end = node; end != NONE; end = endingSuffix[end]) {
        if (word[end] != NONE) {
          if (places.size() == most) {
            return Optional.empty();
          }
          places.add(word[end], i + 1);
        }
      }
    }
    return Optional.of(places);
  }
}
