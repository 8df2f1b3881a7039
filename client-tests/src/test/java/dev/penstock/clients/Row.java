package dev.penstock.clients;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A line of the page's table.
 *
 * @param version of the client
 * @param requests when they reach the server, in seconds since the first; with a plus sign, at the
 *     earliest
 * @param seen what the caller has in hand; {@link #PROBLEM} in it stands for the content of the
 *     last response
 */
record Row(JavaClient client, String version, Told told, List<String> requests, String seen) {

  static final String PROBLEM = "{problem}";

  private static final int DECIMALS = 2;

  /** Parses the cells of a line. */
  static Row of(List<String> cells) {
    if (cells.size() != 5) {
      throw new IllegalArgumentException("cells must be 5: " + cells);
    }
    return new Row(
        JavaClient.of(cells.get(0)),
        cells.get(1),
        Told.of(cells.get(2)),
        Arrays.asList(cells.get(3).split(", ", -1)),
        cells.get(4).replace("`", ""));
  }

  /** {@return times as the line has them, as far as they fit; in seconds where they do not} */
  List<String> asStated(List<Duration> times) {
    return IntStream.range(0, times.size())
        .mapToObj(i -> asStated(times.get(i), i < requests.size() ? requests.get(i) : ""))
        .toList();
  }

  private static String asStated(Duration time, String stated) {
    BigDecimal seconds = BigDecimal.valueOf(time.toNanos(), 9);
    if (stated.endsWith("+")) {
      BigDecimal least = new BigDecimal(stated.substring(0, stated.length() - 1));
      if (seconds.compareTo(least) >= 0) {
        return stated;
      }
    }
    return seconds.setScale(DECIMALS, RoundingMode.HALF_UP).stripTrailingZeros().toPlainString();
  }

  @Override
  public String toString() {
    return client + " is told " + told;
  }

  /** {@return what stands between the bars of a line} */
  static List<String> cells(String line) {
    List<String> parts = Arrays.stream(line.split("\\|", -1)).map(String::strip).toList();
    return parts.subList(1, parts.size() - 1);
  }
}
