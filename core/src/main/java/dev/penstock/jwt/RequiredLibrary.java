package dev.penstock.jwt;

/** The optional dependencies of this package, each told by one class of it. */
enum RequiredLibrary {
  JJWT_API("io.jsonwebtoken:jjwt-api", "io.jsonwebtoken.Jwts"),
  JJWT_IMPL("io.jsonwebtoken:jjwt-impl", "io.jsonwebtoken.impl.DefaultJwtParserBuilder"),
  JACKSON_CORE("com.fasterxml.jackson.core:jackson-core", "com.fasterxml.jackson.core.JsonFactory"),
  JACKSON_DATABIND(
      "com.fasterxml.jackson.core:jackson-databind", "com.fasterxml.jackson.databind.ObjectMapper");

  private final String coordinates;
  private final String className;

  RequiredLibrary(String coordinates, String className) {
    this.coordinates = coordinates;
    this.className = className;
  }

  /**
   * Looks for every library, so that a missing one is reported by name before a class that needs it
   * is linked.
   *
   * @throws IllegalStateException if one is missing
   */
  static void requireAll() {
    for (RequiredLibrary library : values()) {
      try {
        Class.forName(library.className, false, RequiredLibrary.class.getClassLoader());
      } catch (ClassNotFoundException e) {
        throw new IllegalStateException(
            "JwtIdentityResolver needs " + library.coordinates + " on the class path", e);
      }
    }
  }
}
