package dev.penstock.jwt;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;
import java.time.Instant;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Makes tokens by hand, so that every part of one can be wrong. */
final class TestTokens {

  static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
  static final byte[] SECRET = "0123456789abcdef0123456789abcdef".getBytes(US_ASCII);
  static final KeyPair RSA = rsa(2048);
  static final KeyPair EC = ec("secp256r1");

  /** The claims of user u1 in workspace acme, with single quotes for double ones. */
  static final String U1_OF_ACME = "{'sub':'u1','workspace_id':'acme','exp':" + at(60) + "}";

  /** Signs the bytes of header and payload. */
  @FunctionalInterface
  interface Signer {
    byte[] sign(byte[] input) throws GeneralSecurityException;
  }

  private TestTokens() {}

  /** Returns seconds since 1970, counted from {@link #NOW}. */
  static long at(long seconds) {
    return NOW.getEpochSecond() + seconds;
  }

  /** Returns a token of user u1 in workspace acme by HS256. */
  static String hs256() {
    return hs256(U1_OF_ACME);
  }

  static String hs256(String claims) {
    return token("{'alg':'HS256','typ':'JWT'}", claims, hmac(SECRET));
  }

  /** Returns a token; single quotes in header and claims stand for double ones. */
  static String token(String header, String claims, Signer signer) {
    return token(header.replace('\'', '"').getBytes(UTF_8), json(claims), signer);
  }

  static String token(byte[] header, byte[] claims, Signer signer) {
    String input = base64Url(header) + "." + base64Url(claims);
    try {
      return input + "." + base64Url(signer.sign(input.getBytes(US_ASCII)));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  static byte[] json(String text) {
    return text.replace('\'', '"').getBytes(UTF_8);
  }

  static Signer hmac(byte[] secret) {
    return input -> {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(secret, "HmacSHA256"));
      return mac.doFinal(input);
    };
  }

  static Signer rs256(PrivateKey key) {
    return input -> sign(Signature.getInstance("SHA256withRSA"), key, input);
  }

  static Signer es256(PrivateKey key) {
    return input -> sign(Signature.getInstance("SHA256withECDSAinP1363Format"), key, input);
  }

  static byte[] sign(Signature signature, PrivateKey key, byte[] input)
      throws GeneralSecurityException {
    signature.initSign(key);
    signature.update(input);
    return signature.sign();
  }

  static KeyPair rsa(int bits) {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
      generator.initialize(bits);
      return generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  static KeyPair ec(String curve) {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec(curve));
      return generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  static String pem(PublicKey key) {
    return pem(key.getEncoded());
  }

  static String pem(byte[] der) {
    String base64 = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der);
    return "-----BEGIN PUBLIC KEY-----\n" + base64 + "\n-----END PUBLIC KEY-----\n";
  }

  static String base64Url(byte[] bytes) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }
}
