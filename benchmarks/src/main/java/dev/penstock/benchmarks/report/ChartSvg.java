package dev.penstock.benchmarks.report;

import dev.penstock.benchmarks.report.Chart.Point;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;

/**
 * Draws a chart as SVG. It has a ground of its own, light or dark as the reader's system is, so it
 * is readable on any page; curves differ in colour, in the shape of their points and by a name at
 * their end.
 */
final class ChartSvg {

  private static final int WIDTH = 760;
  private static final int HEIGHT = 420;
  private static final int LEFT = 70;
  private static final int RIGHT = 600;
  private static final int TOP = 50;
  private static final int BOTTOM = 360;
  private static final int LINE = 16;

  private static final String STYLE =
      """
      text{font:13px system-ui,sans-serif;fill:#1f2328}.t{font-size:16px;font-weight:600}.n{fill:currentColor}
      .p{fill:#fff}.g{stroke:#d8dee4}.l{fill:none;stroke-width:2}
      .a{color:#0969da}.b{color:#6e7781}.c{color:#bc4c00}.d{color:#8250df}.e{color:#1a7f37}
      @media(prefers-color-scheme:dark){text{fill:#e6edf3}.n{fill:currentColor}.p{fill:#0d1117}.g{stroke:#30363d}
      .a{color:#58a6ff}.b{color:#8b949e}.c{color:#f0883e}.d{color:#bc8cff}.e{color:#3fb950}}""";

  private static final List<String> PEER_COLOURS = List.of("c", "d", "e");

  private final Chart chart;
  private final Axis x;
  private final Axis y;
  private final StringBuilder svg = new StringBuilder();

  private ChartSvg(Chart chart) {
    this.chart = chart;
    this.x = Axis.ofSteps(points().mapToDouble(Point::x), LEFT + 20.0, RIGHT - 20.0);
    this.y = Axis.ofAmounts(points().flatMapToDouble(ChartSvg::height), BOTTOM, TOP);
  }

  /** Returns the picture. */
  static String of(Chart chart) {
    return new ChartSvg(chart).draw();
  }

  private Stream<Point> points() {
    return chart.curves().values().stream().flatMap(List::stream);
  }

  private static DoubleStream height(Point point) {
    return DoubleStream.of(point.y(), point.y() + point.error());
  }

  private String draw() {
    add(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" role=\"img\""
            + " aria-labelledby=\"t d\">",
        WIDTH, HEIGHT);
    add("<title id=\"t\">%s</title>", escaped(chart.title()));
    add("<desc id=\"d\">%s</desc>", escaped(chart.describe()));
    add("<style>%s</style>", STYLE);
    add("<rect class=\"p\" width=\"%d\" height=\"%d\" rx=\"6\"/>", WIDTH, HEIGHT);
    add("<text class=\"t\" x=\"%d\" y=\"26\">%s</text>", LEFT, escaped(chart.title()));
    drawGrid();
    drawCurves();
    add("</svg>");
    return svg.toString();
  }

  private void drawGrid() {
    for (double tick : y.ticks()) {
      double at = y.position(tick);
      add("<path class=\"g\" d=\"M%d %.1fH%d\"/>", LEFT, at, RIGHT);
      add(
          "<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%s</text>",
          LEFT - 8, at + 4, amount(tick));
    }
    for (double tick : points().mapToDouble(Point::x).distinct().sorted().toArray()) {
      add(
          "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%s</text>",
          x.position(tick), BOTTOM + 20, Figures.brief(tick));
    }
    add(
        "<text x=\"%d\" y=\"%d\" text-anchor=\"middle\">%s</text>",
        (LEFT + RIGHT) / 2, BOTTOM + 44, escaped(chart.horizontal() + scale(x)));
    add(
        "<text transform=\"translate(16 %d) rotate(-90)\" text-anchor=\"middle\">%s</text>",
        (TOP + BOTTOM) / 2, escaped(chart.vertical() + scale(y)));
  }

