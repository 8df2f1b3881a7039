package dev.penstock;

import dev.penstock.base.BoundedLog;
import java.lang.System.Logger.Level;

/**
 * Writes a line for each denial to the system logger {@code dev.penstock.DenialLog}, at level
 * {@code INFO}: the limits that said no, the kind of identity, when it may come back; never who it
 * is. Where nobody decided, as the shared store is away, it is the policy and the {@linkplain
 * Decision.Source source}, of whom is permitted meanwhile, too. What limits {@linkplain
 * PartitionedLimit#asShadow in shadow} would have denied is a line as well, that begins with {@code
 * would deny}.
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
    boolean isUnlimited =
        decision.source() == Decision.Source.OPEN && event.type() == RateLimitEvent.Type.DECIDED;
    if ((isUnlimited || !decision.permitted()) && log.isLoggable(Level.INFO)) {
      String begin = isUnlimited ? "permitted without a limit:" : "denied:";
      log.log(Level.INFO, line(begin, event, decision), null);
    }
    if (event.type() == RateLimitEvent.Type.DECIDED) {
      decision
          .shadow()
          .filter(shadow -> !shadow.permitted() && log.isLoggable(Level.INFO))
          .ifPresent(shadow -> log.log(Level.INFO, line("would deny:", event, shadow), null));
    }
  }

  @Override
  public boolean hearsPermitted() {
    return false;
  }

  private static String line(String begin, RateLimitEvent event, Decision decision) {
    StringBuilder line = new StringBuilder(begin);
    for (BucketState bucket : decision.deniedBy()) {
      line.append(" policy=").append(bucket.name());
    }
    if (decision.buckets().isEmpty()) {
      line.append(" policy=").append(event.policy().replaceAll("[^ -~]", "?"));
      line.append(" source=").append(decision.source());
    }
    line.append(" identity=").append(event.kind());
    if (decision.permitted()) {
      return line.toString();
    }
    if (decision.retryAfter().isEmpty()) {
      return line.append(decision.never() ? " retry_after=never" : " retry_after=unknown")
          .toString();
    }
    long millis = (decision.retryAfterNanos() - 1) / 1_000_000 + 1;
    return line.append(" retry_after_ms=").append(millis).toString();
  }
}
