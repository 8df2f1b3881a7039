package dev.penstock;

import java.util.Objects;

/**
 * Says that a request proves whom it is from, but wrongly, and is to be rejected for that. Thrown
 * by an {@link IdentityResolver} of bearer tokens that was told to; no other resolver is asked then
 * and nobody is charged. The HTTP gate answers 401.
 *
 * <p>Has no stack trace: it is an answer, and clients can have it made at any rate.
 */
public final class UnverifiedIdentityException extends RuntimeException {

  private static final long serialVersionUID = 1;

  private static final int MAX_LENGTH = 200;

  /** Why, in words of our own: nothing that a client has sent. */
  private final String reason;

  /**
   * Says why.
   *
   * @param reason a sentence for the client; 1 to 200 characters of printable ASCII without quotes
   *     and backslashes (RFC 6750, section 3)
   * @throws IllegalArgumentException if the reason is anything else
   */
  public UnverifiedIdentityException(String reason) {
    super(reason, null, false, false);
    Objects.requireNonNull(reason, "reason");
    if (reason.isEmpty()
        || reason.length() > MAX_LENGTH
        || !reason.chars().allMatch(UnverifiedIdentityException::isTold)) {
      throw new IllegalArgumentException(
          "reason must be 1 to "
              + MAX_LENGTH
              + " characters of printable ASCII without quotes and backslashes: "
              + reason.length());
    }
    this.reason = reason;
  }

  /** {@return why, as a sentence for the client} */
  public String reason() {
    return reason;
  }

  private static boolean isTold(int c) {
    return c >= 0x20 && c < 0x7F && c != '"' && c != '\\';
  }
}
