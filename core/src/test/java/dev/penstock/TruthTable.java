package dev.penstock;

import dev.penstock.base.Inside;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The rows of {@code truth-table.tsv}; what its columns mean stands in its head. */
public final class TruthTable {

  private static final Pattern TIME = Pattern.compile("([0-9]+)(ns|us|ms|s|h|d)");

  /** One row; times are in nanoseconds. */
  public record Row(
      int line,
      Limit limit,
      long now,
      long fullAt,
      long cost,
      boolean permitted,
      long remaining,
      long retryAfter,
      long resetAfter) {

    /** Returns whether a store that counts time in this unit can keep to the row. */
    public boolean fits(Duration unit) {
      long nanos = unit.toNanos();
      return Inside.nanosPerToken(limit) % nanos == 0
          && now % nanos == 0
          && fullAt % nanos == 0
          && resetAfter % nanos == 0;
    }

    /** Returns how far from full the bucket is, at most so far beyond empty as it may owe. */
    public long level() {
      long most = Inside.nanosToFill(limit) + Inside.nanosOfOverdraft(limit);
      return Math.max(0, Math.min(fullAt - now, most));
    }

    /** Returns how many tokens are missing where the bucket owes some. */
    long tokensMissing() {
      return level() / Inside.nanosPerToken(limit);
    }

    boolean owes() {
      return level() > Inside.nanosToFill(limit);
    }

    /** Returns the longest time of which both the level and the time to fill are a multiple. */
    long tick() {
      return BigInteger.valueOf(level())
          .gcd(BigInteger.valueOf(Inside.nanosToFill(limit)))
          .longValueExact();
    }

    long ticksToFill() {
      return Inside.nanosToFill(limit) / tick();
    }

    /** Returns whether a limit may have as many tokens as there are ticks. */
    boolean hasTick() {
      return ticksToFill() <= Limit.MAX_CAPACITY;
    }

    @Override
    public String toString() {
      return "line " + line + ": " + limit + ", full in " + (fullAt - now) + " ns, cost " + cost;
    }
  }

  private TruthTable() {}

  public static List<Row> rows() {
    List<Row> rows = new ArrayList<>();
    List<String> lines = text("/truth-table.tsv").lines().toList();
    for (int i = 0; i < lines.size(); i++) {
      if (!lines.get(i).startsWith("#") && !lines.get(i).isBlank()) {
        rows.add(row(i + 1, lines.get(i).split("\t", -1)));
      }
    }
    return rows;
  }

  static String text(String resource) {
    try (InputStream in = TruthTable.class.getResourceAsStream(resource)) {
      return new String(
          Objects.requireNonNull(in, resource).readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Row row(int line, String[] columns) {
    if (columns.length != 10 && columns.length != 11) {
      throw new IllegalArgumentException(
          "line " + line + " must have 10 columns or 11: " + columns.length);
    }
    TokenBucketLimit limit =
        Limit.of(
            Long.parseLong(columns[0]),
            Long.parseLong(columns[1]),
            Duration.ofNanos(nanos(columns[2])));
    return new Row(
        line,
        columns.length == 10 ? limit : limit.withOverdraft(Long.parseLong(columns[10])),
        nanos(columns[3]),
        nanos(columns[4]),
        Long.parseLong(columns[5]),
        yes(columns[6]),
        Long.parseLong(columns[7]),
        columns[8].equals("never") ? BucketState.NEVER : nanos(columns[8]),
        nanos(columns[9]));
  }

  private static boolean yes(String text) {
    return switch (text) {
      case "yes" -> true;
      case "no" -> false;
      default -> throw new IllegalArgumentException("permitted must be yes or no: " + text);
    };
  }

  private static long nanos(String text) {
    Matcher time = TIME.matcher(text);
    if (!time.matches()) {
      throw new IllegalArgumentException("a time must be a number and a unit: " + text);
    }
    long unit =
        switch (time.group(2)) {
          case "ns" -> 1L;
          case "us" -> 1_000L;
          case "ms" -> 1_000_000L;
          case "s" -> 1_000_000_000L;
          case "h" -> 3_600_000_000_000L;
          default -> 86_400_000_000_000L;
        };
    return Math.multiplyExact(Long.parseLong(time.group(1)), unit);
  }
}
