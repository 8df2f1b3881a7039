package dev.penstock.admin;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * The files of the page. Whoever asks may have them: they hold no data, they are in every copy of
 * the library, and a browser that loads them has no token to send yet.
 */
final class PageFiles {

  private static final String SCRIPT = "text/javascript; charset=utf-8";

  private static final Map<String, AdminAnswer> BY_NAME =
      Map.of(
          "", file("admin.html", "text/html; charset=utf-8"),
          "admin.css", file("admin.css", "text/css; charset=utf-8"),
          "admin.js", file("admin.js", SCRIPT),
          "server.js", file("server.js", SCRIPT),
          "chart.js", file("chart.js", SCRIPT),
          "tables.js", file("tables.js", SCRIPT),
          "identity.js", file("identity.js", SCRIPT));

  private PageFiles() {}

  /** {@return the file of this name; the page itself where the name is empty} */
  static Optional<AdminAnswer> named(String name) {
    return Optional.ofNullable(BY_NAME.get(name));
  }

  private static AdminAnswer file(String name, String type) {
    try (InputStream in = PageFiles.class.getResourceAsStream(name)) {
      return AdminAnswer.of(200, type, Objects.requireNonNull(in, name).readAllBytes());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
