package dev.penstock.base;

/**
 * Tells JDK Flight Recorder what happens, where this process has it; elsewhere nobody. The class
 * that writes the events cannot even be linked without the module {@code jdk.jfr}, which an image
 * or an application on the module path may leave out, so it is reached only where the boot layer
 * has that.
 *
 * <p>Thread-safe. Ask before what is told is put together: until a recording is started, the answer
 * is a constant to the compiler.
 */
public sealed class FlightRecorder permits FlightEvents {

  private static final class Found {

    static final FlightRecorder OF_THIS_PROCESS =
        ModuleLayer.boot().findModule("jdk.jfr").isPresent()
            ? new FlightEvents()
            : new FlightRecorder();
  }

  FlightRecorder() {}

  /** {@return the one of this process} */
  public static FlightRecorder ofThisProcess() {
    return Found.OF_THIS_PROCESS;
  }

  /** {@return whether denials are recorded now} */
  public boolean recordsDenials() {
    return false;
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
  public void denied(
      String limits, String kind, String source, boolean never, long retryAfterNanos) {}

  /** {@return whether decisions are recorded now} */
  public boolean recordsDecisions() {
    return false;
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
  public void decided(
      String policy, String kind, String source, boolean permitted, long tookNanos) {}

  /**
   * Records that a store is away or back, if that is recorded.
   *
   * @param store what it is called
   * @param available whether it is asked from now on
   */
  public void failover(String store, boolean available) {}

  /**
   * Records that a policy file was read again, if that is recorded.
   *
   * @param file where it is
   * @param accepted whether it is in force now
   * @param faults how many it has
   */
  public void reload(String file, boolean accepted, int faults) {}
}
