package dev.penstock.config;

import static dev.penstock.base.JsonStrings.string;

import dev.penstock.config.Node.Items;
import dev.penstock.config.Node.Kind;
import dev.penstock.config.Node.Member;
import dev.penstock.config.Node.Members;
import dev.penstock.config.Node.Scalar;
import java.util.regex.Pattern;

/** Writes a part of a file as JSON, whatever its format: what a schema is held against. */
final class NodeJson {

  private static final Pattern NUMBER =
      Pattern.compile("-?(?:0|[1-9][0-9]*)(?:\\.[0-9]+)?(?:[eE][-+]?[0-9]+)?");

  private final StringBuilder json = new StringBuilder();

  private NodeJson() {}

  static String of(Node node) {
    NodeJson written = new NodeJson();
    written.write(node);
    return written.json.toString();
  }

  private void write(Node node) {
    if (node instanceof Members members) {
      String separator = "{";
      for (Member member : members.members()) {
        json.append(separator);
        string(json, member.name());
        json.append(':');
        write(member.value());
        separator = ",";
      }
      json.append(members.members().isEmpty() ? "{}" : "}");
    } else if (node instanceof Items list) {
      String separator = "[";
      for (Node item : list.items()) {
        json.append(separator);
        write(item);
        separator = ",";
      }
      json.append(list.items().isEmpty() ? "[]" : "]");
    } else if (node instanceof Scalar scalar
        && (scalar.kind() == Kind.TEXT || isOtherNumber(scalar))) {
      string(json, scalar.text());
    } else if (node instanceof Scalar scalar && scalar.kind() != Kind.NOTHING) {
      json.append(scalar.text());
    } else {
      json.append("null");
    }
  }

  /** YAML has notations of numbers that JSON has not. */
  private static boolean isOtherNumber(Scalar scalar) {
    return scalar.kind() == Kind.NUMBER && !NUMBER.matcher(scalar.text()).matches();
  }
}
