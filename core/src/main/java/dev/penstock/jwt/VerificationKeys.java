package dev.penstock.jwt;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Finds the key that a token's header names. */
@FunctionalInterface
interface VerificationKeys {

  /**
   * {@return the key, or null where there is none}
   *
   * @param kid the key id that the token's header gives, or null where it gives none
   */
  @Nullable VerificationKey find(@Nullable String kid);

  /** {@return one key without a name, which answers to every key id and to none} */
  static VerificationKeys unnamed(VerificationKey key) {
    return kid -> key;
  }

  /** {@return keys that answer to exactly their own key id} */
  static VerificationKeys named(Map<String, VerificationKey> keys) {
    Map<String, VerificationKey> byId = Map.copyOf(keys);
    return kid -> kid == null ? null : byId.get(kid);
  }
}
