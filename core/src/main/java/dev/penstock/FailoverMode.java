package dev.penstock;

/** What becomes of requests under a limit while the store that several processes share is away. */
public enum FailoverMode {
  /** Limit in the memory of this process, at its share of the fleet's limit. */
  LOCAL,
  /** Let every request proceed. */
  OPEN,
  /** Reject every request; over HTTP with 503. */
  CLOSED
}
