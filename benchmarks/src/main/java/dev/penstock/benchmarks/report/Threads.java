package dev.penstock.benchmarks.report;

/**
 * How many ran a benchmark at once.
 *
 * @param count at least 1
 * @param virtual whether they were virtual threads
 */
record Threads(int count, boolean virtual) {

  /** What makes JMH run a benchmark on virtual threads. */
  static final String VIRTUAL_ARGUMENT = "-Djmh.executor=VIRTUAL";

  private static final int FIRST_JDK_WITH_VIRTUAL = 21;

  static Threads platform(int count) {
    return new Threads(count, false);
  }

  static Threads virtual(int count) {
    return new Threads(count, true);
  }

  static boolean mayBeVirtual() {
    return Runtime.version().feature() >= FIRST_JDK_WITH_VIRTUAL;
  }

  @Override
  public String toString() {
    return Figures.counted(count, virtual ? "virtual thread" : "thread");
  }
}
