package dev.penstock.jwt;

import dev.penstock.http.ClientAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.LongSupplier;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * Collects the parts of a {@link JwtIdentityResolver}: exactly one of {@link #hmac(byte[])}, {@link
 * #hmac(String)}, {@link #publicKey}, {@link #jwks(Path)}, {@link #jwks(URI)}, {@link #jwks(URI,
 * SSLContext)} and {@link #jwksWithoutTls}. Not thread-safe.
 */
public final class JwtIdentityResolverBuilder {

  private final KeyChoice keys = new KeyChoice();
  private final ClaimRulesBuilder claims = new ClaimRulesBuilder();
  private InstantSource clock = Clock.systemUTC();
  private LongSupplier nanoClock = System::nanoTime;
  private @Nullable String cookie;
  private boolean bareToken;
  private ClientAddress senders = JwtIdentityResolver.PEER;
  private InvalidTokenMode invalidTokens = InvalidTokenMode.CHARGE_ADDRESS;

  JwtIdentityResolverBuilder() {}

  /**
   * Verifies tokens by HS256 with a shared secret, whatever their {@code kid}.
   *
   * @param secret at least 32 bytes (RFC 7518, section 3.2); copied
   * @return this builder
   * @throws IllegalArgumentException if the secret is too short, or a PEM text: a public key that
   *     is taken for a secret lets everyone sign
   * @throws IllegalStateException if there is a key already
   */
  public JwtIdentityResolverBuilder hmac(byte[] secret) {
    Objects.requireNonNull(secret, "secret");
    return keys(KeySource.secret(secret));
  }

  /**
   * Verifies tokens by HS256 with a shared secret, whatever their {@code kid}.
   *
   * @param secret at least 32 bytes in UTF-8, as {@link #hmac(byte[])} takes them
   * @return this builder
   * @throws IllegalArgumentException if the secret is too short or a PEM text
   * @throws IllegalStateException if there is a key already
   */
  public JwtIdentityResolverBuilder hmac(String secret) {
    Objects.requireNonNull(secret, "secret");
    return hmac(secret.getBytes(StandardCharsets.UTF_8));
  }

  /**
   * Verifies tokens with one public key, whatever their {@code kid}: by RS256 with an RSA key, by
   * ES256, ES384 or ES512 with an EC key, as its curve has it, by EdDSA with an Ed25519 or Ed448
   * key; {@link #algorithm} names another.
   *
   * @param pem one {@code PUBLIC KEY} block (RFC 7468, section 13): RSA of at least 2048 bits, EC
   *     on the curve P-256, P-384 or P-521, or Ed25519 or Ed448
   * @return this builder
   * @throws IllegalArgumentException if the text is anything else
   * @throws IllegalStateException if there is a key already
   */
  public JwtIdentityResolverBuilder publicKey(String pem) {
    Objects.requireNonNull(pem, "pem");
    return keys(KeySource.pem(pem));
  }

  /**
   * Verifies tokens with the public keys of a file, which is read now and not again.
   *
   * <p>A token is verified with the key whose {@code kid} is exactly its own, by the algorithm that
   * the key's {@code alg} names, or else by what {@link #publicKey} says. Keys that cannot be used
   * are ignored (RFC 7517, section 5), and a line of the system logger {@code
   * dev.penstock.jwt.JwtIdentityResolver} says which, and why: such as have another {@code use},
   * are of another type or algorithm, too short, incomplete, symmetric or private; of two for one
   * {@code kid} and algorithm the second; and such as have no {@code kid}, where others have one.
   * If no key has one, tokens are verified whatever theirs is.
   *
   * @param file a JSON Web Key Set (RFC 7517, section 5) in UTF-8
   * @return this builder
   * @throws IllegalArgumentException if the file cannot be read, is not a key set, or holds no key
   *     to use; the message names the file and what is wrong, and nothing of a key
   * @throws IllegalStateException if there is a key already
   */
  public JwtIdentityResolverBuilder jwks(Path file) {
    Objects.requireNonNull(file, "file");
    return keys(KeySource.file(file));
  }

  /**
   * Verifies tokens with the public keys at a URL, which are fetched by {@link #build}, and then in
   * the background: every five minutes as long as tokens come, and for a key that is missing at
   * most once a minute.
   *
   * <p>The keys are as {@link #jwks(Path)} takes them. Where they cannot be fetched or read, or
   * none can be used, also the first time, one line of the system logger {@code
   * dev.penstock.jwt.JwtIdentityResolver} says which, those from before stay, and it is tried again
   * after a minute; as long as there are none from before, after 1, 2, 4 seconds and so on up to a
   * minute. Another line says when it went well again. Until a new key is fetched, the tokens that
   * name it are not valid. A request never waits for any of this.
   *
   * @param url a JSON Web Key Set of at most 256 KB: https, or http to {@code localhost}, {@code
   *     127.0.0.1} or {@code [::1]}; no redirect is followed
   * @return this builder
   * @throws IllegalArgumentException if the URL is another, or names a user
   * @throws IllegalStateException if there is a key already
   */
  public JwtIdentityResolverBuilder jwks(URI url) {
    Objects.requireNonNull(url, "url");
    return keys(KeySource.url(new KeyUrl(url, null)));
  }

  /**
   * Verifies tokens with the public keys at a URL, as {@link #jwks(URI)} does, of a server whose
   * certificate a CA of one's own has signed.
   *
   * @param url as {@link #jwks(URI)} takes it; http takes no notice of {@code tls}
   * @param tls says which certificates are trusted, and who this client is if the server asks;
   *     without it that is the JVM's default ({@code javax.net.ssl.trustStore}). The certificate
   *     must be for the URL's host all the same.
   * @return this builder
   * @throws IllegalArgumentException if the URL is another, or names a user
   * @throws IllegalStateException if there is a key already
   */
  public JwtIdentityResolverBuilder jwks(URI url, SSLContext tls) {
    Objects.requireNonNull(url, "url");
    Objects.requireNonNull(tls, "tls");
    return keys(KeySource.url(new KeyUrl(url, tls)));
  }

  /**
   * Verifies tokens with the public keys at a URL without TLS, as {@link #jwks(URI)} does, for
   * development: whoever is on the way can put keys of their own in their place, and then sign for
   * everyone. A line of the system logger {@code dev.penstock.jwt.JwtIdentityResolver} says so.
   *
   * @param url http to a host of this machine or a private network, by address or by name: {@code
   *     127.0.0.0/8}, {@code ::1}, {@code 10.0.0.0/8}, {@code 172.16.0.0/12}, {@code
   *     192.168.0.0/16} or {@code fc00::/7}. A name is looked up before each fetch, and nothing is
   *     fetched while it has any other address.
   * @return this builder
   * @throws IllegalArgumentException if the URL is another, or names a user
   * @throws IllegalStateException if there is a key already
   */
  public JwtIdentityResolverBuilder jwksWithoutTls(URI url) {
    Objects.requireNonNull(url, "url");
    keys.withoutTls(url);
    return this;
  }

  /**
   * Says what keys verify that do not say it themselves: a secret, a PEM text, and those keys of a
   * set that are without {@code alg} and of a type for this algorithm. By default HS256 for a
   * secret, and for others what {@link #publicKey} says. A key never verifies more than one.
   *
   * @param name {@code HS256}, {@code RS256}, {@code RS384}, {@code RS512}, {@code PS256}, {@code
   *     PS384}, {@code PS512}, {@code ES256}, {@code ES384}, {@code ES512} or {@code EdDSA} (RFC
   *     7518, section 3.1 and RFC 8037, section 3.1)
   * @return this builder
   * @throws IllegalArgumentException if it is none of these
   */
  public JwtIdentityResolverBuilder algorithm(String name) {
    Objects.requireNonNull(name, "name");
    keys.algorithm(name);
    return this;
  }

  /**
   * Asks for an issuer. By default there may be any or none.
   *
   * @param issuer what {@code iss} must be, to the letter; 1 to 256 characters, not blank
   * @return this builder
   * @throws IllegalArgumentException if no valid token can have this issuer
   */
  public JwtIdentityResolverBuilder issuer(String issuer) {
    claims.issuer(issuer);
    return this;
  }

  /**
   * Asks for an audience. By default there may be any or none, so that every token of the issuer
   * counts, whatever it is for.
   *
   * @param audience what {@code aud} must be or contain, to the letter; 1 to 256 characters, not
   *     blank
   * @return this builder
   * @throws IllegalArgumentException if the text is blank, too long or not clean
   */
  public JwtIdentityResolverBuilder audience(String audience) {
    claims.audience(audience);
    return this;
  }

  /**
   * Sets how far the issuer's clock and this one may be apart. By default 10 seconds.
   *
   * @param clockSkew how long a token is taken after {@code exp} and before {@code nbf}, 0 to 5
   *     minutes
   * @return this builder
   * @throws IllegalArgumentException if the duration is out of range
   */
  public JwtIdentityResolverBuilder clockSkew(Duration clockSkew) {
    claims.clockSkew(clockSkew);
    return this;
  }

  /**
   * Sets the clock that tokens are held against. By default the system's.
   *
   * @param clock the time of day, thread-safe
   * @return this builder
   */
  public JwtIdentityResolverBuilder clock(InstantSource clock) {
    this.clock = Objects.requireNonNull(clock, "clock");
    return this;
  }

  /**
   * Sets the claim that names the workspace. By default {@code workspace_id}.
   *
   * <p>{@code tenant.id} is the claim of that name, with its point, or else the member {@code id}
   * of the object {@code tenant}; so is {@code https://example.com/tenant} the claim of that name.
   * A claim that is named here may also be a list of one, and an object of one whose only member is
   * an object, which names the workspace: {@code ["acme"]} and {@code {"acme":{"id":"42"}}}, as
   * Keycloak writes its {@code organization}. Empty ones count as absent; more than one makes the
   * token invalid. Where a valid token has no such claim, one line of the system logger {@code
   * dev.penstock.jwt.JwtIdentityResolver} says so, with the names of the claims that it has.
   *
   * @param workspaceClaim the name of the claim, or the names on the way to it with points between
   *     them; 1 to 256 characters, not blank
   * @return this builder
   * @throws IllegalArgumentException if the name is blank, too long or not clean
   */
  public JwtIdentityResolverBuilder workspaceClaim(String workspaceClaim) {
    claims.workspace(ClaimRulesBuilder.claim("workspaceClaim", workspaceClaim));
    return this;
  }

  /**
   * Sets what names the workspace, where {@link #workspaceClaim} cannot say it.
   *
   * @param workspace makes the workspace of all claims of a token: texts, {@code Integer}, {@code
   *     Long}, {@code BigInteger}, {@code Double}, {@code Boolean}, lists and maps. Empty or blank
   *     means that the token names none; what is no name, or fails, makes the token invalid. It is
   *     asked more than once, also about tokens whose signature turns out wrong, so it has no
   *     effects and waits for nothing. Thread-safe.
   * @return this builder
   */
  public JwtIdentityResolverBuilder workspaceBy(
      Function<? super Map<String, ?>, Optional<String>> workspace) {
    claims.workspace(new ClaimFunction(Objects.requireNonNull(workspace, "workspace")));
    return this;
  }

  /**
   * Takes no token as valid that names no workspace. By default the user of such a token is in
   * none, and a limit per workspace charges each of them alone: where an issuer also signs tokens
   * for other purposes, such as an ID token (OpenID Connect Core 1.0, section 2), its users choose
   * by the token whether their workspace's limit binds them. {@link #audience} helps against that,
   * too.
   *
   * @return this builder
   */
  public JwtIdentityResolverBuilder workspaceRequired() {
    claims.workspaceRequired();
    return this;
  }

  /**
   * Sets the claims that name the user; the first that is there counts. By default {@code user_id},
   * then {@code sub}.
   *
   * @param userClaims the names of one or more claims, each as {@link #workspaceClaim} takes it;
   *     but {@code sub} is never a list
   * @return this builder
   * @throws IllegalArgumentException if there is no name, or one is blank, too long or not clean
   */
  public JwtIdentityResolverBuilder userClaims(String... userClaims) {
    claims.users(userClaims);
    return this;
  }

  /**
   * Sets what names the user, where {@link #userClaims} cannot say it.
   *
   * @param user makes the user's name of all claims, as {@link #workspaceBy} makes the workspace;
   *     where it is empty, the token is not valid
   * @return this builder
   */
  public JwtIdentityResolverBuilder userBy(
      Function<? super Map<String, ?>, Optional<String>> user) {
    claims.user(new ClaimFunction(Objects.requireNonNull(user, "user")));
    return this;
  }

  /**
   * Refuses tokens whose {@code sub} or user begins in one of these ways. By default there is none.
   * AgentOS keeps {@code sa:}, {@code __scheduler__} and {@code __oauth__:} for its own services.
   *
   * @param prefixes how reserved names begin, each 1 to 256 characters, not blank
   * @return this builder
   * @throws IllegalArgumentException if one is blank, too long or not clean
   */
  public JwtIdentityResolverBuilder reservedPrefixes(String... prefixes) {
    claims.reservedPrefixes(prefixes);
    return this;
  }

  /**
   * Looks for tokens in a cookie, too, after those in {@code Authorization}. By default no cookie
   * is looked at. AgentOS calls its own {@code access_token}.
   *
   * @param name the name of the cookie, in its case: letters, digits and {@code !#$%&'*+-.^_`|~}
   *     (RFC 6265, section 4.1.1)
   * @return this builder
   * @throws IllegalArgumentException if no cookie can have this name
   */
  public JwtIdentityResolverBuilder cookie(String name) {
    Objects.requireNonNull(name, "name");
    if (!CookieTokens.isName(name)) {
      throw new IllegalArgumentException(
          "name must be a cookie name (RFC 6265, section 4.1.1): \"" + name + '"');
    }
    this.cookie = name;
    return this;
  }

  /**
   * Takes tokens that stand in {@code Authorization} without {@code Bearer} before them, as AgentOS
   * does. By default these are not valid.
   *
   * @return this builder
   */
  public JwtIdentityResolverBuilder bareToken() {
    this.bareToken = true;
    return this;
  }

  /**
   * Sets the claim that names the {@linkplain dev.penstock.Identity#plan plan} of the user. By
   * default there is none. A token without the claim is valid, and its user has no plan.
   *
   * @param planClaim the name of the claim, or the names on the way to it with points between them,
   *     as in {@link #workspaceClaim}; 1 to 256 characters, not blank
   * @return this builder
   * @throws IllegalArgumentException if the name is blank, too long or not clean
   */
  public JwtIdentityResolverBuilder planClaim(String planClaim) {
    claims.plan(ClaimRulesBuilder.claim("planClaim", planClaim));
    return this;
  }

  /**
   * Sets what names the plan, where {@link #planClaim} cannot say it.
   *
   * @param plan makes the plan of all claims of a token, as {@link #workspaceBy} does the workspace
   * @return this builder
   */
  public JwtIdentityResolverBuilder planBy(
      Function<? super Map<String, ?>, Optional<String>> plan) {
    claims.plan(new ClaimFunction(Objects.requireNonNull(plan, "plan")));
    return this;
  }

  /**
   * Says who sends tokens, to tell one sender of wrong signatures from others. By default the
   * socket's other end. Behind a proxy that is the proxy's address: one sender then uses up the
   * checks of all who come through it, and new users are not recognised for as long; a line of the
   * log says so. Name the proxy here as in {@code orElse}:
   *
   * <pre>{@code
   * ClientAddress clients = ClientAddress.trusting("10.0.0.0/8");
   * JwtIdentityResolver tokens = JwtIdentityResolver.builder().hmac(secret).senders(clients).build();
   * HttpRateLimiter.builder(limiter).identity(tokens.orElse(clients))
   * }</pre>
   *
   * @param clients finds the client's address
   * @return this builder
   */
  public JwtIdentityResolverBuilder senders(ClientAddress clients) {
    this.senders = Objects.requireNonNull(clients, "clients");
    return this;
  }

  /**
   * Says what becomes of a request that carries tokens of which none is valid. By default {@link
   * InvalidTokenMode#CHARGE_ADDRESS}.
   *
   * @param mode what becomes of it
   * @return this builder
   */
  public JwtIdentityResolverBuilder onInvalidToken(InvalidTokenMode mode) {
    this.invalidTokens = Objects.requireNonNull(mode, "mode");
    return this;
  }

  /**
   * {@return the resolver}
   *
   * @throws IllegalArgumentException if the key is of a type that the algorithm is not for
   * @throws IllegalStateException if there is no key
   */
  public JwtIdentityResolver build() {
    return new JwtIdentityResolver(
        new TokenSource(cookie, bareToken),
        new TokenUsers(keys.keys(), claims.build(), clock, nanoClock),
        senders,
        invalidTokens);
  }

  /** Sets the monotonic clock by which wrong signatures are counted. */
  JwtIdentityResolverBuilder nanoClock(LongSupplier nanoClock) {
    this.nanoClock = nanoClock;
    return this;
  }

  /** Sets where keys come from. */
  JwtIdentityResolverBuilder keys(TokenVerifiers given) {
    return keys((KeySource) named -> given);
  }

  private JwtIdentityResolverBuilder keys(KeySource given) {
    keys.source(given);
    return this;
  }
}
