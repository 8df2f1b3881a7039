package dev.penstock.http;

import java.time.Duration;
import java.util.Objects;

/**
 * How much an answered rejection still reads of content that its client, or a proxy before it, goes
 * on to send. A proxy that finds the connection closed while it sends reports a failure of its own,
 * such as 502, and the client never sees the rejection. Content is read away and not kept.
 *
 * <p>It bounds each rejected request, whatever its client does: after so many bytes or so much time
 * the connection is closed. Immutable and thread-safe.
 *
 * @param bytes how much is read, {@value UnreadContent#MAX_SMALL} or more
 * @param time for how long, from a quarter of a second to ten minutes
 */
public record Patience(long bytes, Duration time) {

  private static final Duration LONGEST = Duration.ofMinutes(10);
  private static final long USUAL_BYTES = 2L * 1024 * 1024;

  private static final Patience STANDARD = new Patience(USUAL_BYTES, Duration.ofSeconds(20));
  private static final Patience LEAST =
      new Patience(UnreadContent.MAX_SMALL, UnreadContent.DEADLINE);

  /**
   * Checks the bounds.
   *
   * @param bytes how much is read
   * @param time for how long
   * @throws IllegalArgumentException if one is out of range
   */
  public Patience {
    Objects.requireNonNull(time, "time");
    if (bytes < UnreadContent.MAX_SMALL) {
      throw new IllegalArgumentException(
          "bytes must be at least " + UnreadContent.MAX_SMALL + ": " + bytes);
    }
    if (time.compareTo(UnreadContent.DEADLINE) < 0 || time.compareTo(LONGEST) > 0) {
      throw new IllegalArgumentException(
          "time must be from " + UnreadContent.DEADLINE + " to " + LONGEST + ": " + time);
    }
  }

  /** {@return 2 MiB and 20 seconds, as much as Tomcat by itself} */
  public static Patience standard() {
    return STANDARD;
  }

  /** {@return 64 KiB and a quarter of a second} */
  public static Patience least() {
    return LEAST;
  }
}
