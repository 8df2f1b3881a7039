package dev.penstock.config;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** A part of a policy file, as JSON and YAML both say it. Immutable. */
sealed interface Node {

  /** {@return where it stands} */
  Where where();

  /** {@return how a fault shows it} */
  String shown();

  /**
   * A value without parts.
   *
   * @param where where it stands
   * @param kind what it is
   * @param text as it is written, without quotes and escapes
   */
  record Scalar(Where where, Kind kind, String text) implements Node {

    @Override
    public String shown() {
      return switch (kind) {
        case TEXT -> Shown.quoted(text);
        case NUMBER, BOOLEAN -> Shown.plain(text);
        case NOTHING -> "nothing";
      };
    }
  }

  /** What a {@link Scalar} is, by how it is written. */
  enum Kind {
    /** A text. */
    TEXT,
    /** What is written as a number in any notation of its format, 017 and 1e3 included. */
    NUMBER,
    /** The words true and false. */
    BOOLEAN,
    /** Null, or nothing at all. */
    NOTHING
  }

  /**
   * Names with values.
   *
   * @param where where it begins
   * @param members each name once, in their order
   * @param isWhole whether none was refused
   */
  record Members(Where where, List<Member> members, boolean isWhole) implements Node {

    public Members {
      members = List.copyOf(members);
    }

    boolean isEmpty() {
      return members.isEmpty() && isWhole;
    }

    /** Returns the value of a member; null where it is absent. */
    @Nullable Node value(String name) {
      for (int i = 0; i < members.size(); i++) {
        if (members.get(i).name().equals(name)) {
          return members.get(i).value();
        }
      }
      return null;
    }

    @Override
    public String shown() {
      return "an object";
    }
  }

  /**
   * One of them.
   *
   * @param where where its name stands
   * @param name the name
   * @param value its value
   */
  record Member(Where where, String name, Node value) {}

  /**
   * Values in order.
   *
   * @param where where it begins
   * @param items the values
   */
  record Items(Where where, List<Node> items) implements Node {

    public Items {
      items = List.copyOf(items);
    }

    @Override
    public String shown() {
      return "a list";
    }
  }

  /**
   * What is a fault as it stands, and was told: nobody complains of it again.
   *
   * @param where where it stands
   */
  record Refused(Where where) implements Node {

    @Override
    public String shown() {
      return "what is refused";
    }
  }
}
