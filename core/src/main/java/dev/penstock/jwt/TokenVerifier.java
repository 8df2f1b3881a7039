package dev.penstock.jwt;

import io.jsonwebtoken.JwtException;
import io.jsonwebtoken.JwtParser;
import io.jsonwebtoken.Jwts;
import io.jsonwebtoken.io.AbstractDeserializer;
import io.jsonwebtoken.security.SecureDigestAlgorithm;
import java.io.IOException;
import java.io.Reader;
import java.security.Key;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Verifies the signature of a token. All that this package knows of jjwt.
 *
 * <p>jjwt is shown the algorithm of a header and nothing else: header and claims each travel
 * through it as one opaque member. Left to itself it would build keys and certificates from a
 * header that nobody has verified, take {@code "b64":false} without {@code crit}, and turn a date
 * written as text into the number that {@code exp} must be.
 */
final class TokenVerifier {

  private static final String CONTENT = "content";

  /**
   * Header members that change what a token means: extensions that must be understood (RFC 7515,
   * section 4.1.11), a nested token (RFC 7519, section 5.2), a compressed payload, and one that is
   * not encoded (RFC 7797). Members that offer a key, {@code jku}, {@code jwk} and {@code x5u}
   * among them, are ignored.
   */
  private static final List<String> REFUSED = List.of("crit", "cty", "zip", "b64");

  private static final List<SecureDigestAlgorithm<?, ?>> ALGORITHMS =
      Arrays.stream(SignatureAlgorithm.values())
          .<SecureDigestAlgorithm<?, ?>>map(each -> Jwts.SIG.get().forKey(each.alg()))
          .toList();

  private final VerificationKeys keys;
  private final int[] signatureLengths;
  private final JwtParser parser;

  TokenVerifier(VerificationKeys keys) {
    this.keys = keys;
    signatureLengths = keys.signatureLengths();
    parser =
        Jwts.parser()
            .sig()
            .clear()
            .add(ALGORITHMS)
            .and()
            .key()
            .clear()
            .and()
            .enc()
            .clear()
            .and()
            .zip()
            .clear()
            .and()
            .json(new OpaqueDeserializer())
            .keyLocator(header -> key(content(header)))
            .build();
  }

  /**
   * Returns if a signature is right. Nothing else is verified.
   *
   * @param token a text of the form that {@link TokenForm#isCompactJws} asks for
   * @throws JwtException if the token is refused
   * @throws IllegalArgumentException if the token is refused
   */
  void verify(String token) {
    parser.parseSignedClaims(token);
  }

  /** {@return whether these are the keys} */
  boolean hasKeys(VerificationKeys others) {
    return keys.equals(others);
  }

  /** {@return how many characters the signatures have that can be right, ascending} */
  int[] signatureLengths() {
    return signatureLengths;
  }

  /** {@return why no token of this header is valid, or empty where there is a key for it} */
  Optional<TokenFault> fault(Map<?, ?> header) {
    Object kid = header.get("kid");
    if (REFUSED.stream().anyMatch(header::containsKey) || !(kid == null || kid instanceof String)) {
      return Optional.of(TokenFault.HEADER);
    }
    if (keys.find((String) kid).isEmpty()) {
      return Optional.of(TokenFault.UNKNOWN_KEY);
    }
    return key(header) == null ? Optional.of(TokenFault.ALGORITHM) : Optional.empty();
  }

  /**
   * {@return the key of the name and for the algorithm that a header gives, or null} Each key
   * verifies one algorithm, so the header's is compared with the key's own, exactly.
   */
  private @Nullable Key key(Map<?, ?> header) {
    Object kid = header.get("kid");
    if (!(kid == null || kid instanceof String)) {
      return null;
    }
    Map<SignatureAlgorithm, VerificationKey> candidates = keys.find((String) kid);
    return SignatureAlgorithm.named(header.get("alg"))
        .map(candidates::get)
        .map(VerificationKey::key)
        .orElse(null);
  }

  private static Map<?, ?> content(Map<String, ?> envelope) {
    return envelope.get(CONTENT) instanceof Map<?, ?> members ? members : Map.of();
  }

  /** Wraps what it reads, so that jjwt converts nothing of it. */
  private static final class OpaqueDeserializer extends AbstractDeserializer<Map<String, ?>> {

    @Override
    protected Map<String, ?> doDeserialize(Reader text) throws IOException {
      Map<String, ?> members = StrictJson.object(text);
      Map<String, Object> envelope = new HashMap<>();
      envelope.put(CONTENT, members);
      if (members.get("alg") instanceof String algorithm) {
        envelope.put("alg", algorithm);
      }
      return envelope;
    }
  }
}
