package dev.penstock.config;

import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** Finds what does not stand in the file: {@code env:NAME} and {@code file:PATH}. */
final class Reference {

  static final String ENVIRONMENT = "env:";
  static final String FILE = "file:";

  private static final Pattern VARIABLE = Pattern.compile("[A-Za-z_][A-Za-z0-9_]{0,127}");
  private static final int MOST_BYTES = 256 * 1024;

  private final Path file;
  private final Map<String, String> environment;
  private final Faults faults;

  /**
   * Makes a finder.
   *
   * @param file the policy file, beside which relative paths begin
   * @param environment what {@code env:} names
   */
  Reference(Path file, Map<String, String> environment, Faults faults) {
    this.file = file;
    this.environment = environment;
    this.faults = faults;
  }

  /** {@return what a reference names} The text itself is never told: it may be a secret. */
  Optional<String> value(Section section, String name) {
    return section.node(name).flatMap(this::value);
  }

  /** {@return what a node refers to} */
  Optional<String> value(Node node) {
    String text =
        node instanceof Node.Scalar scalar && scalar.kind() == Node.Kind.TEXT ? scalar.text() : "";
    if (text.startsWith(ENVIRONMENT)) {
      String name = text.substring(ENVIRONMENT.length());
      return VARIABLE.matcher(name).matches()
          ? ofEnvironment(name, node.where())
          : refused(node.where());
    }
    return text.startsWith(FILE)
        ? ofFile(text.substring(FILE.length()), node.where())
        : refused(node.where());
  }

  private Optional<String> refused(Where where) {
    faults.add(
        where,
        "must be a reference, env:NAME or file:PATH: a secret itself has no place here, and is not"
            + " shown");
    return Optional.empty();
  }

  private Optional<String> ofEnvironment(String name, Where where) {
    Optional<String> value =
        Optional.ofNullable(environment.get(name)).filter(text -> !text.isEmpty());
    if (value.isEmpty()) {
      faults.add(where, "must name a variable of the environment that is set: " + name);
    }
    return value;
  }

  private Optional<String> ofFile(String path, Where where) {
    return path(path, where)
        .flatMap(file -> faults.attempt(where, () -> FileContent.read(file, MOST_BYTES)))
        .map(content -> new String(content, StandardCharsets.UTF_8).stripTrailing());
  }

  /** {@return where a file is} */
  Optional<Path> path(String path, Where where) {
    try {
      if (!path.isBlank()) {
        return Optional.of(file.resolveSibling(path));
      }
    } catch (InvalidPathException e) {
      faults.add(where, "must be the path of a file: " + e.getReason());
      return Optional.empty();
    }
    faults.add(where, "must have a path behind file:");
    return Optional.empty();
  }
}
