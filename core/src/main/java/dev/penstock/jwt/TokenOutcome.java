package dev.penstock.jwt;

import dev.penstock.Identity;
import org.jspecify.annotations.Nullable;

/** What has become of a token. */
sealed interface TokenOutcome {

  /** It is valid. */
  record Verified(Identity identity) implements TokenOutcome {}

  /**
   * It is not.
   *
   * @param alg the algorithm that the header names, in the client's words; null where it was not
   *     read or names none
   */
  record Refused(TokenFault fault, @Nullable Object alg) implements TokenOutcome {

    static Refused unread(TokenFault fault) {
      return new Refused(fault, null);
    }

    /** {@return of both the one that came nearer to being valid} */
    Refused nearer(Refused other) {
      return other.fault.compareTo(fault) > 0 ? other : this;
    }
  }
}
