package dev.penstock.benchmarks.report;

import java.util.Locale;

/** How numbers are written. */
final class Figures {

  private static final int SHOWN_DIGITS = 3;

  private Figures() {}

  /** Returns a number of three digits at least, thousands set apart: 0.123, 12.3, 12,345. */
  static String of(double value) {
    if (!Double.isFinite(value)) {
      return "?";
    }
    int whole = value == 0 ? 1 : (int) Math.floor(Math.log10(Math.abs(value))) + 1;
    int decimals = Math.min(SHOWN_DIGITS, Math.max(0, SHOWN_DIGITS - whole));
    return String.format(Locale.ROOT, "%,." + decimals + "f", value);
  }

  /** Returns a number without decimals, thousands set apart. */
  static String whole(double value) {
    return String.format(Locale.ROOT, "%,.0f", value);
  }

  /** Returns the middle of numbers in ascending order, of which there is one at least. */
  static double median(double[] sorted) {
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }

  /** Returns a share of 1 in percent, with one decimal. */
  static String percent(double share) {
    return String.format(Locale.ROOT, "%.1f %%", 100 * share);
  }

  /** Returns a score with its error, where that is known. */
  static String of(Measurement measurement) {
    String score = of(measurement.score());
    return Double.isNaN(measurement.error()) ? score : score + " ± " + of(measurement.error());
  }

  /** Returns a whole number in short: 1k, 10M. */
  static String brief(double value) {
    if (value >= 1_000_000) {
      return plain(value / 1_000_000) + "M";
    }
    return value >= 1_000 ? plain(value / 1_000) + "k" : plain(value);
  }

  private static String plain(double value) {
    return value == Math.rint(value) ? Long.toString((long) value) : Double.toString(value);
  }

  /** Returns the text of a parameter, its thousands set apart if it is a number. */
  static String grouped(String value) {
    return value.matches("\\d{4,18}")
        ? String.format(Locale.ROOT, "%,d", Long.parseLong(value))
        : value;
  }

  static String counted(int count, String thing) {
    return count + " " + thing + (count == 1 ? "" : "s");
  }
}
