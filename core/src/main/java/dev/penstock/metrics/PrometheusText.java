package dev.penstock.metrics;

import dev.penstock.MetricFamily;
import dev.penstock.MetricFamily.Sample;
import dev.penstock.MetricFamily.Spread;
import dev.penstock.MetricFamily.Value;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;

/**
 * The Prometheus text format, version 0.0.4: written here and nowhere else.
 *
 * <p>A scrape drops all of a text in which a series stands twice, or a family in two pieces. So
 * families of one name are written as one, under the type and the help of the first, and of a
 * series that comes twice the first counts.
 */
final class PrometheusText {

  private final StringBuilder text = new StringBuilder();

  private PrometheusText() {}

  /** Returns the text of these families, in the order in which their names first come. */
  static String of(List<MetricFamily> families) {
    Map<String, MetricFamily> whole = new LinkedHashMap<>();
    families.forEach(family -> whole.merge(family.name(), family, PrometheusText::joined));
    PrometheusText text = new PrometheusText();
    whole.values().forEach(text::write);
    return text.text.toString();
  }

  private static MetricFamily joined(MetricFamily first, MetricFamily second) {
    if (first.type() != second.type()) {
      return first;
    }
    List<Sample> samples = new ArrayList<>(first.samples());
    Set<SortedMap<String, String>> seen = new HashSet<>();
    samples.forEach(sample -> seen.add(sample.labels()));
    second.samples().stream()
        .filter(sample -> !seen.contains(sample.labels()))
        .forEach(samples::add);
    return new MetricFamily(first.type(), first.name(), first.help(), samples);
  }

  /** A family without samples is none to a scrape. */
  private void write(MetricFamily family) {
    if (family.samples().isEmpty()) {
      return;
    }
    String name = family.name();
    text.append("# HELP ").append(name).append(' ').append(escaped(family.help())).append('\n');
    text.append("# TYPE ").append(name).append(' ');
    text.append(family.type().name().toLowerCase(Locale.ROOT)).append('\n');
    for (Sample sample : family.samples()) {
      if (sample instanceof Spread spread) {
        write(name, spread);
      } else {
        line(name, sample.labels(), "", ((Value) sample).value());
      }
    }
  }

  /** The buckets are added up here, so they never fall. */
  private void write(String name, Spread spread) {
    long count = 0;
    for (int i = 0; i < spread.counts().size(); i++) {
      count += spread.counts().get(i);
      boolean isLast = i == spread.bounds().size();
      String bound = isLast ? "+Inf" : number(spread.bounds().get(i));
      line(name + "_bucket", spread.labels(), bound, (double) count);
    }
    line(name + "_sum", spread.labels(), "", spread.sum());
    line(name + "_count", spread.labels(), "", (double) count);
  }

  private void line(String name, SortedMap<String, String> labels, String bound, double value) {
    text.append(name);
    char before = '{';
    for (Map.Entry<String, String> label : labels.entrySet()) {
      text.append(before).append(label.getKey()).append("=\"");
      text.append(escaped(label.getValue()).replace("\"", "\\\"")).append('"');
      before = ',';
    }
    if (!bound.isEmpty()) {
      text.append(before).append("le=\"").append(bound).append('"');
      before = ',';
    }
    text.append(before == ',' ? "} " : " ").append(number(value)).append('\n');
  }

  private static String escaped(String value) {
    return value.replace("\\", "\\\\").replace("\n", "\\n");
  }

  /** Whole numbers without a fraction, as far as a double tells them apart. */
  private static String number(double value) {
    if (Double.isInfinite(value)) {
      return value > 0 ? "+Inf" : "-Inf";
    }
    boolean isWhole = value == Math.rint(value) && Math.abs(value) < 1L << 53;
    return isWhole ? Long.toString((long) value) : Double.toString(value);
  }
}
