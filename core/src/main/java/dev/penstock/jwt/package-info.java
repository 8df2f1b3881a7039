/**
 * Whom a verified JSON Web Token names. Start with {@link dev.penstock.jwt.JwtIdentityResolver} and
 * its builder.
 *
 * <p>A request's way: {@code TokenSource} finds the tokens, {@code CookieTokens} and {@code
 * TokenScan} among the lines; {@code TokenUsers} knows many of them already ({@code
 * RememberedTokens}); {@code SignatureGate} says whether the sender may have one more checked;
 * {@code TokenVerifier} checks it by a {@code KeySource}'s {@code VerificationKey}; {@code
 * ClaimRules} makes an identity of the claims. What is refused is a {@code TokenFault}.
 *
 * <p>Settings: the builder collects keys in a {@code KeyChoice}, and what claims must be in a
 * {@code ClaimRulesBuilder}.
 *
 * <p>Keys: {@code KeySource} is a secret, a PEM text, a {@code JwkSet} of {@code Jwk}s in a file,
 * or {@code RemoteKeys}.
 *
 * <p>One word: the <em>sender</em> is the address that pays for tokens that turn out to be wrong.
 */
@NullMarked
package dev.penstock.jwt;

import org.jspecify.annotations.NullMarked;
