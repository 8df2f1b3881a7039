package dev.penstock.admin;

import dev.penstock.http.HeaderField;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** What an adapter is to write: data, and no decision left. Immutable and thread-safe. */
public final class AdminAnswer {

  /**
   * The page loads its own files and asks its own server, and nothing else; nothing becomes HTML or
   * script that was a text, no form is sent anywhere, and no other page may hold it.
   */
  private static final String CONTENT_SECURITY_POLICY =
      "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
          + "form-action 'none'; base-uri 'none'; frame-ancestors 'none'; "
          + "require-trusted-types-for 'script'";

  private static final List<HeaderField> OF_ALL =
      List.of(
          new HeaderField("Cache-Control", "no-store"),
          new HeaderField("X-Content-Type-Options", "nosniff"),
          new HeaderField("Content-Security-Policy", CONTENT_SECURITY_POLICY),
          new HeaderField("Referrer-Policy", "no-referrer"),
          new HeaderField("Cross-Origin-Resource-Policy", "same-origin"));

  private final int status;
  private final List<HeaderField> fields;
  private final byte[] content;

  private AdminAnswer(int status, List<HeaderField> fields, byte[] content) {
    this.status = status;
    this.fields = fields;
    this.content = content;
  }

  static AdminAnswer of(int status, String type, byte[] content, HeaderField... more) {
    List<HeaderField> fields = new ArrayList<>(OF_ALL);
    fields.add(new HeaderField("Content-Type", type));
    fields.addAll(List.of(more));
    return new AdminAnswer(status, List.copyOf(fields), content);
  }

  static AdminAnswer ofJson(JsonWriter json) {
    return of(200, "application/json", json.toString().getBytes(StandardCharsets.UTF_8));
  }

  /** {@return the status, 200 to 599} */
  public int status() {
    return status;
  }

  /** {@return the fields of the header, each name once; but the length} */
  public List<HeaderField> fields() {
    return fields;
  }

  /** {@return a copy of the content, not to be written in answer to {@code HEAD}} */
  public byte[] content() {
    return content.clone();
  }
}
