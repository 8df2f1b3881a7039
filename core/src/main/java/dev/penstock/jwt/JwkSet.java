package dev.penstock.jwt;

import com.fasterxml.jackson.core.JsonProcessingException;
import java.io.IOException;
import java.io.Reader;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.spec.ECPoint;
import java.security.spec.ECPublicKeySpec;
import java.security.spec.KeySpec;
import java.security.spec.RSAPublicKeySpec;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A set of public keys (RFC 7517, section 5).
 *
 * <p>Keys that are not for RS256 or ES256 signatures are passed over, as the RFC asks. Whatever is
 * wrong with the others is an error that names the source and the place in it, and nothing of a
 * key.
 */
final class JwkSet {

  private static final int P_256_BYTES = 32;

  private final String source;
  private final String place;

  private JwkSet(String source, String place) {
    this.source = source;
    this.place = place;
  }

  /**
   * Reads a file.
   *
   * @throws IllegalArgumentException if the file cannot be read, is not a key set, holds a secret,
   *     holds two keys of one name, or holds no key to use
   */
  static VerificationKeys read(Path file) {
    try (Reader reader = Files.newBufferedReader(file)) {
      return parse(reader, "jwks file", file.toString());
    } catch (IOException e) {
      throw new IllegalArgumentException(
          "jwks file must be readable as UTF-8: " + file + " (" + e.getClass().getName() + ")", e);
    }
  }

  /**
   * Reads a key set.
   *
   * @param source what is read, as the message calls it
   * @param place where it is
   * @throws IllegalArgumentException if the text is not a key set, holds a secret, holds two keys
   *     of one name, or holds no key to use
   * @throws IOException if the reader fails
   */
  static VerificationKeys parse(Reader text, String source, String place) throws IOException {
    return new JwkSet(source, place).keys(text);
  }

  private VerificationKeys keys(Reader text) throws IOException {
    if (!(object(text).get("keys") instanceof List<?> entries)) {
      throw new IllegalArgumentException(source + " must have a list \"keys\": " + place);
    }
    Map<String, VerificationKey> named = new HashMap<>();
    @Nullable VerificationKey unnamed = null;
    int unnamedIndex = 0;
    for (int i = 0; i < entries.size(); i++) {
      if (!(entries.get(i) instanceof Map<?, ?> jwk)) {
        throw error("be an object", i);
      }
      requirePublic(jwk, i);
      if (!isUsable(jwk)) {
        continue;
      }
      VerificationKey key = key(jwk, i);
      Object kid = jwk.get("kid");
      if (kid == null && unnamed == null) {
        unnamed = key;
        unnamedIndex = i;
      } else if (kid == null) {
        throw error("have a kid where there are several", i);
      } else if (!(kid instanceof String name)) {
        throw error("have a text as its kid", i);
      } else if (named.putIfAbsent(name, key) != null) {
        throw error("have a kid that no other key has", i);
      }
    }
    if (unnamed != null && !named.isEmpty()) {
      throw error("have a kid where there are several", unnamedIndex);
    }
    if (unnamed == null && named.isEmpty()) {
      throw new IllegalArgumentException(
          source + " must have a key for RS256 or ES256 signatures: " + place);
    }
    return unnamed == null ? VerificationKeys.named(named) : VerificationKeys.unnamed(unnamed);
  }

  private Map<String, ?> object(Reader text) throws IOException {
    try {
      return StrictJson.object(text);
    } catch (JsonProcessingException e) {
      // Without the cause, which quotes the text.
      throw new IllegalArgumentException(
          source
              + " must be one JSON object in which no name stands twice: "
              + place
              + ", "
              + StrictJson.place(e));
    }
  }

  private void requirePublic(Map<?, ?> jwk, int index) {
    if ("oct".equals(jwk.get("kty"))) {
      throw error("be a public key, not a symmetric one (kty oct)", index);
    }
    if (jwk.containsKey("d")) {
      throw error("be a public key, not a private one (member d)", index);
    }
  }

  /** RFC 7517, section 5: keys of a kind, use or algorithm that is not understood are ignored. */
  private static boolean isUsable(Map<?, ?> jwk) {
    String algorithm = algorithm(jwk);
    Object use = jwk.get("use");
    Object operations = jwk.get("key_ops");
    return algorithm != null
        && (jwk.get("alg") == null || algorithm.equals(jwk.get("alg")))
        && (use == null || use.equals("sig"))
        && (operations == null
            || (operations instanceof List<?> verbs && verbs.contains("verify")));
  }

  private static @Nullable String algorithm(Map<?, ?> jwk) {
    if ("RSA".equals(jwk.get("kty"))) {
      return VerificationKey.RS256;
    }
    return "EC".equals(jwk.get("kty")) && "P-256".equals(jwk.get("crv"))
        ? VerificationKey.ES256
        : null;
  }

  private VerificationKey key(Map<?, ?> jwk, int index) {
    boolean rsa = "RSA".equals(jwk.get("kty"));
    KeySpec numbers =
        rsa
            ? new RSAPublicKeySpec(number(jwk, "n", index), number(jwk, "e", index))
            : new ECPublicKeySpec(
                new ECPoint(coordinate(jwk, "x", index), coordinate(jwk, "y", index)),
                VerificationKey.P_256);
    try {
      return VerificationKey.signature(
          KeyFactory.getInstance(rsa ? "RSA" : "EC").generatePublic(numbers));
    } catch (GeneralSecurityException e) {
      // Without the cause, which may quote the numbers.
      throw error("be made of numbers that are a key", index);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("jwks key " + e.getMessage() + ": " + place(index), e);
    }
  }

  private BigInteger number(Map<?, ?> jwk, String name, int index) {
    return new BigInteger(1, bytes(jwk, name, index));
  }

  /** RFC 7518, section 6.2.1.2: a coordinate has the full size of the curve. */
  private BigInteger coordinate(Map<?, ?> jwk, String name, int index) {
    byte[] bytes = bytes(jwk, name, index);
    if (bytes.length != P_256_BYTES) {
      throw error("have " + P_256_BYTES + " bytes as its " + name, index);
    }
    return new BigInteger(1, bytes);
  }

  private byte[] bytes(Map<?, ?> jwk, String name, int index) {
    if (jwk.get(name) instanceof String text && TokenForm.isBase64Url(text)) {
      return Base64.getUrlDecoder().decode(text);
    }
    throw error("have unpadded base64url as its " + name, index);
  }

  private IllegalArgumentException error(String constraint, int index) {
    return new IllegalArgumentException("jwks key must " + constraint + ": " + place(index));
  }

  private String place(int index) {
    return place + ", keys[" + index + "]";
  }
}
