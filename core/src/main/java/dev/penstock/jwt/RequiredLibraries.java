package dev.penstock.jwt;

import dev.penstock.RequiredLibrary;
import java.util.List;

/** The optional dependencies of this package. */
final class RequiredLibraries {

  private static final String JJWT = "0.13.0";
  private static final String JACKSON = "2.10.0";

  private static final List<RequiredLibrary> ALL =
      List.of(
          new RequiredLibrary("io.jsonwebtoken:jjwt-api", "io.jsonwebtoken.Jwts", JJWT),
          new RequiredLibrary(
              "io.jsonwebtoken:jjwt-impl", "io.jsonwebtoken.impl.DefaultJwtParserBuilder", JJWT),
          new RequiredLibrary(
              "com.fasterxml.jackson.core:jackson-core",
              "com.fasterxml.jackson.core.JsonFactory",
              JACKSON),
          new RequiredLibrary(
              "com.fasterxml.jackson.core:jackson-databind",
              "com.fasterxml.jackson.databind.ObjectMapper",
              JACKSON));

  private RequiredLibraries() {}

  /**
   * Looks for every library.
   *
   * @throws IllegalStateException if one is missing or too old
   */
  static void requireAll() {
    ALL.forEach(library -> library.requireFor("JwtIdentityResolver"));
  }
}
