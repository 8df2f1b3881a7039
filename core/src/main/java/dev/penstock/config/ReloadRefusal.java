package dev.penstock.config;

import java.time.Instant;
import java.util.List;
import java.util.Objects;

/**
 * Why a file was not taken. Immutable and thread-safe.
 *
 * @param at when it was refused
 * @param faults what is wrong with it, at least one line
 */
public record ReloadRefusal(Instant at, List<String> faults) {

  /**
   * Copies the list.
   *
   * @param at when it was refused
   * @param faults what is wrong with it
   */
  public ReloadRefusal {
    Objects.requireNonNull(at, "at");
    faults = List.copyOf(Objects.requireNonNull(faults, "faults"));
  }
}
