package dev.penstock.jwt;

import dev.penstock.base.OptionalLibrary;
import java.util.List;

/** The optional dependencies of this package. */
final class RequiredLibraries {

  private static final String JJWT = "0.13.0";
  private static final String JACKSON = "2.10.0";

  private static final List<OptionalLibrary> ALL =
      List.of(
          new OptionalLibrary(
              "io.jsonwebtoken:jjwt-api", "jjwt.api", "io.jsonwebtoken.Jwts", true, JJWT),
          new OptionalLibrary(
              "io.jsonwebtoken:jjwt-impl",
              "jjwt.impl",
              "io.jsonwebtoken.impl.DefaultJwtParserBuilder",
              false,
              JJWT),
          new OptionalLibrary(
              "com.fasterxml.jackson.core:jackson-core",
              "com.fasterxml.jackson.core",
              "com.fasterxml.jackson.core.JsonFactory",
              true,
              JACKSON),
          new OptionalLibrary(
              "com.fasterxml.jackson.core:jackson-databind",
              "com.fasterxml.jackson.databind",
              "com.fasterxml.jackson.databind.ObjectMapper",
              true,
              JACKSON));

  private RequiredLibraries() {}

  /**
   * Looks for every library.
   *
   * @throws IllegalStateException if one is missing or too old
   */
  static void requireAll() {
    ALL.forEach(library -> library.require("JwtIdentityResolver"));
  }
}
