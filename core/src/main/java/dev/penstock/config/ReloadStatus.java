package dev.penstock.config;

import java.time.Instant;
import java.util.Objects;
import java.util.Optional;

/**
 * How a {@link ReloadingGate} stands to its file. Immutable and thread-safe.
 *
 * @param current whether the gate in force is of the file as it was last read
 * @param since when the gate in force was made
 * @param reloads how often a gate was replaced
 * @param refusals how often a file was not taken
 * @param lastRefusal why, the last time; empty where there was none
 */
public record ReloadStatus(
    boolean current,
    Instant since,
    long reloads,
    long refusals,
    Optional<ReloadRefusal> lastRefusal) {

  /**
   * Checks that nothing is null.
   *
   * @param current whether the gate is of the file as it is
   * @param since when it was made
   * @param reloads how often it was replaced
   * @param refusals how often a file was not taken
   * @param lastRefusal why, the last time
   */
  public ReloadStatus {
    Objects.requireNonNull(since, "since");
    Objects.requireNonNull(lastRefusal, "lastRefusal");
  }

  static ReloadStatus begun(Instant now) {
    return new ReloadStatus(true, now, 0, 0, Optional.empty());
  }

  ReloadStatus reloaded(Instant now) {
    return new ReloadStatus(true, now, reloads + 1, refusals, lastRefusal);
  }

  ReloadStatus refused(ReloadRefusal refusal) {
    return new ReloadStatus(false, since, reloads, refusals + 1, Optional.of(refusal));
  }

  /** The file is again what it was when the gate in force was made. */
  ReloadStatus returned() {
    return new ReloadStatus(true, since, reloads, refusals, lastRefusal);
  }
}
