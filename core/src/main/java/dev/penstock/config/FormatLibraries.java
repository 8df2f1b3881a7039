package dev.penstock.config;

import dev.penstock.base.OptionalLibrary;

/** The optional dependencies that read the formats, apart from the classes that name theirs. */
final class FormatLibraries {

  private static final OptionalLibrary SNAKE_YAML =
      new OptionalLibrary(
          "org.yaml:snakeyaml",
          "org.yaml.snakeyaml",
          "org.yaml.snakeyaml.LoaderOptions",
          true,
          "2.0");

  private FormatLibraries() {}

  /**
   * Looks for what reads JSON.
   *
   * @throws IllegalStateException if it is missing or too old
   */
  static void requireJson() {
    OptionalLibrary.JACKSON_CORE.require("A policy file in JSON");
  }

  /**
   * Looks for what reads YAML.
   *
   * @throws IllegalStateException if it is missing or too old
   */
  static void requireYaml() {
    SNAKE_YAML.require("A policy file in YAML");
  }
}
