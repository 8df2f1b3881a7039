package dev.penstock.jwt;

import java.util.Collection;
import org.jspecify.annotations.Nullable;

/**
 * What a request carries where tokens stand.
 *
 * @param texts every token that can be one by the keys, each once, in the order of the request; or,
 *     where there is none, one text that is none
 * @param otherScheme behind which scheme that does not count the first token stands, as {@link
 *     OtherScheme} calls it; null where none does
 */
record PresentedTokens(Collection<String> texts, @Nullable String otherScheme) {

  boolean isEmpty() {
    return texts.isEmpty() && otherScheme == null;
  }
}
