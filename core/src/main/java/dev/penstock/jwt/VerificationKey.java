package dev.penstock.jwt;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.PublicKey;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.ECFieldFp;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECParameterSpec;
import java.security.spec.ECPoint;
import java.util.Arrays;
import javax.crypto.spec.SecretKeySpec;

/**
 * A key and the one algorithm that it verifies (RFC 8725, section 3.1), so that no token can choose
 * how its signature is read.
 *
 * @param algorithm {@code HS256}, {@code RS256} or {@code ES256} (RFC 7518, section 3.1)
 */
record VerificationKey(Key key, String algorithm) {

  static final String HS256 = "HS256";
  static final String RS256 = "RS256";
  static final String ES256 = "ES256";

  /** The parameters of the curve of ES256. */
  static final ECParameterSpec P_256 = p256();

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
    return new VerificationKey(new SecretKeySpec(secret, "HmacSHA256"), HS256);
  }

  /**
   * Returns the key of a signature.
   *
   * @throws IllegalArgumentException if the key is neither RSA of at least 2048 bits (RFC 7518,
   *     section 3.3) nor a point of P-256; the message says what it must be, without a subject
   */
  static VerificationKey signature(PublicKey key) {
    if (key instanceof RSAPublicKey rsa) {
      int bits = rsa.getModulus().bitLength();
      if (bits < MIN_RSA_BITS) {
        throw new IllegalArgumentException(
            "must have at least " + MIN_RSA_BITS + " bits for RS256, not " + bits);
      }
      return new VerificationKey(key, RS256);
    }
    if (key instanceof ECPublicKey ec && isP256(ec.getParams())) {
      if (!isOnCurve(ec.getW())) {
        throw new IllegalArgumentException("must be a point of the curve P-256");
      }
      return new VerificationKey(key, ES256);
    }
    throw new IllegalArgumentException("must be an RSA key or an EC key on P-256");
  }

  private static boolean isP256(ECParameterSpec parameters) {
    return parameters.getCurve().equals(P_256.getCurve())
        && parameters.getGenerator().equals(P_256.getGenerator())
        && parameters.getOrder().equals(P_256.getOrder())
        && parameters.getCofactor() == P_256.getCofactor();
  }

  /** y^2 = x^3 + ax + b (mod p): the JDK takes any pair of numbers for a key. */
  private static boolean isOnCurve(ECPoint point) {
    if (point.equals(ECPoint.POINT_INFINITY)) {
      return false;
    }
    BigInteger x = point.getAffineX();
    BigInteger y = point.getAffineY();
    BigInteger p = ((ECFieldFp) P_256.getCurve().getField()).getP();
    BigInteger right =
        x.pow(2).add(P_256.getCurve().getA()).multiply(x).add(P_256.getCurve().getB());
    return x.compareTo(p) < 0
        && y.compareTo(p) < 0
        && y.pow(2).subtract(right).mod(p).signum() == 0;
  }

  private static ECParameterSpec p256() {
    try {
      AlgorithmParameters parameters = AlgorithmParameters.getInstance("EC");
      parameters.init(new ECGenParameterSpec("secp256r1"));
      return parameters.getParameterSpec(ECParameterSpec.class);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("This Java runtime has no curve P-256", e);
    }
  }

  /** Tells the algorithm alone: a key has no place in a log. */
  @Override
  public String toString() {
    return "VerificationKey[" + algorithm + "]";
  }
}
