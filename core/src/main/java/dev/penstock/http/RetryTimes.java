package dev.penstock.http;

import dev.penstock.Decision;
import dev.penstock.Identity;
import java.util.ArrayList;
import java.util.List;

/**
 * When rejected clients are told to come back, and by which fields.
 *
 * @param spread by how much of the time it is longer for some, from 0 to 1
 * @param hints what is said besides {@code Retry-After}
 */
record RetryTimes(double spread, RetryHints hints) {

  RetryAdvice advice(Decision decision, Identity identity) {
    return RetryAdvice.of(decision, identity, spread);
  }

  List<HeaderField> fields(RetryAdvice advice) {
    List<HeaderField> fields = new ArrayList<>();
    advice
        .seconds()
        .ifPresent(seconds -> fields.add(new HeaderField("Retry-After", seconds.toString())));
    fields.addAll(hints.fields(advice));
    return fields;
  }
}
