package dev.penstock;

import dev.penstock.base.BoundedLog;
import java.lang.System.Logger.Level;

/**
 * Writes a line for each denial to the system logger {@code dev.penstock.DenialLog}, at level
 * {@code INFO}: the limits that said no, the kind of identity, when it may come back; never who it
 * is.
 *
 * <p>At most 10 lines a second: a flood of denials is no flood of lines, and the first line after
 * it says how many were left out. Thread-safe and lock-free.
 */
public final class DenialLog implements RateLimitListener {

  private final BoundedLog log;

  /** Writes to the system logger. */
  public DenialLog() {
    this(new BoundedLog(DenialLog.class));
  }

  DenialLog(BoundedLog log) {
    this.log = log;
  }

  @Override
  public void onEvent(RateLimitEvent event) {
    Decision decision = event.decision();
    if (!decision.permitted() && log.isLoggable(Level.INFO)) {
      log.log(Level.INFO, line(event.kind(), decision), null);
    }
  }

  private static String line(Identity.Kind kind, Decision decision) {
    StringBuilder line = new StringBuilder("denied:");
    for (BucketState bucket : decision.deniedBy()) {
      line.append(" policy=").append(bucket.name());
    }
    line.append(" identity=").append(kind);
    if (decision.retryAfter().isEmpty()) {
      return line.append(decision.never() ? " retry_after=never" : " retry_after=unknown")
          .toString();
    }
    long millis = (decision.retryAfterNanos() - 1) / 1_000_000 + 1;
    return line.append(" retry_after_ms=").append(millis).toString();
  }
}
