package dev.penstock.benchmarks.report;

import java.util.List;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/**
 * Where values lie on a line of the picture: evenly, or by their logarithm where they span much.
 *
 * @param least the value at the start
 * @param most the value at the end
 * @param start in pixels
 * @param end in pixels
 */
record Axis(double least, double most, double start, double end, boolean logarithmic) {

  private static final double MUCH = 30;

  /** Returns an axis of values from zero, or by powers of ten if they span much. */
  static Axis ofAmounts(DoubleStream values, double start, double end) {
    double[] sorted = values.filter(value -> value > 0).sorted().toArray();
    double least = sorted[0];
    double most = sorted[sorted.length - 1];
    if (most / least > MUCH) {
      double low = Math.pow(10, Math.floor(Math.log10(least)));
      double high = Math.pow(10, Math.ceil(Math.log10(most)));
      return new Axis(low, high, start, end, true);
    }
    double step = step(most);
    return new Axis(0, Math.ceil(most / step) * step, start, end, false);
  }

  /** Returns an axis from the least of the values to the greatest. */
  static Axis ofSteps(DoubleStream values, double start, double end) {
    double[] sorted = values.sorted().toArray();
    double least = sorted[0];
    double most = sorted[sorted.length - 1];
    return new Axis(least, most, start, end, most / least > MUCH);
  }

  double position(double value) {
    if (most == least) {
      return (start + end) / 2;
    }
    double part =
        logarithmic
            ? Math.log(Math.max(value, least) / least) / Math.log(most / least)
            : (value - least) / (most - least);
    return start + part * (end - start);
  }

  /** Returns the round values to mark. */
  List<Double> ticks() {
    if (logarithmic) {
      int decades = (int) Math.round(Math.log10(most / least));
      return IntStream.rangeClosed(0, decades).mapToObj(i -> least * Math.pow(10, i)).toList();
    }
    double step = step(most);
    return IntStream.rangeClosed(0, (int) Math.round(most / step)).mapToObj(i -> i * step).toList();
  }

  /** Returns 1, 2 or 5 times a power of ten, of which about five make up the most. */
  private static double step(double most) {
    double rough = most / 5;
    double power = Math.pow(10, Math.floor(Math.log10(rough)));
    double part = rough / power;
    return power * (part <= 1 ? 1 : part <= 2 ? 2 : part <= 5 ? 5 : 10);
  }
}
