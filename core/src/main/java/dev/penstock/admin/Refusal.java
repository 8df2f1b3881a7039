package dev.penstock.admin;

import dev.penstock.http.HeaderField;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/** Ends a request that is not carried out, with what to answer. */
final class Refusal extends RuntimeException {

  private static final long serialVersionUID = 1;
  private static final int MOST_SHOWN = 128;

  private final transient AdminAnswer answer;

  private Refusal(int status, String title, String detail, HeaderField... fields) {
    super(detail, null, false, false);
    JsonWriter problem =
        new JsonWriter()
            .begin()
            .member("title", title)
            .member("status", status)
            .member("detail", detail)
            .end();
    this.answer =
        AdminAnswer.of(
            status,
            "application/problem+json",
            problem.toString().getBytes(StandardCharsets.UTF_8),
            fields);
  }

  AdminAnswer answer() {
    return answer;
  }

  static Refusal bad(String detail) {
    return new Refusal(400, "Bad Request", detail);
  }

  /** Of a value that was sent. */
  static Refusal bad(String constraint, String value) {
    String shown =
        value.length() <= MOST_SHOWN
            ? '"' + value + '"'
            : "a text of " + value.length() + " characters";
    return bad(constraint + ": " + shown);
  }

  static Refusal unauthorized(String detail) {
    return new Refusal(
        401,
        "Unauthorized",
        detail,
        new HeaderField("WWW-Authenticate", "Bearer realm=\"penstock-admin\""));
  }

  static Refusal foreignOrigin() {
    return new Refusal(403, "Forbidden", "Origin must be that of this page");
  }

  static Refusal notFound(String detail) {
    return new Refusal(404, "Not Found", detail);
  }

  static Refusal methodNotAllowed(String allowed) {
    return new Refusal(
        405,
        "Method Not Allowed",
        "method must be " + allowed.replace(", ", " or "),
        new HeaderField("Allow", allowed));
  }

  static Refusal tooLarge(int mostBytes) {
    return new Refusal(413, "Content Too Large", "content must be at most " + mostBytes + " bytes");
  }

  static Refusal notJson() {
    return new Refusal(
        415, "Unsupported Media Type", "Content-Type must stand once, and be application/json");
  }

  static Refusal tooManyWrong(Duration retryAfter) {
    long seconds = Math.max(1, retryAfter.plusNanos(999_999_999).toSeconds());
    return new Refusal(
        429,
        "Too Many Requests",
        "too many wrong tokens came from this address: retry in " + seconds + " s",
        new HeaderField("Retry-After", Long.toString(seconds)));
  }

  static Refusal failed() {
    return new Refusal(500, "Internal Server Error", "it failed: the log says why");
  }
}
