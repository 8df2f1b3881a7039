package dev.penstock.jwt;

import java.util.Locale;

/** Why a token is not valid, in the order in which it is found out: the later, the nearer. */
enum TokenFault {
  OTHER_SCHEME("The token stands behind another scheme than Bearer."),
  TOO_LONG("The token is too long."),
  MALFORMED("The token is not a signed JSON Web Token."),
  CLAIMS("The claims of the token are missing or malformed."),
  EXPIRED("The token is expired."),
  NOT_YET_VALID("The token is not valid yet."),
  ISSUER("The token is from another issuer."),
  AUDIENCE("The token is for another audience."),
  RESERVED_NAME("The token names a reserved user."),
  NO_WORKSPACE("The token names no workspace."),
  HEADER("The header of the token asks for what is not supported."),
  ALGORITHM("The token is signed by another algorithm than its key."),
  UNKNOWN_KEY("The token names a key that is not known."),
  CHECKS_EXHAUSTED("Too many wrong tokens came from here to check this one now."),
  SIGNATURE("The signature of the token is wrong.");

  private final String sentence;

  TokenFault(String sentence) {
    this.sentence = sentence;
  }

  /** {@return what a counter and a log line call it, such as {@code unknown_key}} */
  String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** {@return what the client is told} */
  String sentence() {
    return sentence;
  }
}
