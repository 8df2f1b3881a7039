package dev.penstock.redis;

/** What becomes of requests while Redis is away. */
public enum FailoverMode {
  /** Limit in the memory of this process, at its share of the fleet's limit. */
  LOCAL,
  /** Let every request proceed. */
  OPEN,
  /** Reject every request; over HTTP with 503. */
  CLOSED
}