  private static String scale(Axis axis) {
    return axis.logarithmic() ? " (log)" : "";
  }

  private static String amount(double value) {
    return value == 0 ? "0" : value >= 1_000 ? Figures.brief(value) : number(value);
  }

  private static String number(double value) {
    return value == Math.rint(value) ? Long.toString((long) value) : Figures.of(value);
  }

  private void drawCurves() {
    List<Double> names = nameHeights();
    int peer = 0;
    int curve = 0;
    for (Map.Entry<String, List<Point>> entry : chart.curves().entrySet()) {
      String who = entry.getKey();
      boolean floor = who.equals(Comparison.FLOOR);
      boolean ours = who.equals(Comparison.PENSTOCK);
      String colour = floor ? "b" : ours ? "a" : PEER_COLOURS.get(peer % PEER_COLOURS.size());
      if (!floor && !ours) {
        peer++;
      }
      add("<g class=\"%s\">", colour);
      drawCurve(entry.getValue(), floor ? " stroke-dasharray=\"5 4\"" : "", curve);
      Point last = entry.getValue().get(entry.getValue().size() - 1);
      double from = x.position(last.x()) + 6;
      add(
          "<path class=\"g\" d=\"M%.1f %.1fL%d %.1f\"/>",
          from, y.position(last.y()), RIGHT + 6, names.get(curve));
      add(
          "<text class=\"n\" x=\"%d\" y=\"%.1f\">%s</text>",
          RIGHT + 10, names.get(curve) + 4, escaped(who));
      add("</g>");
      curve++;
    }
  }

  private void drawCurve(List<Point> points, String dashes, int shape) {
    StringBuilder path = new StringBuilder();
    for (Point point : points) {
      path.append(path.isEmpty() ? "M" : "L")
          .append(at(x.position(point.x()), y.position(point.y())));
    }
    add("<path class=\"l\" stroke=\"currentColor\"%s d=\"%s\"/>", dashes, path);
    for (Point point : points) {
      double across = x.position(point.x());
      add(
          "<path stroke=\"currentColor\" d=\"M%.1f %.1fV%.1f\"/>",
          across,
          y.position(point.y() + point.error()),
          y.position(Math.max(y.least(), point.y() - point.error())));
      add(
          "<path fill=\"currentColor\" d=\"M%s%s\"/>",
          at(across, y.position(point.y())), mark(shape));
    }
  }

  private static String at(double across, double down) {
    return String.format(Locale.ROOT, "%.1f %.1f", across, down);
  }

  /** Returns a disc, a square, a triangle or a diamond around where the path stands. */
  private static String mark(int shape) {
    return switch (shape % 4) {
      case 0 -> "m-4 0a4 4 0 1 0 8 0a4 4 0 1 0-8 0";
      case 1 -> "m-4-4h8v8h-8z";
      case 2 -> "m0-5l5 9h-10z";
      default -> "m0-5l5 5-5 5-5-5z";
    };
  }

  /** Returns where the names stand, by the curves' ends, no two in one line. */
  private List<Double> nameHeights() {
    List<Double> ends = new ArrayList<>();
    chart.curves().values().forEach(c -> ends.add(y.position(c.get(c.size() - 1).y())));
    List<Double> heights = new ArrayList<>(ends);
    double free = TOP;
    for (int index : ascending(ends)) {
      heights.set(index, Math.max(free, ends.get(index)));
      free = heights.get(index) + LINE;
    }
    double beyond = Math.max(0, free - LINE - BOTTOM);
    heights.replaceAll(height -> height - beyond);
    return heights;
  }

  private static List<Integer> ascending(List<Double> values) {
    List<Integer> order = new ArrayList<>();
    for (int i = 0; i < values.size(); i++) {
      order.add(i);
    }
    order.sort((a, b) -> Double.compare(values.get(a), values.get(b)));
    return order;
  }

  private void add(String format, Object... values) {
    svg.append(String.format(Locale.ROOT, format, values)).append('\n');
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
  }
}
