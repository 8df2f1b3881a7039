package dev.penstock.jwt;

import dev.penstock.Identity;
import dev.penstock.IdentityResolver;
import dev.penstock.http.ClientAddress;
import dev.penstock.http.RequestView;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;

/**
 * Finds the user that a request's JSON Web Token names: a verified user in the workspace of the
 * token.
 *
 * <p>Empty where a request carries no token, and where it carries one that is not valid; whoever
 * asks then charges the client's address, never a name that nobody has verified. A token is valid
 * if it is a signed one of at most 8192 characters in compact serialization (RFC 7519, RFC 7515),
 * is signed by the configured key with that key's one algorithm (HS256, RS256 or ES256), has an
 * {@code exp} that is not over, and agrees with what the {@link JwtIdentityResolverBuilder} asks
 * for. Its header must have none of {@code crit}, {@code cty}, {@code zip} and {@code b64}; keys
 * that a header offers are ignored. No name may stand twice in header or claims.
 *
 * <p>The user is the first of the claims {@code user_id} and {@code sub} that is there, in the
 * workspace of the claim {@code workspace_id}, as the token's {@code iss} names them where it has
 * one. Such a claim is a text of at most 256 characters without control characters, unpaired
 * surrogates and U+FFFD, taken as it is; {@code null} and blank texts count as absent, anything
 * else makes the token invalid. A user without a workspace is in none. A {@code sub} or user that
 * begins with {@code sa:}, {@code __scheduler__} or {@code __oauth__:} is an AgentOS service and no
 * user.
 *
 * <p>A token that was verified is remembered for a minute, never past {@code exp}; any other costs
 * one signature check if all else about it is right, about 4 us for HS256, 33 us for RS256 and 740
 * us for ES256. Behind {@link #orElse}, an address that sends wrong signatures has 30 of them
 * checked, and then one every two seconds; in the name of users who are known there another 30, ten
 * for each, and of users who are known elsewhere 20. Tokens that were verified before, and users
 * who were, still pass, with tokens of at most 2048 characters. Thread-safe, bounded in memory, and
 * never throws on what a client sends.
 *
 * <p>Needs {@code io.jsonwebtoken:jjwt-api}, {@code io.jsonwebtoken:jjwt-impl} and {@code
 * com.fasterxml.jackson.core:jackson-databind}, which are optional dependencies. An application on
 * the module path requires {@code jjwt.api} and {@code com.fasterxml.jackson.databind} itself, or
 * names them to {@code --add-modules}.
 *
 * <pre>{@code
 * IdentityResolver<RequestView> users =
 *     JwtIdentityResolver.builder()
 *         .jwks(URI.create("https://login.example.com/jwks.json"))
 *         .issuer("https://login.example.com/")
 *         .audience("agent-os")
 *         .build();
 * }</pre>
 */
public final class JwtIdentityResolver implements IdentityResolver<RequestView> {

  private static final ClientAddress PEER = ClientAddress.ofPeer();

  private final TokenSource source;
  private final TokenUsers users;
  private final LongAdder rejectedTokens = new LongAdder();

  JwtIdentityResolver(TokenSource source, TokenUsers users) {
    this.source = source;
    this.users = users;
  }

  /**
   * Returns a resolver of tokens that are signed with a shared secret, with all defaults.
   *
   * @param secret at least 32 bytes
   * @return the resolver
   * @throws IllegalArgumentException if the secret is too short or a PEM text
   * @throws IllegalStateException if a library is missing
   */
  public static JwtIdentityResolver hmac(byte[] secret) {
    return builder().hmac(secret).build();
  }

  /**
   * Returns a resolver of tokens that are signed with a shared secret, with all defaults.
   *
   * @param secret at least 32 bytes in UTF-8
   * @return the resolver
   * @throws IllegalArgumentException if the secret is too short or a PEM text
   * @throws IllegalStateException if a library is missing
   */
  public static JwtIdentityResolver hmac(String secret) {
    return builder().hmac(secret).build();
  }

  /**
   * Returns a resolver of tokens that are signed by one private key, with all defaults.
   *
   * @param pem the public key, as {@link JwtIdentityResolverBuilder#publicKey} takes it
   * @return the resolver
   * @throws IllegalArgumentException if the text is not such a key
   * @throws IllegalStateException if a library is missing
   */
  public static JwtIdentityResolver publicKey(String pem) {
    return builder().publicKey(pem).build();
  }

  /**
   * Returns a resolver of tokens that are signed by one of several private keys, with all defaults.
   *
   * @param file the public keys, as {@link JwtIdentityResolverBuilder#jwks(Path)} takes them
   * @return the resolver
   * @throws IllegalArgumentException if the file is not such a key set
   * @throws IllegalStateException if a library is missing
   */
  public static JwtIdentityResolver jwks(Path file) {
    return builder().jwks(file).build();
  }

  /**
   * {@return a builder without a key, and with the defaults for everything else}
   *
   * @throws IllegalStateException if a library is missing
   */
  public static JwtIdentityResolverBuilder builder() {
    RequiredLibraries.requireAll();
    return new JwtIdentityResolverBuilder();
  }

  /**
   * {@inheritDoc}
   *
   * <p>Without a limit on the signatures that a sender may have checked, since it is not known here
   * who is charged for a wrong one: that is what {@link #orElse} is told.
   */
  @Override
  public Optional<Identity> resolve(RequestView request) {
    Objects.requireNonNull(request, "request");
    return user(request, Optional::empty);
  }

  /**
   * Returns a resolver that charges another identity, as a rule the client's address, where a
   * request has no valid token; and that checks few signatures for one that sends wrong ones. An
   * address behind which many come should be the client's, not a proxy's: {@code
   * ClientAddress.trusting(...)}.
   *
   * @param next finds who is charged, once or twice for a request
   * @return both in order
   */
  @Override
  public IdentityResolver<RequestView> orElse(IdentityResolver<? super RequestView> next) {
    Objects.requireNonNull(next, "next");
    IdentityResolver<RequestView> limited =
        request -> user(request, () -> next.resolve(request).or(() -> PEER.resolve(request)));
    return new Chain(this, limited.orElse(next), next);
  }

  /** Tokens and who is charged without one; whoever is asked third is charged for tokens, too. */
  private record Chain(
      JwtIdentityResolver tokens,
      IdentityResolver<RequestView> both,
      IdentityResolver<? super RequestView> next)
      implements IdentityResolver<RequestView> {

    @Override
    public Optional<Identity> resolve(RequestView request) {
      return both.resolve(request);
    }

    @Override
    @SuppressWarnings("unchecked") // whoever resolves requests of a wider type resolves these
    public IdentityResolver<RequestView> orElse(IdentityResolver<? super RequestView> third) {
      return tokens.orElse(((IdentityResolver<RequestView>) next).orElse(third));
    }
  }

  /**
   * {@return how many requests carried a token that was not valid, or more than one token} A
   * request without a token is not counted, nor one whose {@code Authorization} has another scheme.
   */
  public long rejectedTokens() {
    return rejectedTokens.sum();
  }

  /** {@return how many signatures were checked, right and wrong: what tokens have cost} */
  public long signatureChecks() {
    return users.signatureChecks();
  }

  private Optional<Identity> user(RequestView request, Supplier<Optional<Identity>> payer) {
    List<String> tokens = source.tokens(request);
    if (tokens.isEmpty()) {
      return Optional.empty();
    }
    Optional<Identity> user =
        tokens.size() == 1 ? users.user(tokens.get(0), payer) : Optional.empty();
    if (user.isEmpty()) {
      rejectedTokens.increment();
    }
    return user;
  }
}
