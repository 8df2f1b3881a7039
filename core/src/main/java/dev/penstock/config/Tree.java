package dev.penstock.config;

import dev.penstock.config.Node.Items;
import dev.penstock.config.Node.Kind;
import dev.penstock.config.Node.Member;
import dev.penstock.config.Node.Members;
import dev.penstock.config.Node.Refused;
import dev.penstock.config.Node.Scalar;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Grows the tree of a file as its reader meets one part after the other, and refuses what no policy
 * needs, in either format: a name twice, names and values with control characters, too long ones,
 * and more depth or parts than a policy has. Not thread-safe.
 */
final class Tree {

  private static final int MOST_DEPTH = 16;
  private static final int MOST_NODES = 500_000;
  static final int MOST_NAME = 128;
  private static final int MOST_TEXT = 4_096;

  /** Ends the reading: what follows is a fault of what is told, or too much. */
  static final class Stopped extends RuntimeException {

    private static final long serialVersionUID = 1;

    Stopped() {
      super(null, null, false, false);
    }
  }

  /** What is open: an object if it has names. */
  private static final class Open {

    final Where where;
    final boolean isObject;
    final List<Member> members = new ArrayList<>();
    final List<Node> items = new ArrayList<>();
    final Map<String, Where> names = new HashMap<>();
    @Nullable Where next;
    String nextName = "";
    boolean dropsNext;
    boolean hasDropped;

    Open(Where where, boolean isObject) {
      this.where = where;
      this.isObject = isObject;
    }
  }

  private final Faults faults;
  private final Deque<Open> open = new ArrayDeque<>();
  private @Nullable Node whole;
  private int nodes;

  Tree(Faults faults) {
    this.faults = faults;
  }

  /** {@return whether a name comes next, or the end of the object} */
  boolean expectsName() {
    return !open.isEmpty() && open.peek().isObject && open.peek().next == null;
  }

  /** {@return where a value that begins here stands} */
  Where where(int line, int column) {
    Open parent = open.peek();
    if (parent == null) {
      return Where.whole(line, column);
    }
    return parent.next != null
        ? parent.next.at(line, column)
        : parent.where.item(parent.items.size(), line, column);
  }

  /** Takes the name of the next value. */
  void name(String name, int line, int column) {
    Open object = open.element();
    Where where = object.where.member(name, line, column);
    Where first = object.names.putIfAbsent(name, where);
    object.dropsNext = first != null || !isName(name, where);
    if (first != null) {
      faults.add(where, "must stand once: first at line " + first.line());
    }
    object.nextName = name;
    object.next = where;
  }

  private boolean isName(String name, Where where) {
    if (!Shown.isHarmless(name)) {
      faults.add(where, "must be a name without control characters");
      return false;
    }
    if (name.isBlank() || name.length() > MOST_NAME) {
      faults.add(where, "must be a name of 1 to " + MOST_NAME + " characters");
      return false;
    }
    return true;
  }

  /** Takes a name that is refused already, and so its value. */
  void refusedName(int line, int column) {
    Open object = open.element();
    object.dropsNext = true;
    object.next = object.where.unnamed(line, column);
  }

  void scalar(Kind kind, String text, int line, int column) {
    Where where = where(line, column);
    if (text.length() > MOST_TEXT) {
      refuse(where, "must be at most " + MOST_TEXT + " characters: " + text.length());
    } else if (!Shown.isHarmless(text)) {
      refuse(where, "must be a text in one line, without control characters");
    } else {
      add(new Scalar(where, kind, text));
    }
  }

  /** Takes a value that is refused. */
  void refuse(Where where, String message) {
    faults.add(where, message);
    add(new Refused(where));
  }

  void begin(boolean isObject, int line, int column) {
    Where where = where(line, column);
    if (open.size() == MOST_DEPTH) {
      faults.add(where, "must be at most " + MOST_DEPTH + " levels deep");
      throw new Stopped();
    }
    open.push(new Open(where, isObject));
  }

  void end() {
    Open done = open.pop();
    add(
        done.isObject
            ? new Members(done.where, done.members, !done.hasDropped)
            : new Items(done.where, done.items));
  }

  private void add(Node node) {
    if (++nodes > MOST_NODES) {
      faults.add(node.where(), "must be at most " + MOST_NODES + " values");
      throw new Stopped();
    }
    Open parent = open.peek();
    if (parent == null) {
      whole = node;
    } else if (parent.next == null) {
      parent.items.add(node);
    } else {
      if (!parent.dropsNext) {
        parent.members.add(new Member(parent.next, parent.nextName, node));
      }
      parent.hasDropped |= parent.dropsNext;
      parent.next = null;
    }
  }

  Optional<Node> whole() {
    return Optional.ofNullable(whole);
  }
}
