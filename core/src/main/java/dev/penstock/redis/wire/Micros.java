package dev.penstock.redis.wire;

/** The unit of Redis's clock, beside nanoseconds: in which window ends are told, too. */
public final class Micros {

  private static final long NANOS = 1000;

  private Micros() {}

  /** {@return nanoseconds of so many microseconds} */
  public static long toNanos(long micros) {
    return micros * NANOS;
  }

  /** {@return microseconds of so many nanoseconds, rounded down} */
  public static long floor(long nanos) {
    return Math.floorDiv(nanos, NANOS);
  }

  /** {@return likewise rounded up; 0 of less than 0} */
  public static long ceil(long nanos) {
    return nanos <= 0 ? 0 : (nanos - 1) / NANOS + 1;
  }

  /** {@return so many nanoseconds rounded up to whole microseconds} */
  public static long whole(long nanos) {
    return (nanos + NANOS - 1) / NANOS * NANOS;
  }
}
