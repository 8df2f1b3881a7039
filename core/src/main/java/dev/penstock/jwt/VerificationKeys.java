package dev.penstock.jwt;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Keys by the names that tokens give: there is at most one for a key id and an algorithm.
 *
 * @param unnamed keys without a name, which answer to every key id and to none
 * @param named keys that answer to exactly their own key id, where there is no unnamed one
 */
record VerificationKeys(
    Map<SignatureAlgorithm, VerificationKey> unnamed,
    Map<String, Map<SignatureAlgorithm, VerificationKey>> named) {

  static final VerificationKeys NONE = new VerificationKeys(Map.of(), Map.of());

  VerificationKeys {
    unnamed = Map.copyOf(unnamed);
    named = Map.copyOf(named);
  }

  static VerificationKeys unnamed(VerificationKey key) {
    return new VerificationKeys(Map.of(key.algorithm(), key), Map.of());
  }

  boolean isEmpty() {
    return unnamed.isEmpty() && named.isEmpty();
  }

  /**
   * {@return the keys of a name, by what they verify; empty where there is none}
   *
   * @param kid the key id that the token's header gives, or null where it gives none
   */
  Map<SignatureAlgorithm, VerificationKey> find(@Nullable String kid) {
    return !unnamed.isEmpty() || kid == null ? unnamed : named.getOrDefault(kid, Map.of());
  }

  /** {@return how many characters the signatures may have that these keys verify, ascending} */
  int[] signatureLengths() {
    Map<String, Map<SignatureAlgorithm, VerificationKey>> all = new HashMap<>(named);
    all.put("", unnamed);
    return all.values().stream()
        .flatMap(keys -> keys.values().stream())
        .mapToInt(VerificationKey::signatureLength)
        .distinct()
        .sorted()
        .toArray();
  }
}
