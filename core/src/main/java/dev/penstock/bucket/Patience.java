package dev.penstock.bucket;

/**
 * For how long somebody waits.
 *
 * @param deadline the time by the store's clock at which they have waited for long enough
 * @param wake has them look again when their time has changed
 */
record Patience(long deadline, Runnable wake) {

  long nanos(long now) {
    return Math.max(0, deadline - now);
  }
}
