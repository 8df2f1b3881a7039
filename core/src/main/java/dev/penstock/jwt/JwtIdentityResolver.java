package dev.penstock.jwt;

import dev.penstock.Identity;
import dev.penstock.IdentityResolver;
import dev.penstock.Metered;
import dev.penstock.MetricFamily;
import dev.penstock.MetricFamily.Sample;
import dev.penstock.UnverifiedIdentityException;
import dev.penstock.http.ClientAddress;
import dev.penstock.http.RequestView;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * Finds the user that a request's JSON Web Token names: a verified user in the workspace of the
 * token.
 *
 * <p>Empty where a request carries no token, and where none that it carries is valid; whoever asks
 * then charges the client's address, never a name that nobody has verified. {@link
 * InvalidTokenMode#REJECT} has the latter rejected instead. A token is valid if it is a signed one
 * of at most 8192 characters in compact serialization (RFC 7519, RFC 7515), is signed by the
 * configured key with that key's one algorithm, has an {@code exp} that is not over, and agrees
 * with what the {@link JwtIdentityResolverBuilder} asks for. Its header must have none of {@code
 * crit}, {@code cty}, {@code zip} and {@code b64}; keys that a header offers are ignored. No name
 * may stand twice in header or claims. All tokens of a request are looked at, however they are
 * spelled: whom the application might see in any of them, pays.
 *
 * <p>The user is the first of the claims {@code user_id} and {@code sub} that is there, in the
 * workspace of the claim {@code workspace_id}, as the token's {@code iss} names them where it has
 * one. Such a claim is a text of at most 256 characters without control characters, unpaired
 * surrogates and U+FFFD, taken as it is, or a JSON integer, taken as it is written ({@code iss}: a
 * text); {@code null} and blank texts count as absent, anything else makes the token invalid. A
 * user without a workspace is in none.
 *
 * <p>A token that was verified is remembered for a minute, never past {@code exp}; any other costs
 * one signature check if all else about it is right, about 4 us for HS256, 33 us for RS256 and 740
 * us for ES256. A sender of wrong signatures ({@link JwtIdentityResolverBuilder#senders}) has 30 of
 * them checked, and then one every two seconds; in the name of users who are known there another
 * 30, ten for each, and of users who are known elsewhere 20. Tokens that were verified before, and
 * users who were, still pass, with tokens of at most 2560 characters. Every request whose tokens
 * are not valid is counted by its reason, and logged at most 10 times a second by the system logger
 * {@code dev.penstock.jwt.RejectedTokens}. Thread-safe, bounded in memory, and throws nothing else
 * on what a client sends.
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
public final class JwtIdentityResolver implements IdentityResolver<RequestView>, Metered {

  /** The socket's other end. */
  static final ClientAddress PEER = ClientAddress.ofPeer();

  private static final List<String> FORWARDING = List.of("X-Forwarded-For", "Forwarded");

  private static final String BEHIND_A_PROXY =
      ": senders are told apart by the socket's peer, and this one is a proxy; name it with"
          + " JwtIdentityResolverBuilder.senders(ClientAddress.trusting(...))";

  private final TokenSource source;
  private final TokenUsers users;
  private final ClientAddress senders;
  private final InvalidTokenMode mode;
  private final RejectedTokens rejected = new RejectedTokens();

  JwtIdentityResolver(
      TokenSource source, TokenUsers users, ClientAddress senders, InvalidTokenMode mode) {
    this.source = source;
    this.users = users;
    this.senders = senders;
    this.mode = mode;
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
   * <p>Where a request carries several tokens, the first that is valid counts, and the sender pays
   * for those before it.
   */
  @Override
  public Optional<Identity> resolve(RequestView request) {
    Objects.requireNonNull(request, "request");
    String usual = source.usual(request);
    Identity known = usual == null ? null : users.remembered(usual);
    return known == null ? check(request) : Optional.of(known);
  }

  private Optional<Identity> check(RequestView request) {
    PresentedTokens presented = source.all(request, users.signatureLengths());
    if (presented.isEmpty()) {
      return Optional.empty();
    }
    Identity sender = senders.resolve(request).orElseThrow();
    TokenOutcome.Refused refused = TokenOutcome.Refused.unread(TokenFault.OTHER_SCHEME);
    for (String token : presented.texts()) {
      TokenOutcome outcome = users.check(token, sender);
      if (outcome instanceof TokenOutcome.Verified verified) {
        return Optional.of(verified.identity());
      }
      refused = refused.nearer((TokenOutcome.Refused) outcome);
    }
    if (refused.fault() == TokenFault.OTHER_SCHEME && presented.otherScheme() != null) {
      rejected.addOtherScheme(presented.otherScheme());
    } else {
      rejected.add(refused, hint(refused, request));
    }
    if (mode == InvalidTokenMode.REJECT) {
      throw new UnverifiedIdentityException(refused.fault().sentence());
    }
    return Optional.empty();
  }

  /**
   * A proxy in whose name many send is stopped for one of them: the operator can tell them apart.
   */
  String hint(TokenOutcome.Refused refused, RequestView request) {
    boolean proxied =
        refused.fault() == TokenFault.CHECKS_EXHAUSTED
            && senders == PEER
            && FORWARDING.stream().anyMatch(name -> !request.headerLines(name).isEmpty());
    return proxied ? BEHIND_A_PROXY : "";
  }

  /** {@return how many requests carried tokens of which none was valid} */
  public long rejectedTokens() {
    return rejected.byReason().values().stream().mapToLong(Long::longValue).sum();
  }

  /**
   * {@return how many requests carried tokens of which none was valid, by the reason, such as
   * {@code expired}; of several tokens, that of the one that came nearest to being valid}
   *
   * <p>The reasons are {@code other_scheme}, {@code too_long}, {@code malformed}, {@code claims},
   * {@code expired}, {@code not_yet_valid}, {@code issuer}, {@code audience}, {@code
   * reserved_name}, {@code no_workspace}, {@code header}, {@code algorithm}, {@code unknown_key},
   * {@code checks_exhausted} and {@code signature}; all of them are there from the start.
   */
  public Map<String, Long> rejectedTokensByReason() {
    return rejected.byReason();
  }

  /**
   * {@return how many requests carried tokens behind another scheme than Bearer only, by that
   * scheme in lower case; together what {@link #rejectedTokensByReason} calls {@code other_scheme}}
   *
   * <p>{@code dpop} are tokens that are bound to a key of the client's (RFC 9449), which is not
   * verified here: where there are any, their users are charged to their addresses. {@code none} is
   * a token without a scheme, which {@link JwtIdentityResolverBuilder#bareToken} takes; {@code
   * other} are all schemes that are not listed. All names are there from the start.
   */
  public Map<String, Long> rejectedTokensByScheme() {
    return rejected.byScheme();
  }

  /**
   * {@return what {@link #rejectedTokensByReason}, {@link #rejectedTokensByScheme} and {@link
   * #signatureChecks} count, for a monitor}
   */
  @Override
  public List<MetricFamily> metrics() {
    return List.of(
        counter(
            "penstock_rejected_tokens_total",
            "Requests with tokens of which none was valid, by reason.",
            "reason",
            rejectedTokensByReason()),
        counter(
            "penstock_rejected_token_schemes_total",
            "Requests with tokens behind another scheme than Bearer only.",
            "scheme",
            rejectedTokensByScheme()),
        MetricFamily.of(
            MetricFamily.Type.COUNTER,
            "penstock_signature_checks_total",
            "Signatures of tokens that were checked, right and wrong.",
            Sample.of(signatureChecks())));
  }

  private static MetricFamily counter(
      String name, String help, String label, Map<String, Long> counts) {
    List<Sample> samples = new ArrayList<>(counts.size());
    counts.forEach((value, count) -> samples.add(Sample.of(count, label, value)));
    return new MetricFamily(MetricFamily.Type.COUNTER, name, help, samples);
  }

  /** {@return how many signatures were checked, right and wrong: what tokens have cost} */
  public long signatureChecks() {
    return users.signatureChecks();
  }
}
