package dev.penstock.jwt;

import java.util.Collection;

/**
 * What a request carries where tokens stand.
 *
 * @param texts every token that can be one by the keys, each once, in the order of the request; or,
 *     where there is none, one text that is none
 * @param otherScheme whether a token stands behind a scheme that does not count
 */
record PresentedTokens(Collection<String> texts, boolean otherScheme) {

  boolean isEmpty() {
    return texts.isEmpty() && !otherScheme;
  }
}
