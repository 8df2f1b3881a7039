package dev.penstock.http;

import dev.penstock.Decision;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/** The service's own answer, or the standard one where that fails. Thread-safe. */
final class CustomRejection {

  static final CustomRejection STANDARD = new CustomRejection((decision, standard) -> standard);

  private static final Logger LOG = System.getLogger(ResponseStyle.class.getName());

  private final BiFunction<Decision, Rejection, Rejection> function;

  /** A function that fails is likely to fail on each rejection: one line must do. */
  private final AtomicBoolean failureLogged = new AtomicBoolean();

  CustomRejection(BiFunction<Decision, Rejection, Rejection> function) {
    this.function = function;
  }

  Rejection apply(Decision decision, Rejection standard) {
    try {
      Rejection chosen = function.apply(decision, standard);
      if (chosen != null) {
        return chosen;
      }
      log(" returned null", null);
    } catch (RuntimeException e) {
      log(" failed", e);
    }
    return standard;
  }

  private void log(String what, @Nullable Throwable cause) {
    if (failureLogged.compareAndSet(false, true)) {
      LOG.log(
          Level.WARNING,
          function.getClass().getName()
              + what
              + " on a rejection, the standard one is sent; this is logged once",
          cause);
    }
  }
}
