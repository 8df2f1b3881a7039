package dev.penstock.jwt;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Keys by the names that tokens give.
 *
 * @param unnamed one key without a name, which answers to every key id and to none, or null
 * @param named keys that answer to exactly their own key id, where there is no unnamed one
 */
record VerificationKeys(@Nullable VerificationKey unnamed, Map<String, VerificationKey> named) {

  static final VerificationKeys NONE = named(Map.of());

  VerificationKeys {
    named = Map.copyOf(named);
  }

  static VerificationKeys unnamed(VerificationKey key) {
    return new VerificationKeys(key, Map.of());
  }

  static VerificationKeys named(Map<String, VerificationKey> keys) {
    return new VerificationKeys(null, keys);
  }

  /**
   * {@return the key, or null where there is none}
   *
   * @param kid the key id that the token's header gives, or null where it gives none
   */
  @Nullable VerificationKey find(@Nullable String kid) {
    return unnamed != null || kid == null ? unnamed : named.get(kid);
  }
}
