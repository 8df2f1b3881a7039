package dev.penstock.jwt;

import java.lang.System.Logger.Level;
import java.net.URI;
import org.jspecify.annotations.Nullable;

/** Collects where the keys of a {@link JwtIdentityResolver} are from, and what they verify. */
final class KeyChoice {

  private @Nullable KeySource source;
  private @Nullable SignatureAlgorithm algorithm;

  /**
   * Takes the keys.
   *
   * @throws IllegalStateException if there are some already
   */
  void source(KeySource given) {
    if (source != null) {
      throw new IllegalStateException(
          "JwtIdentityResolver takes one of hmac, publicKey and jwks, once");
    }
    source = given;
  }

  /** Likewise those at a URL without TLS, and says in the log what that means. */
  void withoutTls(URI url) {
    KeyUrl plain = KeyUrl.withoutTls(url);
    source(KeySource.url(plain));
    System.getLogger(JwtIdentityResolver.class.getName())
        .log(
            Level.WARNING,
            "The keys of "
                + plain
                + " are fetched without TLS, so whoever is on the way can replace them: for"
                + " development only");
  }

  /**
   * Sets what keys verify that do not say it themselves.
   *
   * @throws IllegalArgumentException if there is none of this name
   */
  void algorithm(String name) {
    algorithm =
        SignatureAlgorithm.named(name)
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "name must be one of " + SignatureAlgorithm.names() + ": " + name));
  }

  /**
   * Returns the keys.
   *
   * @throws IllegalArgumentException if one is of a type that the algorithm is not for
   * @throws IllegalStateException if there are none
   */
  TokenVerifiers keys() {
    if (source == null) {
      throw new IllegalStateException("JwtIdentityResolver needs hmac, publicKey or jwks");
    }
    return source.keys(algorithm);
  }
}
