package dev.penstock.jwt;

/** What becomes of a request that carries tokens of which none is valid. */
public enum InvalidTokenMode {

  /**
   * It is charged to whoever is asked next, as a rule the client's address, as one without a token
   * is. A client whose token the application accepts and Penstock does not has a budget at each of
   * its addresses: {@link JwtIdentityResolver#rejectedTokensByReason} says whether there are such.
   */
  CHARGE_ADDRESS,

  /**
   * It is answered with 401, {@code WWW-Authenticate: Bearer error="invalid_token"} (RFC 6750,
   * section 3) and problem details that say why. So is a valid token that is not checked since its
   * sender had too many wrong ones checked; nobody is charged.
   */
  REJECT
}
