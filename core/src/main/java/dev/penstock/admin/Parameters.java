package dev.penstock.admin;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.penstock.Identity;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What an action is to be done with: a JSON object of texts, each name once, and no other names.
 * Identities stand here and in no URL, which logs keep.
 */
final class Parameters {

  /** Enough for each part of an identity to be as long as it may be, in whatever script. */
  static final int MOST_BYTES = 32 * 1024;

  private static final JsonFactory JSON =
      JsonFactory.builder().disable(JsonFactory.Feature.INTERN_FIELD_NAMES).build();

  private static final List<String> OF_IDENTITY =
      List.of("kind", "issuer", "workspace", "type", "name", "plan");

  /** Besides the name. */
  private static final Map<String, List<String>> PARTS =
      Map.of(
          "user", List.of("issuer", "workspace"),
          "workspace", List.of(),
          "address", List.of(),
          "named", List.of("type"));

  private final Map<String, String> values;

  private Parameters(Map<String, String> values) {
    this.values = values;
  }

  /**
   * Reads the content of a request.
   *
   * @param known which names there may be
   * @throws Refusal if it is anything else
   */
  static Parameters read(InputStream content, List<String> known) throws IOException {
    byte[] bytes = content.readNBytes(MOST_BYTES + 1);
    if (bytes.length > MOST_BYTES) {
      throw Refusal.tooLarge(MOST_BYTES);
    }
    Map<String, String> values = new HashMap<>();
    try (JsonParser parser = JSON.createParser(bytes)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw Refusal.bad("content must be a JSON object");
      }
      for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
        if (!known.contains(name)) {
          throw Refusal.bad("members must be of " + String.join(", ", known), name);
        }
        if (parser.nextToken() != JsonToken.VALUE_STRING) {
          throw Refusal.bad(name + " must be a text");
        }
        if (values.put(name, parser.getText()) != null) {
          throw Refusal.bad(name + " must stand once");
        }
      }
      if (parser.nextToken() != null) {
        throw Refusal.bad("content must be nothing behind the JSON object");
      }
    } catch (IOException e) { // of the syntax alone, as all has been read
      throw Refusal.bad("content must be JSON");
    }
    return new Parameters(values);
  }

  /** {@return these names and those of an identity} */
  static List<String> withIdentity(String... names) {
    List<String> all = new ArrayList<>(List.of(names));
    all.addAll(OF_IDENTITY);
    return List.copyOf(all);
  }

  String required(String name) {
    return optional(name).orElseThrow(() -> Refusal.bad(name + " must be there"));
  }

  Optional<String> optional(String name) {
    return Optional.ofNullable(values.get(name));
  }

  /** {@return who is meant} */
  Identity identity() {
    String kind = required("kind");
    try {
      Identity identity = identity(kind);
      return optional("plan").map(identity::withPlan).orElse(identity);
    } catch (IllegalArgumentException e) {
      throw Refusal.bad(String.valueOf(e.getMessage()));
    }
  }

  private Identity identity(String kind) {
    refuseOthers(kind);
    return switch (kind) {
      case "user" -> Identity.user(optional("issuer"), optional("workspace"), required("name"));
      case "workspace" -> Identity.workspace(required("name"));
      case "address" -> Identity.address(required("name"));
      default -> Identity.named(required("type"), required("name"));
    };
  }

  /** A part that is not meant would silently be another identity's. */
  private void refuseOthers(String kind) {
    List<String> parts = PARTS.get(kind);
    if (parts == null) {
      throw Refusal.bad("kind must be user, workspace, address or named", kind);
    }
    for (String other : List.of("issuer", "workspace", "type")) {
      if (values.containsKey(other) && !parts.contains(other)) {
        throw Refusal.bad(other + " must not stand beside kind " + kind);
      }
    }
  }
}
