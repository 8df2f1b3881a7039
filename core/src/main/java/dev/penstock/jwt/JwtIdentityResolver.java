package dev.penstock.jwt;

import dev.penstock.Identity;
import dev.penstock.IdentityResolver;
import dev.penstock.http.RequestView;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * Finds the user that a request's JSON Web Token names: a verified user in the workspace of the
 * token.
 *
 * <p>Empty where a request carries no token, and where it carries one that is not valid; whoever
 * asks then charges the client's address, never a name that nobody has verified. A token is valid
 * if it is a signed one of at most 8192 characters in compact serialization (RFC 7519, RFC 7515),
 * is signed by the configured key with that key's one algorithm (HS256, RS256 or ES256), has an
 * {@code exp} that is not over, and agrees with what the {@link Builder} asks for. Its header must
 * have none of {@code crit}, {@code cty}, {@code zip} and {@code b64}; keys that a header offers
 * are ignored. No name may stand twice in header or claims.
 *
 * <p>The user is the first of the claims {@code user_id} and {@code sub} that is there, in the
 * workspace of the claim {@code workspace_id}, as the token's {@code iss} names them where it has
 * one. Such a claim is a text of at most 256 characters without control characters, unpaired
 * surrogates and U+FFFD, taken as it is; {@code null} and blank texts count as absent, anything
 * else makes the token invalid. A user without a workspace is in none. A {@code sub} or user that
 * begins with {@code sa:}, {@code __scheduler__} or {@code __oauth__:} is an AgentOS service and no
 * user.
 *
 * <p>Immutable but for its counter, and thread-safe. Never throws on what a client sends. Costs one
 * signature check for each token that is well-formed and names a known key, about 4 us for HS256,
 * 33 us for RS256 and 740 us for ES256.
 *
 * <p>Needs {@code io.jsonwebtoken:jjwt-api}, {@code io.jsonwebtoken:jjwt-impl} and {@code
 * com.fasterxml.jackson.core:jackson-databind}, which are optional dependencies. An application on
 * the module path requires {@code jjwt.api} and {@code com.fasterxml.jackson.databind} itself.
 *
 * <pre>{@code
 * IdentityResolver<RequestView> users =
 *     JwtIdentityResolver.builder()
 *         .jwks(Path.of("/etc/penstock/jwks.json"))
 *         .issuer("https://login.example.com/")
 *         .audience("agent-os")
 *         .build();
 * }</pre>
 */
public final class JwtIdentityResolver implements IdentityResolver<RequestView> {

  private final TokenSource source;
  private final TokenVerifier verifier;
  private final ClaimRules rules;
  private final InstantSource clock;
  private final LongAdder rejectedTokens = new LongAdder();

