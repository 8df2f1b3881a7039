package dev.penstock.jwt;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Some claims of a token, read at a fraction of the work that {@link UnverifiedToken} takes, and
 * not as strictly: to find whom a sender names who may not have even a token read, and for nothing
 * else.
 */
final class ClaimedNames {

  /** The longest token that is read, in characters: a longer one costs too much unverified. */
  static final int MAX_LENGTH = 2560;

  /** Names, values, and beginnings and ends of objects and lists; some sixty claims. */
  static final int MAX_PARTS = 128;

  // The names come from senders, each time others: no table is to keep them.
  private static final JsonFactory JSON =
      JsonFactory.builder()
          .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
          .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
          .build();

  private final JsonParser json;
  private final Predicate<String> wanted;
  private final Map<String, Object> claims = new HashMap<>();

  /** Objects and lists within a claim that is wanted, the innermost first. */
  private final Deque<Object> open = new ArrayDeque<>();

  private ClaimedNames(JsonParser json, Predicate<String> wanted) {
    this.json = json;
    this.wanted = wanted;
  }

  /**
   * {@return the claims of these names with all that is in them, or none where they cannot be read}
   */
  static Map<String, ?> of(String token, Predicate<String> wanted) {
    int first = token.indexOf('.');
    int second = token.indexOf('.', first + 1);
    if (second < 0 || token.length() > MAX_LENGTH) {
      return Map.of();
    }
    try (JsonParser json =
        JSON.createParser(Base64.getUrlDecoder().decode(token.substring(first + 1, second)))) {
      return new ClaimedNames(json, wanted).read();
    } catch (IOException | IllegalArgumentException e) {
      // No token: neither base64 nor JSON.
      return Map.of();
    }
  }

  private Map<String, ?> read() throws IOException {
    int depth = 0;
    for (int parts = 0; parts < MAX_PARTS; parts++) {
      JsonToken part = json.nextToken();
      if (part == null) {
        return claims;
      }
      if (part.isStructEnd()) {
        depth--;
        open.poll();
      } else if (part != JsonToken.FIELD_NAME) {
        take(part, depth);
        depth += part.isStructStart() ? 1 : 0;
      }
    }
    return Map.of();
  }

  private void take(JsonToken part, int depth) throws IOException {
    Object outer = open.peek();
    if (outer == null && depth != 1) {
      return;
    }
    String name = json.currentName();
    if (outer == null && (name == null || !wanted.test(name))) {
      return;
    }
    Object value = value(part);
    if (outer instanceof List<?> list) {
      add(list, value);
    } else {
      put(outer == null ? claims : outer, name, value);
    }
    if (value != null && part.isStructStart()) {
      open.push(value);
    }
  }

  @SuppressWarnings("unchecked") // made here
  private static void add(Object list, @Nullable Object value) {
    ((List<@Nullable Object>) list).add(value);
  }

  @SuppressWarnings("unchecked") // made here
  private static void put(Object object, @Nullable String name, @Nullable Object value) {
    ((Map<@Nullable String, @Nullable Object>) object).put(name, value);
  }

  private @Nullable Object value(JsonToken part) throws IOException {
    return switch (part) {
      case START_OBJECT -> new HashMap<String, Object>();
      case START_ARRAY -> new ArrayList<>();
      case VALUE_STRING -> json.getText();
      case VALUE_NUMBER_INT -> StrictJson.isInteger(json) ? json.getNumberValue() : (Object) (-0.0);
      case VALUE_NUMBER_FLOAT -> json.getDoubleValue();
      case VALUE_TRUE -> true;
      case VALUE_FALSE -> false;
      default -> null;
    };
  }
}
