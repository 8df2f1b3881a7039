package dev.penstock.base;

import org.jspecify.annotations.Nullable;

/**
 * Tells JDK Flight Recorder what happens, where this process has it. The class that writes the
 * events cannot even be linked without the module {@code jdk.jfr}, which an image or an application
 * on the module path may leave out, so it is reached only where the boot layer has that.
 *
 * <p>Thread-safe. Ask before what is told is put together: until a recording is started, the answer
 * is a constant to the compiler.
 */
public final class FlightRecorder {

  private static final @Nullable FlightEvents EVENTS =
      ModuleLayer.boot().findModule("jdk.jfr").isPresent() ? new FlightEvents() : null;

  private FlightRecorder() {}

  /** {@return whether denials are recorded now} */
  public static boolean recordsDenials() {
    return EVENTS != null && EVENTS.recordsDenials();
  }

  /**
   * Records a denial.
   *
   * @param limits the names of those that said no, with commas between
   * @param kind of the identity
   * @param source who decided
   * @param never whether waiting does not help
   * @param retryAfterNanos when it may come back; negative where that is not known
   */
  public static void denied(
      String limits, String kind, String source, boolean never, long retryAfterNanos) {
    if (EVENTS != null) {
      EVENTS.denied(limits, kind, source, never, retryAfterNanos);
    }
  }

  /** {@return whether decisions are recorded now} */
  public static boolean recordsDecisions() {
    return EVENTS != null && EVENTS.recordsDecisions();
  }

  /**
   * Records a decision that was timed.
   *
   * @param policy the name of the policy
   * @param kind of the identity
   * @param source who decided
   * @param permitted whether the request may pass
   * @param tookNanos how long it took
   */
  public static void decided(
      String policy, String kind, String source, boolean permitted, long tookNanos) {
    if (EVENTS != null) {
      EVENTS.decided(policy, kind, source, permitted, tookNanos);
    }
  }

  /**
   * Records that a store is away or back, if that is recorded.
   *
   * @param store what it is called
   * @param available whether it is asked from now on
   */
  public static void failover(String store, boolean available) {
    if (EVENTS != null) {
      EVENTS.failover(store, available);
    }
  }

  /**
   * Records that a policy file was read again, if that is recorded.
   *
   * @param file where it is
   * @param accepted whether it is in force now
   * @param faults how many it has
   */
  public static void reload(String file, boolean accepted, int faults) {
    if (EVENTS != null) {
      EVENTS.reload(file, accepted, faults);
    }
  }
}
