package dev.penstock.jwt;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.util.Base64;
import java.util.Map;

/**
 * Header and claims of a token as its sender wrote them. Good for refusing a token before the work
 * of a signature check, and for nothing else.
 */
record UnverifiedToken(Map<String, ?> header, Map<String, ?> claims) {

  /**
   * Reads a token.
   *
   * @param token a text of the form that {@link TokenForm#isCompactJws} asks for
   * @throws IOException if header or claims are not one strict JSON object
   */
  static UnverifiedToken of(String token) throws IOException {
    int first = token.indexOf('.');
    int second = token.indexOf('.', first + 1);
    return new UnverifiedToken(
        object(token.substring(0, first)), object(token.substring(first + 1, second)));
  }

  private static Map<String, ?> object(String segment) throws IOException {
    byte[] json = Base64.getUrlDecoder().decode(segment);
    return StrictJson.object(new InputStreamReader(new ByteArrayInputStream(json), UTF_8));
  }
}
