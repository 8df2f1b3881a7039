package dev.penstock.http;

import dev.penstock.LimitPolicy;
import java.util.Objects;

/** Requests of this pattern are charged this cost under this policy. */
record Rule(RequestPattern pattern, LimitPolicy policy, long cost) {

  Rule {
    Objects.requireNonNull(policy, "policy");
    if (cost < 1) {
      throw new IllegalArgumentException("cost must be at least 1: " + cost);
    }
  }
}
