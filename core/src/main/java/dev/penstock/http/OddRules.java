package dev.penstock.http;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Which rules may be for an odd path: those of its method whose words it contains in their order.
 *
 * <p>One pass over the path finds all words that stand in it, and a tree of the rules' words is
 * followed as far as these lead. A path that takes more than {@link #MOST_WORK} steps, each a place
 * of a word or a branch of a tree, counts as containing every word. So the work is bounded, however
 * many rules there are and whoever writes the path. Immutable and thread-safe.
 */
final class OddRules {

  /** How much is done for one path. */
  static final int MOST_WORK = 1 << 14;

  /** The rules of a method. */
  private static final class Tree {
    final Branch root = new Branch();

    /** All of them; of those that charge the same whatever the request, the first. */
    final BitSet every = new BitSet();

    void add(int place, List<Integer> words) {
      Branch branch = root;
      for (Integer word : words) {
        branch = branch.byWord.computeIfAbsent(word, w -> new Branch());
      }
      branch.rules.add(place);
      every.set(place);
    }

    void leaveOutWhatChargesTheSame(List<Rule> rules) {
      Set<List<Rule.Charge>> seen = new HashSet<>();
      for (int place : every.stream().toArray()) {
        Rule.Limited rule = (Rule.Limited) rules.get(place);
        every.set(place, rule.fixedCharges().map(seen::add).orElse(true));
      }
    }
  }

  /** The rules whose words begin alike. */
  private static final class Branch {
    final List<Integer> rules = new ArrayList<>();
    final Map<Integer, Branch> byWord = new HashMap<>();
  }

  private final SegmentTable<Tree> byMethod = new SegmentTable<>(true);
  private final Tree ofEveryMethod = new Tree();
  private final WordSearch search;

  /**
   * @param rules in their order; the exemptions among them are for no odd path
   * @param ignoringCase whether paths that differ only in case lead to the same handler
   */
  OddRules(List<Rule> rules, boolean ignoringCase) {
    Map<String, Integer> numbers = new LinkedHashMap<>();
    Set<Tree> trees = new HashSet<>();
    for (int place = 0; place < rules.size(); place++) {
      if (rules.get(place) instanceof Rule.Limited limited) {
        List<Integer> words = new ArrayList<>();
        for (String each : limited.pattern().words()) {
          String word = ignoringCase ? each.toLowerCase(Locale.ROOT) : each;
          words.add(numbers.computeIfAbsent(word, w -> numbers.size()));
        }
        for (Tree tree : trees(limited.pattern())) {
          tree.add(place, words);
          trees.add(tree);
        }
      }
    }
    search = new WordSearch(numbers.keySet());
    trees.forEach(tree -> tree.leaveOutWhatChargesTheSame(rules));
  }

  private List<Tree> trees(RequestPattern pattern) {
    return pattern.method().isEmpty()
        ? List.of(ofEveryMethod)
        : pattern.methods().stream()
            .map(method -> byMethod.computeIfAbsent(method, Tree::new))
            .toList();
  }

  /** {@return the places of the rules that may be for a request} */
  BitSet of(String method, OddPath path) {
    Tree ofMethod = byMethod.get(method, 0, method.length());
    List<Tree> trees = ofMethod == null ? List.of(ofEveryMethod) : List.of(ofEveryMethod, ofMethod);
    Found found = new Found();
    if (!path.isOfEveryWord() && path.texts().stream().allMatch(text -> found.in(text, trees))) {
      return found.rules;
    }
    BitSet every = new BitSet();
    trees.forEach(tree -> every.or(tree.every));
    return every;
  }

  /** The rules that are found for a path. */
  private final class Found {

    /** A branch, and where the next word may begin. */
    private record Reached(Branch branch, int start) {}

    final BitSet rules = new BitSet();
    private int left = MOST_WORK;

    /** Adds those for one text of it, and returns false where that is too much work. */
    boolean in(String text, List<Tree> trees) {
      Optional<WordPlaces> places = search.in(text, left);
      if (places.isEmpty()) {
        return false;
      }
      left -= places.get().size();
      Deque<Reached> reached = new ArrayDeque<>();
      trees.forEach(tree -> reached.push(new Reached(tree.root, 0)));
      while (!reached.isEmpty() && left > 0) {
        follow(reached.pop(), places.get(), reached);
      }
      return left > 0;
    }

    private void follow(Reached from, WordPlaces places, Deque<Reached> reached) {
      from.branch.rules.forEach(rules::set);
      Map<Integer, Branch> byWord = from.branch.byWord;
      Set<Integer> words = byWord.size() < places.words().size() ? byWord.keySet() : places.words();
      left -= 1 + from.branch.rules.size() + words.size();
      for (Integer word : words) {
        Branch next = byWord.get(word);
        int end = next == null ? WordPlaces.NONE : places.end(word, from.start);
        if (next != null && end != WordPlaces.NONE) {
          reached.push(new Reached(next, end));
        }
      }
    }
  }
}
