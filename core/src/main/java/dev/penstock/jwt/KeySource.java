package dev.penstock.jwt;

import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.security.PublicKey;
import org.jspecify.annotations.Nullable;

/** Where keys are from, before it is said by which algorithm they verify. */
@FunctionalInterface
interface KeySource {

  /**
   * {@return the keys}
   *
   * @param named what keys verify that do not say it; null for what is usual for their type
   * @throws IllegalArgumentException if that is nothing for a key of this type
   */
  TokenVerifiers keys(@Nullable SignatureAlgorithm named);

  /**
   * {@return a secret}
   *
   * @throws IllegalArgumentException as {@link VerificationKey#hmac} does
   */
  static KeySource secret(byte[] secret) {
    VerificationKey key = VerificationKey.hmac(secret);
    return named -> {
      if (named != null && named != key.algorithm()) {
        throw new IllegalArgumentException(
            "algorithm must be " + key.algorithm().alg() + " for a secret: " + named.alg());
      }
      return TokenVerifiers.fixed(VerificationKeys.unnamed(key));
    };
  }

  /**
   * {@return one public key}
   *
   * @throws IllegalArgumentException if the text is none, or one that verifies no tokens
   */
  static KeySource pem(String text) {
    PublicKey key = Pem.publicKey(text);
    VerificationKey usual = signature(key, null);
    return named ->
        TokenVerifiers.fixed(
            VerificationKeys.unnamed(named == null ? usual : signature(key, named)));
  }

  private static VerificationKey signature(PublicKey key, @Nullable SignatureAlgorithm named) {
    try {
      return VerificationKey.signature(key, named);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("publicKey " + e.getMessage(), e);
    }
  }

  /**
   * {@return the keys of a file, which is read now}
   *
   * @throws IllegalArgumentException if it is not a key set with a key to use
   */
  static KeySource file(Path file) {
    String text = JwkSet.text(file);
    JwkSet usual = fileSet(text, file, null);
    return named -> {
      JwkSet set = named == null ? usual : fileSet(text, file, named);
      if (!set.ignored().isEmpty()) {
        System.getLogger(JwtIdentityResolver.class.getName())
            .log(Level.WARNING, "Keys of " + file + " are ignored: " + set.toldIgnored());
      }
      return TokenVerifiers.fixed(set.keys());
    };
  }

  private static JwkSet fileSet(String text, Path file, @Nullable SignatureAlgorithm named) {
    JwkSet set = JwkSet.parse(text, "jwks file", file.toString(), named);
    if (set.keys().isEmpty()) {
      throw new IllegalArgumentException(
          "jwks file must have a key to verify signatures with: "
              + file
              + (set.ignored().isEmpty() ? "" : ", " + set.toldIgnored()));
    }
    return set;
  }

  /** {@return the keys at a URL, which are fetched when they are asked for} */
  static KeySource url(KeyUrl url) {
    return named -> new RemoteKeys(url, System::nanoTime, KeyUrl::daemon, named);
  }
}
