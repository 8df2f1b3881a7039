package dev.penstock.config;

import dev.penstock.base.UnitOfTime;
import dev.penstock.config.Node.Items;
import dev.penstock.config.Node.Kind;
import dev.penstock.config.Node.Member;
import dev.penstock.config.Node.Members;
import dev.penstock.config.Node.Refused;
import dev.penstock.config.Node.Scalar;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * An object of the file whose members are known, each asked for by its name and type. What is of
 * another type or has another name is a fault; an absent member is none. Ranges are for those to
 * judge who are given the values.
 */
final class Section {

  private static final Pattern WHOLE = Pattern.compile("-?(?:0|[1-9][0-9]{0,17})");
  private static final Pattern FRACTION =
      Pattern.compile("(?:0|[1-9][0-9]{0,8})(?:\\.[0-9]{1,9})?");
  private static final Pattern PERIOD = Pattern.compile("(0|[1-9][0-9]{0,17}) ?([A-Za-z]+)");
  private static final int MOST_DIGITS = 18;

  /**
   * A value, and where it stands.
   *
   * @param where where it stands
   * @param value the value
   */
  record Located<T>(Where where, T value) {}

  private final Members members;
  private final Faults faults;

  private Section(Members members, Faults faults) {
    this.members = members;
    this.faults = faults;
  }

  /** {@return the section, if it is an object} Its members have any of these names. */
  static Optional<Section> of(Node node, Faults faults, String... known) {
    Optional<Section> section = open(node, faults);
    section.ifPresent(each -> each.refuseUnknown(List.of(known)));
    return section;
  }

  /** {@return the members of an object whose names are the operator's} */
  static List<Member> named(Node node, Faults faults) {
    return open(node, faults).map(section -> section.members.members()).orElse(List.of());
  }

  private static Optional<Section> open(Node node, Faults faults) {
    if (node instanceof Members members) {
      return Optional.of(new Section(members, faults));
    }
    faults.mustBe("an object", node);
    return Optional.empty();
  }

  private void refuseUnknown(List<String> known) {
    for (Member member : members.members()) {
      if (!known.contains(member.name())) {
        faults.add(
            member.where(),
            "must be one of "
                + String.join(", ", known)
                + NearestName.hint(member.name(), known).map("; "::concat).orElse(""));
      }
    }
  }

  Where where() {
    return members.where();
  }

  /** {@return all that is written here, in one way} */
  String canonical() {
    return NodeJson.of(members);
  }

  boolean has(String name) {
    return members.value(name) != null;
  }

  /** {@return the names of these that are there} */
  List<String> present(String... names) {
    return Stream.of(names).filter(this::has).toList();
  }

  /** {@return the value of a member, whatever it is} */
  Optional<Node> node(String name) {
    return Optional.ofNullable(members.value(name));
  }

  /** {@return where the value of a member stands; where it is absent, the object} */
  Where where(String name) {
    Node value = members.value(name);
    return value == null ? members.where() : value.where();
  }

  Optional<String> text(String name) {
    return node(name).flatMap(node -> text(node, faults));
  }

  static Optional<String> text(Node node, Faults faults) {
    if (node instanceof Scalar scalar && scalar.kind() == Kind.TEXT) {
      return Optional.of(scalar.text());
    }
    boolean isWord = node instanceof Scalar scalar && scalar.kind() != Kind.NOTHING;
    faults.mustBe("a text", node, isWord ? "write \"" + ((Scalar) node).text() + '"' : "");
    return Optional.empty();
  }

  OptionalLong whole(String name) {
    return node(name).map(node -> whole(node, faults)).orElse(OptionalLong.empty());
  }

  static OptionalLong whole(Node node, Faults faults) {
    if (node instanceof Scalar scalar && scalar.kind() == Kind.NUMBER) {
      if (WHOLE.matcher(scalar.text()).matches()) {
        return OptionalLong.of(Long.parseLong(scalar.text()));
      }
    }
    faults.mustBe("a whole number in at most 18 digits", node, wholeHint(node));
    return OptionalLong.empty();
  }

