package dev.penstock.jwt;

import com.fasterxml.jackson.core.JsonProcessingException;
import java.io.IOException;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A set of public keys (RFC 7517, section 5).
 *
 * <p>Keys that cannot be used are ignored, as the RFC asks, and told with the reason: one bad key
 * of an issuer does not take the others away. Two keys of one {@code kid} are told apart by the
 * algorithm (section 4.5); of two for one algorithm the first counts, as the set gives no other
 * order, and if both are the same key there is nothing to tell. A key without {@code kid} counts
 * only where no usable key has one.
 *
 * @param keys the keys that can be used
 * @param ignored what is wrong with each of the others
 */
record JwkSet(VerificationKeys keys, List<String> ignored) {

  private static final int MAX_TOLD = 10;
  private static final int MAX_KID_TOLD = 64;

  JwkSet {
    ignored = List.copyOf(ignored);
  }

  /**
   * Reads the text of a file.
   *
   * @throws IllegalArgumentException if the file cannot be read
   */
  static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new IllegalArgumentException(
          "jwks file must be readable as UTF-8: " + file + " (" + e.getClass().getName() + ")", e);
    }
  }

  /**
   * Reads a key set, which may hold no key to use.
   *
   * @param source what is read, as the message calls it
   * @param place where it is
   * @param usual what keys verify that do not say it, where it fits their type; or null
   * @throws IllegalArgumentException if the text is not a key set
   */
  static JwkSet parse(
      String text, String source, String place, @Nullable SignatureAlgorithm usual) {
    if (!(object(text, source, place).get("keys") instanceof List<?> entries)) {
      throw new IllegalArgumentException(source + " must have a list \"keys\": " + place);
    }
    Collector collector = new Collector(usual);
    for (int i = 0; i < entries.size(); i++) {
      collector.add(entries.get(i), i);
    }
    return collector.set();
  }

  private static Map<String, ?> object(String text, String source, String place) {
    try {
      return StrictJson.object(new StringReader(text));
    } catch (JsonProcessingException e) {
      // Without the cause, which quotes the text.
      throw new IllegalArgumentException(
          source
              + " must be one JSON object in which no name stands twice: "
              + place
              + ", "
              + StrictJson.place(e));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** {@return what is wrong with the keys that are ignored, with the first ten} */
  String toldIgnored() {
    String told = String.join("; ", ignored.subList(0, Math.min(MAX_TOLD, ignored.size())));
    int more = ignored.size() - MAX_TOLD;
    return more > 0 ? told + "; and " + more + " more" : told;
  }

  /** Sorts the keys of a set. */
  private static final class Collector {

    private record Unnamed(VerificationKey key, int index) {}

    private final @Nullable SignatureAlgorithm usual;
    private final Map<String, Map<SignatureAlgorithm, VerificationKey>> named = new HashMap<>();
    private final List<Unnamed> unnamed = new ArrayList<>();
    private final List<String> ignored = new ArrayList<>();

    Collector(@Nullable SignatureAlgorithm usual) {
      this.usual = usual;
    }

    void add(@Nullable Object entry, int index) {
      if (!(entry instanceof Map<?, ?> jwk)) {
        ignore(index, null, "must be an object");
        return;
      }
      Object kid = jwk.get("kid");
      if (kid != null && !(kid instanceof String)) {
        ignore(index, null, "must have a text as its kid");
        return;
      }
      try {
        VerificationKey key = Jwk.read(jwk, usual);
        if (kid instanceof String name) {
          put(ofName(name), key, index, name);
        } else {
          unnamed.add(new Unnamed(key, index));
        }
      } catch (IllegalArgumentException e) {
        ignore(index, (String) kid, String.valueOf(e.getMessage()));
      }
    }

    private Map<SignatureAlgorithm, VerificationKey> ofName(String kid) {
      return named.computeIfAbsent(kid, k -> new EnumMap<>(SignatureAlgorithm.class));
    }

    private void put(
        Map<SignatureAlgorithm, VerificationKey> keys,
        VerificationKey key,
        int index,
        @Nullable String kid) {
      VerificationKey first = keys.putIfAbsent(key.algorithm(), key);
      if (first != null && !first.equals(key)) {
        ignore(
            index, kid, "must have a kid that no other key for " + key.algorithm().alg() + " has");
      }
    }

    JwkSet set() {
      Map<SignatureAlgorithm, VerificationKey> alone = new EnumMap<>(SignatureAlgorithm.class);
      for (Unnamed each : unnamed) {
        if (named.isEmpty()) {
          put(alone, each.key, each.index, null);
        } else {
          ignore(each.index, null, "must have a kid beside keys that have one");
        }
      }
      named.replaceAll((kid, keys) -> Map.copyOf(keys));
      return new JwkSet(new VerificationKeys(alone, named), ignored);
    }

    private void ignore(int index, @Nullable String kid, String reason) {
      boolean told =
          kid != null
              && !kid.isEmpty()
              && kid.length() <= MAX_KID_TOLD
              && kid.chars().allMatch(c -> c > 0x20 && c < 0x7F);
      ignored.add("keys[" + index + "]" + (told ? " (kid " + kid + ") " : " ") + reason);
    }
  }
}
