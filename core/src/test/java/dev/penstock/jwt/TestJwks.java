package dev.penstock.jwt;

import static dev.penstock.jwt.TestTokens.base64Url;

import java.math.BigInteger;
import java.security.PublicKey;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;

/** Writes key sets by hand; single quotes in members stand for double ones. */
final class TestJwks {

  private TestJwks() {}

  static String set(String... keys) {
    return "{\"keys\":[" + String.join(",", keys) + "]}";
  }

  static String key(PublicKey key, String members) {
    return key instanceof RSAPublicKey rsa
        ? rsa(rsa.getModulus(), rsa.getPublicExponent(), members)
        : ec((ECPublicKey) key, members);
  }

  static String rsa(BigInteger modulus, BigInteger exponent, String members) {
    return jwk(
        "'kty':'RSA','n':'"
            + base64Url(unsigned(modulus, (modulus.bitLength() + 7) / 8))
            + "','e':'"
            + base64Url(unsigned(exponent, (exponent.bitLength() + 7) / 8))
            + "'",
        members);
  }

  private static String ec(ECPublicKey key, String members) {
    int bits = key.getParams().getCurve().getField().getFieldSize();
    return ec(
        "P-" + bits,
        base64Url(unsigned(key.getW().getAffineX(), bits / 8)),
        base64Url(unsigned(key.getW().getAffineY(), bits / 8)),
        members);
  }

  static String ec(String curve, String x, String y, String members) {
    return jwk("'kty':'EC','crv':'" + curve + "','x':'" + x + "','y':'" + y + "'", members);
  }

  static String jwk(String first, String members) {
    return ("{" + first + (members.isEmpty() ? "" : "," + members) + "}").replace('\'', '"');
  }

  private static byte[] unsigned(BigInteger number, int size) {
    byte[] bytes = number.toByteArray();
    byte[] sized = new byte[size];
    int length = Math.min(bytes.length, size);
    System.arraycopy(bytes, bytes.length - length, sized, size - length, length);
    return sized;
  }
}