  private static String wholeHint(Node node) {
    if (!(node instanceof Scalar scalar) || scalar.text().length() > MOST_DIGITS) {
      return "";
    }
    try {
      BigDecimal number = new BigDecimal(scalar.text().replace("_", ""));
      boolean isWhole = number.signum() == 0 || number.stripTrailingZeros().scale() <= 0;
      boolean isShort = (long) number.precision() - number.scale() <= MOST_DIGITS;
      return isWhole && isShort ? "write " + number.toBigInteger() : "";
    } catch (NumberFormatException e) {
      return "";
    }
  }

  Optional<Double> fraction(String name) {
    return node(name)
        .flatMap(
            node -> {
              if (node instanceof Scalar scalar
                  && scalar.kind() == Kind.NUMBER
                  && FRACTION.matcher(scalar.text()).matches()) {
                return Optional.of(Double.parseDouble(scalar.text()));
              }
              faults.mustBe("a number such as 0.5", node);
              return Optional.empty();
            });
  }

  /** {@return whether the member is there and true} */
  boolean isTrue(String name) {
    return node(name).filter(node -> isTrue(node, faults)).isPresent();
  }

  private static boolean isTrue(Node node, Faults faults) {
    if (node instanceof Scalar scalar && scalar.kind() == Kind.BOOLEAN) {
      return scalar.text().equals("true");
    }
    faults.mustBe("true or false", node);
    return false;
  }

  Optional<Duration> period(String name) {
    return node(name).flatMap(node -> period(node, faults));
  }

  private static Optional<Duration> period(Node node, Faults faults) {
    if (node instanceof Scalar scalar && scalar.kind() == Kind.TEXT) {
      Matcher written = PERIOD.matcher(scalar.text());
      if (written.matches()) {
        Optional<Duration> unit = UnitOfTime.named(written.group(2));
        try {
          Optional<Duration> period =
              unit.map(each -> each.multipliedBy(Long.parseLong(written.group(1))));
          if (period.isPresent()) {
            return period;
          }
        } catch (ArithmeticException e) {
          faults.mustBe("a shorter time", node);
          return Optional.empty();
        }
      }
    }
    faults.mustBe("a time such as 15 minutes, in " + UnitOfTime.NAMES, node);
    return Optional.empty();
  }

  /** {@return what a word of these stands for} */
  <T> Optional<T> choice(String name, Map<String, T> words) {
    return text(name)
        .flatMap(
            word -> {
              Optional<T> chosen = Optional.ofNullable(words.get(word));
              if (chosen.isEmpty()) {
                List<String> known = words.keySet().stream().sorted().toList();
                faults.add(
                    where(name),
                    "must be one of "
                        + String.join(", ", known)
                        + ": "
                        + Shown.quoted(word)
                        + NearestName.hint(word, known).map("; "::concat).orElse(""));
              }
              return chosen;
            });
  }

  /** {@return the texts of a list} */
  List<Located<String>> texts(String name) {
    return items(name, node -> text(node, faults).map(text -> new Located<>(node.where(), text)));
  }

  /** {@return what the items of a list are read as; none where there is no list} */
  <T> List<T> items(String name, Function<Node, Optional<T>> reader) {
    List<T> read = new ArrayList<>();
    node(name)
        .ifPresent(
            node -> {
              if (node instanceof Items list) {
                list.items().forEach(item -> reader.apply(item).ifPresent(read::add));
              } else if (!(node instanceof Refused)) {
                faults.mustBe("a list", node);
              }
            });
    return read;
  }

  /** {@return the members of a member whose names are the operator's; none where it is absent} */
  List<Member> members(String name) {
    return node(name).map(node -> named(node, faults)).orElse(List.of());
  }

  /** {@return the section of a member that has any of these members} */
  Optional<Section> section(String name, String... known) {
    return node(name).flatMap(node -> of(node, faults, known));
  }
}
