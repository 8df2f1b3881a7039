package dev.penstock.http;

import dev.penstock.Decision;
import dev.penstock.base.BoundedLog;
import java.util.function.BiFunction;

/** The service's own answer, or the standard one where that fails. Thread-safe. */
record CustomRejection(BiFunction<Decision, Rejection, Rejection> function, BoundedLog log) {

  static final CustomRejection STANDARD = new CustomRejection((decision, standard) -> standard);

  CustomRejection(BiFunction<Decision, Rejection, Rejection> function) {
    this(function, new BoundedLog(ResponseStyle.class));
  }

  Rejection apply(Decision decision, Rejection standard) {
    try {
      Rejection chosen = function.apply(decision, standard);
      if (chosen != null) {
        return chosen;
      }
      log.warn(function.getClass().getName() + " returned null, the standard rejection is sent");
    } catch (Throwable e) {
      log.warn(function.getClass().getName() + " failed, the standard rejection is sent", e);
    }
    return standard;
  }
}
