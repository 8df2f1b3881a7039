package dev.penstock.jwt;

import io.jsonwebtoken.JwtException;
import io.jsonwebtoken.JwtParser;
import io.jsonwebtoken.Jwts;
import io.jsonwebtoken.io.AbstractDeserializer;
import java.io.IOException;
import java.io.Reader;
import java.security.Key;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
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

  private final VerificationKeys keys;
  private final JwtParser parser;

  TokenVerifier(VerificationKeys keys) {
    this.keys = keys;
    parser =
        Jwts.parser()
            .sig()
            .clear()
            .add(List.of(Jwts.SIG.HS256, Jwts.SIG.RS256, Jwts.SIG.ES256))
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

  /** {@return whether there is no key of the name that a header gives} */
  boolean lacksKeyOf(Map<?, ?> header) {
    Object kid = header.get("kid");
    return (kid == null || kid instanceof String) && keys.find((String) kid) == null;
  }

  /**
   * {@return the key that a token of this header is verified with, or null where it is refused} The
   * algorithm of the header is compared with the key's own, exactly.
   */
  @Nullable Key key(Map<?, ?> header) {
    for (String name : REFUSED) {
      if (header.containsKey(name)) {
        return null;
      }
    }
    Object kid = header.get("kid");
    if (kid != null && !(kid instanceof String)) {
      return null;
    }
    VerificationKey key = keys.find((String) kid);
    return key != null && key.algorithm().equals(header.get("alg")) ? key.key() : null;
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
