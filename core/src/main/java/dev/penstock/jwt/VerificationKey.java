package dev.penstock.jwt;

import java.nio.charset.StandardCharsets;
import java.security.Key;
import java.security.PublicKey;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.EdECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.NamedParameterSpec;
import java.util.Arrays;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * A key and the one algorithm that it verifies (RFC 8725, section 3.1), so that no token can choose
 * how its signature is read.
 */
record VerificationKey(Key key, SignatureAlgorithm algorithm) {

  private static final int MIN_SECRET_BYTES = 32;
  private static final int MIN_RSA_BITS = 2048;
  private static final byte[] PEM_START = "-----BEGIN ".getBytes(StandardCharsets.US_ASCII);

  /**
   * Returns the key of a message authentication code.
   *
   * @throws IllegalArgumentException if the secret is shorter than RFC 7518, section 3.2 asks for,
   *     or a PEM text
   */
  static VerificationKey hmac(byte[] secret) {
    if (secret.length < MIN_SECRET_BYTES) {
      throw new IllegalArgumentException(
          "secret must have at least "
              + MIN_SECRET_BYTES
              + " bytes for HS256 (RFC 7518, section 3.2): "
              + secret.length);
    }
    byte[] start = Arrays.copyOf(secret, PEM_START.length);
    if (Arrays.equals(start, PEM_START)) {
      throw new IllegalArgumentException(
          "secret must not be a PEM text: a public key is no secret");
    }
    return new VerificationKey(new SecretKeySpec(secret, "HmacSHA256"), SignatureAlgorithm.HS256);
  }

  /**
   * Returns the key of a signature.
   *
   * @param algorithm what the key verifies, or null for what is usual for its type: RS256, the one
   *     that RFC 7518, section 3.4 has for the curve, or EdDSA
   * @throws IllegalArgumentException if the key is neither RSA of at least 2048 bits (RFC 7518,
   *     section 3.3), nor a point of P-256, P-384 or P-521, nor Ed25519 or Ed448, or does not fit
   *     the algorithm; the message says what it must be, without a subject
   */
  static VerificationKey signature(PublicKey key, @Nullable SignatureAlgorithm algorithm) {
    SignatureAlgorithm usual =
        SignatureAlgorithm.usualOf(key)
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "must be an RSA key, an EC key on P-256, P-384 or P-521, or an Ed25519 or"
                            + " Ed448 key"));
    if (algorithm != null && !algorithm.fits(key)) {
      throw new IllegalArgumentException(
          "must be a key for " + algorithm.alg() + ", not for " + usual.alg());
    }
    SignatureAlgorithm one = algorithm == null ? usual : algorithm;
    if (key instanceof RSAPublicKey rsa && rsa.getModulus().bitLength() < MIN_RSA_BITS) {
      int bits = rsa.getModulus().bitLength();
      throw new IllegalArgumentException(
          "must have at least " + MIN_RSA_BITS + " bits for " + one.alg() + ", not " + bits);
    }
    if (key instanceof ECPublicKey ec) {
      Curve curve = Curve.of(ec.getParams()).orElseThrow();
      if (!curve.has(ec.getW())) {
        throw new IllegalArgumentException("must be a point of the curve " + curve);
      }
    }
    return new VerificationKey(key, one);
  }

  /** {@return how many characters of base64url a signature has that this key verifies} */
  int signatureLength() {
    return (signatureBytes() * 8 + 5) / 6;
  }

  private int signatureBytes() {
    if (key instanceof RSAPublicKey rsa) {
      return (rsa.getModulus().bitLength() + 7) / 8;
    }
    if (key instanceof ECPublicKey ec) {
      return 2 * Curve.of(ec.getParams()).orElseThrow().bytes();
    }
    if (key instanceof EdECPublicKey ed) {
      return ed.getParams().getName().equals(NamedParameterSpec.ED448.getName()) ? 114 : 64;
    }
    return 32;
  }

  /** Tells the algorithm alone: a key has no place in a log. */
  @Override
  public String toString() {
    return "VerificationKey[" + algorithm.alg() + "]";
  }
}
