package dev.penstock.jwt;

import java.security.KeyFactory;
import java.security.NoSuchAlgorithmException;
import java.security.PublicKey;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.X509EncodedKeySpec;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/** A public key in the textual encoding of RFC 7468, section 13. */
final class Pem {

  private static final String BEGIN = "-----BEGIN PUBLIC KEY-----";
  private static final String END = "-----END PUBLIC KEY-----";

  private static final List<String> TYPES = List.of("RSA", "EC", "EdDSA");

  private Pem() {}

  /**
   * Reads one key.
   *
   * @param text one block, with nothing but white space around it
   * @return the key
   * @throws IllegalArgumentException if the text is not one such block
   */
  static PublicKey publicKey(String text) {
    String block = text.strip();
    if (!block.startsWith(BEGIN)
        || !block.endsWith(END)
        || block.length() < BEGIN.length() + END.length()) {
      throw new IllegalArgumentException(
          "publicKey must be one PEM block of the type PUBLIC KEY (RFC 7468, section 13)");
    }
    byte[] der = bytes(block.substring(BEGIN.length(), block.length() - END.length()));
    for (String type : TYPES) {
      Optional<PublicKey> key = decode(type, der);
      if (key.isPresent()) {
        return key.get();
      }
    }
    throw new IllegalArgumentException("publicKey must be an RSA, EC, Ed25519 or Ed448 key");
  }

  private static byte[] bytes(String base64) {
    try {
      return Base64.getDecoder().decode(withoutSpace(base64));
    } catch (IllegalArgumentException e) {
      // Without the cause, which may quote the text.
      throw new IllegalArgumentException("publicKey must be base64 between its PEM lines");
    }
  }

  private static Optional<PublicKey> decode(String algorithm, byte[] der) {
    try {
      return Optional.of(
          KeyFactory.getInstance(algorithm).generatePublic(new X509EncodedKeySpec(der)));
    } catch (InvalidKeySpecException e) {
      return Optional.empty();
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("This Java runtime knows no " + algorithm + " keys", e);
    }
  }

  private static String withoutSpace(String text) {
    return text.chars()
        .filter(c -> !Character.isWhitespace(c))
        .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
        .toString();
  }
}
