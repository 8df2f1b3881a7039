package dev.penstock.redis.wire;

import dev.penstock.Limit;
import dev.penstock.base.Inside;
import dev.penstock.base.Windows;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** What the script has to know of one bucket, beside its key. */
sealed interface BucketTerms {

  /** How many bytes {@link #write} takes. */
  int BYTES = 49;

  byte TOKENS = 1;
  byte SLOTS = 2;
  byte WINDOW = 3;

  /** Returns its numbers. */
  Limit limit();

  /** Returns how long the bucket takes to refill what is taken; of slots, how many are. */
  long costNanos();

  /** Writes it as the script reads it. */
  void write(ByteBuffer group);

  /**
   * What it has to know of one with slots.
   *
   * @param costNanos how many each holder is to have
   * @param lifeMillis for how long
   */
  record SlotTerms(Limit limit, long costNanos, long lifeMillis) implements BucketTerms {

    @Override
    public void write(ByteBuffer group) {
      group.put(SLOTS);
      number(group, costNanos, 0);
      number(group, limit.capacity(), 0);
      group.putDouble(0);
      number(group, 0, 0);
      number(group, lifeMillis, 0);
    }
  }

  /**
   * What it has to know of one with tokens.
   *
   * @param limit its numbers
   * @param costNanos how long the bucket takes to refill what is taken
   * @param owedMicros what was spent elsewhere, as time of refill; of a refund of one who waits,
   *     negative, when it was to pass
   * @param neededNanos what the bucket must hold besides the cost, as time of refill, less the time
   *     for which somebody waits; of a refund when it was to be full, 0 if that is not known
   */
  record TokenTerms(Limit limit, long costNanos, long owedMicros, long neededNanos)
      implements BucketTerms {

    @Override
    public void write(ByteBuffer group) {
      group.put(TOKENS);
      duration(group, costNanos);
      duration(group, Inside.nanosToFill(limit));
      group.putDouble((double) owedMicros);
      duration(group, neededNanos);
      duration(group, Inside.nanosOfOverdraft(limit));
    }

    private static void duration(ByteBuffer group, long nanos) {
      long micros = Micros.floor(nanos);
      number(group, micros, nanos - Micros.toNanos(micros));
    }
  }

  /**
   * What it has to know of a window, in tokens.
   *
   * @param limit its numbers
   * @param costNanos what is taken
   * @param owed what was spent elsewhere
   * @param needed what the window must hold besides the cost
   * @param endMicros when the window ends into which something is put back, else 0
   */
  record WindowTerms(Limit limit, long costNanos, long owed, long needed, long endMicros)
      implements BucketTerms {

    /** How much longer a window may be by daylight saving time. */
    private static final Duration SHIFT = Duration.ofHours(1);

    @Override
    public void write(ByteBuffer group) {
      group.put(WINDOW);
      number(group, costNanos, 0);
      number(group, limit.capacity(), 0);
      group.putDouble((double) owed);
      number(group, needed, 0);
      number(group, Inside.nanosOfOverdraft(limit), 0);
    }

    /** Returns what the script is told of the window besides. */
    String text(KnownBuckets known, @Nullable Long bucket, long now, int epoch) {
      Windows windows = Objects.requireNonNull(Inside.windows(limit));
      StringBuilder text = new StringBuilder(120).append(mark(windows)).append(',');
      known.appendWindow(text, bucket, limit, now, epoch);
      text.append(',').append(endMicros).append(',').append(longestMicros(windows));
      if (!windows.slide()) {
        Windows.Window window = windows.window(known.serverTime().nanos(now));
        text.append(',').append(Micros.floor(window.lastStart()));
        text.append(',').append(Micros.floor(window.start()));
        text.append(',').append(Micros.floor(window.end()));
        text.append(',').append(Micros.floor(window.nextEnd()));
      }
      return text.toString();
    }

    private static long mark(Windows windows) {
      return windows.slide()
          ? TimeUnit.NANOSECONDS.toSeconds(windows.nanos())
          : (windows.zone().getId() + windows.unit()).hashCode() & 0xFFFF_FFFFL;
    }

    private static long longestMicros(Windows windows) {
      ChronoUnit unit = windows.unit();
      Duration longest =
          unit == null || unit == ChronoUnit.MINUTES || unit == ChronoUnit.HOURS
              ? Duration.ofNanos(windows.nanos())
              : Duration.ofDays(
                      switch (unit) {
                        case DAYS -> 1;
                        case WEEKS -> 7;
                        case MONTHS -> 31;
                        default -> 366;
                      })
                  .plus(SHIFT);
      return Micros.floor(longest.toNanos());
    }
  }

  private static void number(ByteBuffer group, long whole, long rest) {
    group.putDouble((double) whole).putShort((short) rest);
  }
}
