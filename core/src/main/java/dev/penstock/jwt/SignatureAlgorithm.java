package dev.penstock.jwt;

import java.security.Key;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.EdECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Collectors;
import javax.crypto.SecretKey;
import org.jspecify.annotations.Nullable;

/** How a token may be signed (RFC 7518, section 3.1 and RFC 8037, section 3.1). */
enum SignatureAlgorithm {
  HS256(SecretKey.class, null),
  RS256(RSAPublicKey.class, null),
  RS384(RSAPublicKey.class, null),
  RS512(RSAPublicKey.class, null),
  PS256(RSAPublicKey.class, null),
  PS384(RSAPublicKey.class, null),
  PS512(RSAPublicKey.class, null),
  ES256(ECPublicKey.class, Curve.P_256),
  ES384(ECPublicKey.class, Curve.P_384),
  ES512(ECPublicKey.class, Curve.P_521),
  EDDSA(EdECPublicKey.class, null);

  private final Class<? extends Key> keys;
  private final @Nullable Curve curve;

  SignatureAlgorithm(Class<? extends Key> keys, @Nullable Curve curve) {
    this.keys = keys;
    this.curve = curve;
  }

  /** {@return the algorithm that {@code alg} names, or empty where it is none of these} */
  static Optional<SignatureAlgorithm> named(@Nullable Object alg) {
    return Arrays.stream(values()).filter(each -> each.alg().equals(alg)).findFirst();
  }

  /** {@return the algorithm of a key that does not say its own, or empty where there is none} */
  static Optional<SignatureAlgorithm> usualOf(Key key) {
    return Arrays.stream(values()).filter(each -> each.fits(key)).findFirst();
  }

  /** {@return the names of all, for a message} */
  static String names() {
    return Arrays.stream(values()).map(SignatureAlgorithm::alg).collect(Collectors.joining(", "));
  }

  /** {@return what {@code alg} says in the header of a token and in a key} */
  String alg() {
    return this == EDDSA ? "EdDSA" : name();
  }

  /** {@return whether keys of this type verify such signatures: of one curve by one algorithm} */
  boolean fits(Key key) {
    return keys.isInstance(key)
        && (curve == null || (key instanceof ECPublicKey ec && curve.isOf(ec.getParams())));
  }
}
