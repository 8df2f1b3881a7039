package dev.penstock.jwt;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Instant;
import java.util.Base64;
import java.util.UUID;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Makes HS256 tokens for tests on a running server; each is another, with the same claims. */
public final class HmacTokens {

  private HmacTokens() {}

  /** {@return the header line that bears a token of this user of workspace acme, for an hour} */
  public static String bearer(String user, String secret) {
    long expiry = Instant.now().plusSeconds(3600).getEpochSecond();
    String claims =
        "{\"workspace_id\":\"acme\",\"user_id\":\"%s\",\"exp\":%d,\"jti\":\"%s\"}"
            .formatted(user, expiry, UUID.randomUUID());
    String input = base64("{\"alg\":\"HS256\"}") + "." + base64(claims);
    return "Authorization: Bearer " + input + "." + signature(input, secret);
  }

  private static String signature(String input, String secret) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
      return Base64.getUrlEncoder()
          .withoutPadding()
          .encodeToString(mac.doFinal(input.getBytes(StandardCharsets.US_ASCII)));
    } catch (GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }

  private static String base64(String text) {
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }
}
