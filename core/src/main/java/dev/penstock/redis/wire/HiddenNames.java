package dev.penstock.redis.wire;

import java.nio.charset.StandardCharsets;
import java.security.InvalidKeyException;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;
import java.util.Objects;
import java.util.function.UnaryOperator;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Puts a keyed hash in the place of a text: the first 128 bits of its HMAC-SHA-256 (RFC 2104
 * section 5), in base64url, 22 characters. Whoever does not know the secret learns nothing of the
 * text, nor can check a guess of it.
 */
public final class HiddenNames implements UnaryOperator<String> {

  private static final String ALGORITHM = "HmacSHA256";
  private static final int MIN_SECRET = 16;
  private static final int LENGTH = 16;

  private final SecretKeySpec secret;

  public HiddenNames(byte[] secret) {
    Objects.requireNonNull(secret, "secret");
    if (secret.length < MIN_SECRET) {
      throw new IllegalArgumentException(
          "secret must be at least " + MIN_SECRET + " bytes: " + secret.length);
    }
    this.secret = new SecretKeySpec(secret, ALGORITHM);
  }

  @Override
  public String apply(String text) {
    byte[] whole = mac().doFinal(text.getBytes(StandardCharsets.UTF_8));
    return Base64.getUrlEncoder().withoutPadding().encodeToString(Arrays.copyOf(whole, LENGTH));
  }

  private Mac mac() {
    try {
      Mac mac = Mac.getInstance(ALGORITHM);
      mac.init(secret);
      return mac;
    } catch (NoSuchAlgorithmException | InvalidKeyException e) {
      // Every Java platform has it, and it takes any key.
      throw new IllegalStateException(e);
    }
  }
}
