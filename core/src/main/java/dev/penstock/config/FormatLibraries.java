package dev.penstock.config;

import dev.penstock.base.OptionalLibrary;

/** The optional dependencies that read the formats, apart from the classes that name theirs. */
final class FormatLibraries {

  private static final OptionalLibrary JACKSON =
      new OptionalLibrary(
          "com.fasterxml.jackson.core:jackson-core",
          "com.fasterxml.jackson.core",
          "com.fasterxml.jackson.core.JsonFactory",
          true,
          "2.17.0");

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
    JACKSON.require("A policy file in JSON");
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
