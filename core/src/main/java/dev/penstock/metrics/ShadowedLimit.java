package dev.penstock.metrics;

import java.util.Locale;

/**
 * What a limit in shadow would have done, had it been enforced. Immutable and thread-safe.
 *
 * @param limit its name
 * @param requests of those that it was tried on
 * @param denied how many of them it would have denied
 * @param identities how many identities these were of, about: exact for a few, and within some
 *     percent for many
 */
public record ShadowedLimit(String limit, long requests, long denied, long identities) {

  /** {@return the sentence for an operator} */
  @Override
  public String toString() {
    double percent = requests == 0 ? 0 : 100.0 * denied / requests;
    return String.format(
        Locale.ROOT,
        "with limit %s %.1f %% of %d requests, of %d identities, would have been denied",
        limit,
        percent,
        requests,
        identities);
  }
}
