package dev.penstock.clients;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What a client's caller has in hand in the end, as the page writes it. */
final class Seen {

  private Seen() {}

  /** {@return the content of a success, or the status and the content} */
  static String response(int status, String content) {
    return status == 200 ? content : status + " " + content;
  }

  static String content(@Nullable String content) {
    return Objects.requireNonNull(content, "content");
  }

  static String exception(Exception e) {
    return e.getClass().getSimpleName() + ": " + e.getMessage();
  }
}
