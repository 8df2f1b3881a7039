package dev.penstock.jwt;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * Some claims of a token, read at a fraction of the work that {@link UnverifiedToken} takes, and
 * not as strictly: to find whom a sender names who may not have even a token read, and for nothing
 * else.
 */
final class ClaimedNames {

  /** The longest token that is read, in characters: no longer one is remembered either. */
  static final int MAX_LENGTH = RememberedTokens.MAX_LENGTH;

  /** Names, values, and beginnings and ends of objects and lists; some sixty claims. */
  static final int MAX_PARTS = 128;

  // The names come from senders, each time others: no table is to keep them.
  private static final JsonFactory JSON =
      JsonFactory.builder()
          .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
          .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
          .build();

  private ClaimedNames() {}

  /**
   * {@return the claims of these names that are names, as far as they can be read} Other values
   * count as absent.
   */
  static Map<String, String> of(String token, Set<String> names) {
    Map<String, String> texts = new HashMap<>();
    int first = token.indexOf('.');
    int second = token.indexOf('.', first + 1);
    if (second < 0 || token.length() > MAX_LENGTH) {
      return texts;
    }
    try (JsonParser json =
        JSON.createParser(Base64.getUrlDecoder().decode(token.substring(first + 1, second)))) {
      int depth = 0;
      for (int parts = 0; parts < MAX_PARTS; parts++) {
        JsonToken part = json.nextToken();
        if (part == null) {
          return texts;
        }
        depth += part.isStructStart() ? 1 : part.isStructEnd() ? -1 : 0;
        if ((part == JsonToken.VALUE_STRING || StrictJson.isInteger(json))
            && depth == 1
            && names.contains(json.currentName())) {
          texts.put(json.currentName(), json.getText());
        }
      }
      return Map.of();
    } catch (IOException | IllegalArgumentException e) {
      // No token: neither base64 nor JSON.
      return Map.of();
    }
  }
}
