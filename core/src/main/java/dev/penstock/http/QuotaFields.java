package dev.penstock.http;

import dev.penstock.Decision;
import java.time.InstantSource;
import java.util.List;

/**
 * The fields that say what is left of the limits, of permitted and of rejected requests.
 *
 * @param syntax how they say it
 * @param sharedCaches where clients share a cache
 * @param clock what they tell the time by
 */
record QuotaFields(FieldSyntax syntax, SharedCaches sharedCaches, InstantSource clock) {

  /** Returns those of whatever a permitted request is answered. */
  List<HeaderField> ofPermitted(RequestView request, Decision decision) {
    return sharedCaches.fields(request, syntax.fields(decision, clock));
  }

  /** Returns those of a rejection, which no cache keeps. */
  List<HeaderField> ofDenied(Decision decision) {
    return syntax.fields(decision, clock);
  }
}
