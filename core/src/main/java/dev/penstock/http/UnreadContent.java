package dev.penstock.http;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * What an adapter has to do with the content of a request that it rejects, so that neither the
 * content is taken for the next request on the connection nor a client that withholds it keeps a
 * thread (RFC 9112 sections 9.3 and 9.6). For HTTP/1.1: later versions frame each request.
 */
public enum UnreadContent {

  /** There is none: nothing to do. */
  NONE,

  /**
   * At most {@value #MAX_SMALL} bytes, of a known number: read and discard it, so that the
   * connection serves the next request. Where it is not there within {@link #DEADLINE}, the answer
   * may go out with {@code Connection: close}, and what is left is read after it, as for {@link
   * #LARGE}.
   */
  SMALL,

  /**
   * More, or of an unknown number: answer with {@code Connection: close}, read and discard as much
   * as the {@link Patience} says, and close.
   */
  LARGE,

  /**
   * Held back until the server asks for it ({@code Expect: 100-continue}): answer with {@code
   * Connection: close}, and do not read, since many servers ask for content when somebody reads.
   */
  HELD_BACK;

  /** How much content is read so that the connection serves the next request, in bytes. */
  public static final int MAX_SMALL = 64 * 1024;

  /** How long the answer to a rejected request may take, or wait for content. */
  public static final Duration DEADLINE = Duration.ofMillis(250);

  private static final Pattern LENGTH = Pattern.compile("[0-9]{1,18}");

  /**
   * Looks at the fields of a request.
   *
   * @param request the request
   * @return what is to be done; as much as for {@link #LARGE} where the fields contradict each
   *     other
   */
  public static UnreadContent of(RequestView request) {
    UnreadContent announced = announced(request);
    return announced != NONE && awaitsContinue(request) ? HELD_BACK : announced;
  }

  private static UnreadContent announced(RequestView request) {
    List<String> lengths = request.headerLines("Content-Length");
    if (!request.headerLines("Transfer-Encoding").isEmpty() || lengths.size() > 1) {
      return LARGE;
    }
    if (lengths.isEmpty()) {
      return NONE;
    }
    String length = lengths.get(0).strip();
    if (!LENGTH.matcher(length).matches()) {
      return LARGE;
    }
    long bytes = Long.parseLong(length);
    if (bytes == 0) {
      return NONE;
    }
    return bytes > MAX_SMALL ? LARGE : SMALL;
  }

  private static boolean awaitsContinue(RequestView request) {
    return request.headerLines("Expect").stream()
        .anyMatch(expected -> expected.toLowerCase(Locale.ROOT).contains("100-continue"));
  }
}
