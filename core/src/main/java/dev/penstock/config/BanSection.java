package dev.penstock.config;

import dev.penstock.Ban;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;

/** Reads after how many denials an identity is banned, and for how long. */
final class BanSection {

  static final String[] KNOWN = {"denials", "period", "lasting"};

  private BanSection() {}

  /** {@return the ban; empty where it was refused} */
  static Optional<Ban> read(Section section, Faults faults) {
    OptionalLong denials = section.whole("denials");
    Optional<Duration> period = section.period("period");
    Optional<Duration> lasting = section.period("lasting");
    if (section.present(KNOWN).size() < KNOWN.length) {
      faults.add(section.where(), "must have denials, period and lasting");
    }
    if (denials.isEmpty() || period.isEmpty()) {
      return Optional.empty();
    }
    Optional<Ban.After> after =
        faults.attempt(section::where, () -> Ban.after(denials.getAsLong(), period.get()));
    return after.flatMap(
        each ->
            lasting.flatMap(
                time -> faults.attempt(section.where("lasting"), () -> each.lasting(time))));
  }
}
