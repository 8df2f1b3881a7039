package dev.penstock.http;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where the first rule stands that is for a plain path.
 *
 * <p>A tree for each method that rules name, and one for the rules of every method, with a branch
 * for each fixed segment and one for any. The path is followed along both; a branch whose first
 * rule comes after the best that is found is left out. So the cost is a look-up for each segment of
 * the path, however many rules there are. Only where rules have {@code *} in every combination are
 * more branches followed, and never more than rules would be tried.
 *
 * <p>May be read by several threads once nobody adds to it any more.
 */
final class PlainRules {

  /** In place of a rule: there is none. */
  static final int NONE = Integer.MAX_VALUE;

  /** What is followed through a tree. */
  interface Segments {

    /** {@return how many there are} */
    int size();

    /** {@return what a table has for the segment of this index} */
    <V> @Nullable V in(SegmentTable<V> table, int index);
  }

  /** All paths of a pattern that have so many segments; what is not fixed is in no table. */
  private record AllOf(RequestPattern pattern, int size) implements Segments {

    @Override
    public <V> @Nullable V in(SegmentTable<V> table, int index) {
      List<String> segments = pattern.segments();
      String segment = index < segments.size() ? segments.get(index) : RequestPattern.ANY_SEGMENT;
      return segment.equals(RequestPattern.ANY_SEGMENT)
          ? null
          : table.get(segment, 0, segment.length());
    }
  }

  private record Tree(String method, Branch root) {}

  /** The rules whose patterns begin alike. */
  private static final class Branch {

    /** The first of them all. */
    final int first;

    final Ends here = new Ends();
    final Ends open = new Ends();
    @Nullable SegmentTable<Branch> fixed;
    @Nullable Branch any;

    Branch(int first) {
      this.first = first;
    }
  }

  /** The first of the rules that end in one place. */
  private static final class Ends {

    private int ofAll = NONE;
    private int ofLimited = NONE;

    void add(int place, boolean isExempt) {
      ofAll = Math.min(ofAll, place);
      ofLimited = isExempt ? ofLimited : Math.min(ofLimited, place);
    }

    int first(boolean asSpelled) {
      return asSpelled ? ofAll : ofLimited;
    }
  }

  private final boolean ignoringCase;
  private final SegmentTable<Tree> byMethod = new SegmentTable<>(true);
  private final Branch ofEveryMethod = new Branch(0);

  /**
   * @param ignoringCase whether paths that differ only in case lead to the same handler
   */
  PlainRules(boolean ignoringCase) {
    this.ignoringCase = ignoringCase;
  }

  /**
   * Adds a rule.
   *
   * @param place where it stands among the others, after those that were added before
   * @param pattern which requests it is for
   * @param isExempt whether it is only for methods as they are spelled
   */
  void add(int place, RequestPattern pattern, boolean isExempt) {
    if (pattern.method().isEmpty()) {
      add(ofEveryMethod, place, pattern, isExempt);
    }
    for (String method : pattern.methods()) {
      Tree tree = byMethod.computeIfAbsent(method, () -> new Tree(method, new Branch(place)));
      add(tree.root, place, pattern, isExempt);
    }
  }

  private void add(Branch root, int place, RequestPattern pattern, boolean isExempt) {
    Branch branch = root;
    for (String segment : pattern.segments()) {
      branch = next(branch, segment, place);
    }
    (pattern.open() ? branch.open : branch.here).add(place, isExempt);
  }

  private Branch next(Branch branch, String segment, int place) {
    if (segment.equals(RequestPattern.ANY_SEGMENT)) {
      Branch any = branch.any == null ? new Branch(place) : branch.any;
      branch.any = any;
      return any;
    }
    SegmentTable<Branch> fixed =
        branch.fixed == null ? new SegmentTable<>(ignoringCase) : branch.fixed;
    branch.fixed = fixed;
    return fixed.computeIfAbsent(segment, () -> new Branch(place));
  }

  /** {@return the place of the first rule for a request, or {@link #NONE}} */
  int first(String method, PlainPath path) {
    return first(method, (Segments) path);
  }

  /**
   * {@return the place of the first rule that is for every request of a pattern with a path of so
   * many segments, or {@link #NONE}}
   */
  int first(RequestPattern pattern, int size) {
    return first(pattern.method(), new AllOf(pattern, size));
  }

  private int first(String method, Segments path) {
    int first = first(ofEveryMethod, path, 0, true, NONE);
    Tree tree = byMethod.get(method, 0, method.length());
    return tree == null ? first : first(tree.root, path, 0, tree.method.equals(method), first);
  }

  private static int first(
      Branch branch, Segments path, int index, boolean asSpelled, int firstElsewhere) {
    int first = Math.min(firstElsewhere, branch.open.first(asSpelled));
    if (index == path.size()) {
      return Math.min(first, branch.here.first(asSpelled));
    }
    Branch fixed = branch.fixed == null ? null : path.in(branch.fixed, index);
    if (fixed != null && fixed.first < first) {
      first = first(fixed, path, index + 1, asSpelled, first);
    }
    Branch any = branch.any;
    return any != null && any.first < first ? first(any, path, index + 1, asSpelled, first) : first;
  }
}