  private JwtIdentityResolver(
      TokenSource source, TokenVerifier verifier, ClaimRules rules, InstantSource clock) {
    this.source = source;
    this.verifier = verifier;
    this.rules = rules;
    this.clock = clock;
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
   * @param pem the public key, as {@link Builder#publicKey} takes it
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
   * @param file the public keys, as {@link Builder#jwks} takes them
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
  public static Builder builder() {
    RequiredLibrary.requireAll();
    return new Builder();
  }

  @Override
  public Optional<Identity> resolve(RequestView request) {
    List<String> tokens = source.tokens(Objects.requireNonNull(request, "request"));
    if (tokens.isEmpty()) {
      return Optional.empty();
    }
    Optional<Identity> identity = tokens.size() == 1 ? verify(tokens.get(0)) : Optional.empty();
    if (identity.isEmpty()) {
      rejectedTokens.increment();
    }
    return identity;
  }

  /**
   * {@return how many requests carried a token that was not valid, or more than one token} A
   * request without a token is not counted, nor one whose {@code Authorization} has another scheme.
   */
  public long rejectedTokens() {
    return rejectedTokens.sum();
  }

  private Optional<Identity> verify(String token) {
    if (!TokenForm.isCompactJws(token)) {
      return Optional.empty();
    }
    Instant now = clock.instant();
    try {
      return rules.identity(verifier.claims(token), now);
    } catch (RuntimeException e) {
      // jjwt, Jackson and the security providers each refuse in their own ways. All mean one thing.
      return Optional.empty();
    }
  }

  /**
   * Builds a {@link JwtIdentityResolver}. Takes exactly one of {@link #hmac(byte[])}, {@link
   * #hmac(String)}, {@link #publicKey} and {@link #jwks}. For one thread.
   */
  public static final class Builder {

    private static final Duration MAX_CLOCK_SKEW = Duration.ofMinutes(5);

    private @Nullable VerificationKeys keys;
    private @Nullable String issuer;
    private @Nullable String audience;
    private Duration clockSkew = Duration.ofSeconds(10);
    private InstantSource clock = Clock.systemUTC();
    private String workspaceClaim = "workspace_id";
    private List<String> userClaims = List.of("user_id", "sub");
    private @Nullable String cookie;
    private boolean bareToken;

    private Builder() {}

    /**
     * Verifies tokens by HS256 with a shared secret, whatever their {@code kid}.
     *
     * @param secret at least 32 bytes (RFC 7518, section 3.2); copied
     * @return this
     * @throws IllegalArgumentException if the secret is too short, or a PEM text: a public key that
     *     is taken for a secret lets everyone sign
     * @throws IllegalStateException if there is a key already
     */
    public Builder hmac(byte[] secret) {
      Objects.requireNonNull(secret, "secret");
      return keys(VerificationKeys.unnamed(VerificationKey.hmac(secret)));
    }

    /**
     * Verifies tokens by HS256 with a shared secret, whatever their {@code kid}.
     *
     * @param secret at least 32 bytes in UTF-8, as {@link #hmac(byte[])} takes them
     * @return this
     * @throws IllegalArgumentException if the secret is too short or a PEM text
     * @throws IllegalStateException if there is a key already
     */
    public Builder hmac(String secret) {
      Objects.requireNonNull(secret, "secret");
      return hmac(secret.getBytes(StandardCharsets.UTF_8));
    }

    /**
     * Verifies tokens with one public key, whatever their {@code kid}: by RS256 with an RSA key, by
     * ES256 with an EC key.
     *
     * @param pem one {@code PUBLIC KEY} block (RFC 7468, section 13): RSA of at least 2048 bits, or
     *     EC on the curve P-256
     * @return this
     * @throws IllegalArgumentException if the text is anything else
     * @throws IllegalStateException if there is a key already
     */
    public Builder publicKey(String pem) {
      Objects.requireNonNull(pem, "pem");
      return keys(VerificationKeys.unnamed(Pem.publicKey(pem)));
    }

    /**
     * Verifies tokens with the public keys of a file, which is read now and not again.
     *
     * <p>A token is verified with the key whose {@code kid} is exactly its own. Keys that are not
     * for RS256 or ES256 signatures are passed over. If one key is left and has no {@code kid}, it
     * verifies tokens whatever theirs is.
     *
     * @param file a JSON Web Key Set (RFC 7517, section 5) in UTF-8
     * @return this
     * @throws IllegalArgumentException if the file cannot be read, is not a key set, holds a
     *     symmetric or private key, holds a key that is malformed or has too few bits, holds two
     *     keys of one {@code kid} or one without among several, or holds no key to use; the message
     *     names the file and the place, and nothing of a key
     * @throws IllegalStateException if there is a key already
     */
    public Builder jwks(Path file) {
      Objects.requireNonNull(file, "file");
      return keys(JwkSet.read(file));
    }

    /**
     * Asks for an issuer. By default there may be any or none.
     *
     * @param issuer what {@code iss} must be, to the letter; 1 to 256 characters, not blank
     * @return this
     * @throws IllegalArgumentException if no valid token can have this issuer
     */
    public Builder issuer(String issuer) {
      this.issuer = requireName("issuer", issuer);
      return this;
    }

    /**
     * Asks for an audience. By default there may be any or none.
     *
     * @param audience what {@code aud} must be or contain, to the letter; 1 to 256 characters, not
     *     blank
     * @return this
     * @throws IllegalArgumentException if the text is blank, too long or not clean
     */
    public Builder audience(String audience) {
      this.audience = requireName("audience", audience);
      return this;
    }

    /**
     * Sets how far the issuer's clock and this one may be apart. By default 10 seconds.
     *
     * @param clockSkew how long a token is taken after {@code exp} and before {@code nbf}, 0 to 5
     *     minutes
     * @return this
     * @throws IllegalArgumentException if the duration is out of range
     */
    public Builder clockSkew(Duration clockSkew) {
      Objects.requireNonNull(clockSkew, "clockSkew");
      if (clockSkew.isNegative() || clockSkew.compareTo(MAX_CLOCK_SKEW) > 0) {
        throw new IllegalArgumentException("clockSkew must be 0 to 5 minutes: " + clockSkew);
      }
      this.clockSkew = clockSkew;
      return this;
    }

    /**
     * Sets the clock that tokens are held against. By default the system's.
     *
     * @param clock the time of day, thread-safe
     * @return this
     */
    public Builder clock(InstantSource clock) {
      this.clock = Objects.requireNonNull(clock, "clock");
      return this;
    }

    /**
     * Sets the claim that names the workspace. By default {@code workspace_id}.
     *
     * @param workspaceClaim the name of the claim, 1 to 256 characters, not blank
     * @return this
     * @throws IllegalArgumentException if the name is blank, too long or not clean
     */
    public Builder workspaceClaim(String workspaceClaim) {
      this.workspaceClaim = requireName("workspaceClaim", workspaceClaim);
      return this;
    }

    /**
     * Sets the claims that name the user; the first that is there counts. By default {@code
     * user_id}, then {@code sub}.
     *
     * @param userClaims the names of one or more claims, each 1 to 256 characters, not blank
     * @return this
     * @throws IllegalArgumentException if there is no name, or one is blank, too long or not clean
     */
    public Builder userClaims(String... userClaims) {
      Objects.requireNonNull(userClaims, "userClaims");
      if (userClaims.length == 0) {
        throw new IllegalArgumentException("userClaims must have at least one name");
      }
      for (String userClaim : userClaims) {
        requireName("userClaims", userClaim);
      }
      this.userClaims = List.of(userClaims);
      return this;
    }

    /**
     * Looks for a token in a cookie where {@code Authorization} has none. By default no cookie is
     * looked at. AgentOS calls its own {@code access_token}.
     *
     * @param name the name of the cookie, in its case: letters, digits and {@code !#$%&'*+-.^_`|~}
     *     (RFC 6265, section 4.1.1)
     * @return this
     * @throws IllegalArgumentException if no cookie can have this name
     */
    public Builder cookie(String name) {
      Objects.requireNonNull(name, "name");
      if (!TokenSource.isCookieName(name)) {
        throw new IllegalArgumentException(
            "name must be a cookie name (RFC 6265, section 4.1.1): \"" + name + '"');
      }
      this.cookie = name;
      return this;
    }

    /**
     * Takes a value of {@code Authorization} that is one word for a token without its scheme, as
     * AgentOS does. By default such a value is no token.
     *
     * @return this
     */
    public Builder bareToken() {
      this.bareToken = true;
      return this;
    }

    /**
     * {@return the resolver}
     *
     * @throws IllegalStateException if there is no key
     */
    public JwtIdentityResolver build() {
      if (keys == null) {
        throw new IllegalStateException("JwtIdentityResolver needs hmac, publicKey or jwks");
      }
      return new JwtIdentityResolver(
          new TokenSource(cookie, bareToken),
          new TokenVerifier(keys),
          new ClaimRules(issuer, audience, clockSkew, workspaceClaim, userClaims),
          clock);
    }

    private Builder keys(VerificationKeys given) {
      if (keys != null) {
        throw new IllegalStateException(
            "JwtIdentityResolver takes one of hmac, publicKey and jwks, once");
      }
      keys = given;
      return this;
    }

    private static String requireName(String parameter, String value) {
      Objects.requireNonNull(value, parameter);
      if (value.isBlank() || !ClaimRules.isText(value)) {
        throw new IllegalArgumentException(
            parameter
                + " must be 1 to "
                + ClaimRules.MAX_NAME_LENGTH
                + " characters, not blank, without control characters");
      }
      return value;
    }
  }
}
