package dev.penstock.jwt;

/** Where the keys of today come from. */
interface TokenVerifiers {

  /** {@return the verifier by the keys of now: the same object as long as they stay the same} */
  TokenVerifier current();

  /** Is told that a token names a key that {@link #current} has not. */
  void keyMissing();

  /** {@return keys that never change} */
  static TokenVerifiers fixed(VerificationKeys keys) {
    TokenVerifier verifier = new TokenVerifier(keys);
    return new TokenVerifiers() {
      @Override
      public TokenVerifier current() {
        return verifier;
      }

      @Override
      public void keyMissing() {}
    };
  }
}
