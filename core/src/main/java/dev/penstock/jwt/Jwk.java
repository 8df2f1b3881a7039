package dev.penstock.jwt;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.spec.ECPoint;
import java.security.spec.ECPublicKeySpec;
import java.security.spec.KeySpec;
import java.security.spec.RSAPublicKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One public key of a set (RFC 7517, section 4). What is wrong with a key is said in messages that
 * begin with "must", and tell nothing of it.
 */
final class Jwk {

  /** What stands before an Ed25519 key in X.509 (RFC 8410, section 4). */
  private static final byte[] ED25519_START = HexFormat.of().parseHex("302a300506032b6570032100");

  /** What stands before an Ed448 key in X.509. */
  private static final byte[] ED448_START = HexFormat.of().parseHex("3043300506032b6571033a00");

  private static final int ED25519_BYTES = 32;
  private static final int ED448_BYTES = 57;

  private final Map<?, ?> members;

  private Jwk(Map<?, ?> members) {
    this.members = members;
  }

  /**
   * Reads a key.
   *
   * @param usual what keys verify that have no {@code alg}, where it fits their type; null for what
   *     is usual for the type
   * @throws IllegalArgumentException if it is no key to verify signatures with
   */
  static VerificationKey read(Map<?, ?> members, @Nullable SignatureAlgorithm usual) {
    return new Jwk(members).key(usual);
  }

  private VerificationKey key(@Nullable SignatureAlgorithm usual) {
    requirePublic();
    requireForSignatures();
    PublicKey key = publicKey();
    Object alg = members.get("alg");
    if (alg == null) {
      return VerificationKey.signature(key, usual != null && usual.fits(key) ? usual : null);
    }
    SignatureAlgorithm own =
        SignatureAlgorithm.named(alg)
            .orElseThrow(() -> error("have an alg that is known: " + SignatureAlgorithm.names()));
    return VerificationKey.signature(key, own);
  }

  private void requirePublic() {
    if ("oct".equals(members.get("kty"))) {
      throw error("be a public key, not a symmetric one (kty oct)");
    }
    if (members.containsKey("d")) {
      throw error("be a public key, not a private one (member d)");
    }
  }

  /** RFC 7517, sections 4.2 and 4.3. */
  private void requireForSignatures() {
    Object use = members.get("use");
    if (use != null && !use.equals("sig")) {
      throw error("be for signatures (use sig)");
    }
    Object operations = members.get("key_ops");
    if (operations != null && !(operations instanceof List<?> verbs && verbs.contains("verify"))) {
      throw error("be for verifying (key_ops verify)");
    }
  }

  private PublicKey publicKey() {
    Object kty = members.get("kty");
    if ("RSA".equals(kty)) {
      return generate("RSA", new RSAPublicKeySpec(number("n"), number("e")));
    }
    if ("EC".equals(kty)) {
      Curve curve =
          Curve.named(members.get("crv"))
              .orElseThrow(() -> error("be on P-256, P-384 or P-521 (member crv)"));
      ECPoint point = new ECPoint(coordinate("x", curve), coordinate("y", curve));
      return generate("EC", new ECPublicKeySpec(point, curve.parameters()));
    }
    if ("OKP".equals(kty)) {
      return edwards(members.get("crv"));
    }
    throw error("be of a known type (kty RSA, EC or OKP)");
  }

  /** RFC 8037, section 2. */
  private PublicKey edwards(@Nullable Object crv) {
    if ("Ed25519".equals(crv)) {
      return edwards(ED25519_START, bytes("x", ED25519_BYTES));
    }
    if ("Ed448".equals(crv)) {
      return edwards(ED448_START, bytes("x", ED448_BYTES));
    }
    throw error("be on Ed25519 or Ed448 (member crv)");
  }

  private static PublicKey edwards(byte[] start, byte[] point) {
    byte[] encoded = new byte[start.length + point.length];
    System.arraycopy(start, 0, encoded, 0, start.length);
    System.arraycopy(point, 0, encoded, start.length, point.length);
    return generate("EdDSA", new X509EncodedKeySpec(encoded));
  }

  private static PublicKey generate(String type, KeySpec numbers) {
    try {
      return KeyFactory.getInstance(type).generatePublic(numbers);
    } catch (GeneralSecurityException e) {
      // Without the cause, which may quote the numbers.
      throw error("be made of numbers that are a key");
    }
  }

  private BigInteger number(String name) {
    return new BigInteger(1, bytes(name));
  }

  /** RFC 7518, section 6.2.1.2: a coordinate has the full size of the curve. */
  private BigInteger coordinate(String name, Curve curve) {
    return new BigInteger(1, bytes(name, curve.bytes()));
  }

  private byte[] bytes(String name, int size) {
    byte[] bytes = bytes(name);
    if (bytes.length != size) {
      throw error("have " + size + " bytes as its " + name);
    }
    return bytes;
  }

  private byte[] bytes(String name) {
    return Optional.ofNullable(members.get(name))
        .filter(String.class::isInstance)
        .map(String.class::cast)
        .filter(TokenForm::isBase64Url)
        .map(Base64.getUrlDecoder()::decode)
        .orElseThrow(() -> error("have unpadded base64url as its " + name));
  }

  private static IllegalArgumentException error(String constraint) {
    return new IllegalArgumentException("must " + constraint);
  }
}
