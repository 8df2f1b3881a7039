package dev.penstock.clients;

import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
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

  /** {@return what an asynchronous call comes to} */
  static String future(CompletableFuture<String> seen) throws Exception {
    try {
      return seen.join();
    } catch (CompletionException e) {
      throw e.getCause() instanceof Exception cause ? cause : e;
    }
  }

  static String exception(Exception e) {
    return e.getClass().getSimpleName() + ": " + e.getMessage();
  }
}
