package dev.penstock.metrics;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads the Prometheus text format, version 0.0.4, as strictly as a scrape and {@code promtool
 * check metrics} together, and refuses what either drops or complains of.
 */
final class Scrape {

  private static final String NAME = "[a-zA-Z_:][a-zA-Z0-9_:]*";
  private static final Pattern HELP =
      Pattern.compile("# HELP (" + NAME + ") ((?:[^\\\\]|\\\\[\\\\n])+)");
  private static final Pattern TYPE =
      Pattern.compile("# TYPE (" + NAME + ") (counter|gauge|histogram)");
  private static final Pattern SAMPLE =
      Pattern.compile("(" + NAME + ")(?:\\{(.+)})? (-?[0-9.]+(?:E-?[0-9]+)?|[+-]Inf|NaN)");
  private static final Pattern LABEL =
      Pattern.compile("([a-zA-Z_][a-zA-Z0-9_]*)=\"((?:[^\\\\\"\n]|\\\\[\\\\\"n])*)\"(,|$)");

  /** The values of all series, by name and sorted labels as the text has them. */
  private final Map<String, Double> series = new LinkedHashMap<>();

  private final Map<String, String> types = new LinkedHashMap<>();
  private final Set<String> helped = new HashSet<>();
  private final Set<String> sampled = new HashSet<>();
  private String family = "";

  private Scrape() {}

  /**
   * Returns what the text says.
   *
   * @throws IllegalArgumentException if a scrape would drop it
   */
  static Scrape of(String text) {
    Scrape scrape = new Scrape();
    if (!text.endsWith("\n")) {
      throw new IllegalArgumentException("the last line does not end");
    }
    for (String line : text.substring(0, text.length() - 1).split("\n", -1)) {
      scrape.read(line);
    }
    scrape.types.keySet().stream()
        .filter(name -> !scrape.sampled.contains(name) || !scrape.helped.contains(name))
        .forEach(name -> refuse("no help or no sample", name));
    scrape.checkHistograms();
    return scrape;
  }

  Map<String, Double> series() {
    return series;
  }

  Set<String> families() {
    return types.keySet();
  }

  double value(String name) {
    Double value = series.get(name);
    if (value == null) {
      throw new IllegalArgumentException("no series " + name + " among " + series.keySet());
    }
    return value;
  }

  private void read(String line) {
    Matcher help = HELP.matcher(line);
    if (help.matches()) {
      if (!helped.add(help.group(1))) {
        refuse("a second HELP", line);
      }
      return;
    }
    Matcher type = TYPE.matcher(line);
    if (type.matches()) {
      begin(type.group(1), type.group(2), line);
      return;
    }
    Matcher sample = SAMPLE.matcher(line);
    if (!sample.matches()) {
      refuse("no line of the format", line);
    }
    sample(sample.group(1), sample.group(2), sample.group(3), line);
  }

  private void begin(String name, String type, String line) {
    if (types.put(name, type) != null) {
      refuse("a second TYPE, or a family in pieces", line);
    }
    if (type.equals("counter") != name.endsWith("_total")) {
      refuse("_total is for counters", line);
    }
    family = name;
  }

  private void sample(String name, String labels, String value, String line) {
    String type = types.getOrDefault(family, "");
    boolean ofFamily =
        type.equals("histogram")
            ? Set.of(family + "_bucket", family + "_sum", family + "_count").contains(name)
            : name.equals(family);
    if (!ofFamily) {
      refuse("a sample outside its family", line);
    }
    sampled.add(family);
    String key = name + labels(labels == null ? "" : labels, line);
    double number = Double.parseDouble(value.replace("Inf", "Infinity"));
    if (type.equals("counter") && !(number >= 0)) {
      refuse("a counter below zero", line);
    }
    if (series.put(key, number) != null) {
      refuse("a series twice", line);
    }
  }

  private static String labels(String text, String line) {
    Map<String, String> labels = new TreeMap<>();
    Matcher label = LABEL.matcher(text);
    int end = 0;
    while (end < text.length() && label.find(end) && label.start() == end) {
      if (labels.put(label.group(1), label.group(2)) != null) {
        refuse("a label twice", line);
      }
      end = label.end();
    }
    if (end < text.length() || text.endsWith(",")) {
      refuse("malformed labels", line);
    }
    return labels.isEmpty() ? "" : labels.toString();
  }

  /** Buckets come in rising order, never fall, and end in +Inf, which is the count. */
  private void checkHistograms() {
    for (Map.Entry<String, String> type : types.entrySet()) {
      if (type.getValue().equals("histogram")) {
        checkHistogram(type.getKey());
      }
    }
  }

  private void checkHistogram(String name) {
    Pattern bound = Pattern.compile("(?:\\{|, )le=([^,}]+)");
    Map<String, List<double[]>> spreads = new HashMap<>();
    for (Map.Entry<String, Double> one : series.entrySet()) {
      if (one.getKey().startsWith(name + "_bucket")) {
        Matcher found = bound.matcher(one.getKey());
        if (!found.find()) {
          refuse("a bucket without a bound", one.getKey());
        }
        String others =
            one.getKey()
                .substring((name + "_bucket").length())
                .replaceFirst("(, )?le=[^,}]+", "")
                .replaceFirst("^\\{, ", "{")
                .replace("{}", "");
        spreads
            .computeIfAbsent(others, key -> new ArrayList<>())
            .add(
                new double[] {
                  Double.parseDouble(found.group(1).replace("Inf", "Infinity")), one.getValue()
                });
      }
    }
    spreads.forEach(
        (labels, buckets) -> {
          for (int i = 1; i < buckets.size(); i++) {
            if (buckets.get(i)[0] <= buckets.get(i - 1)[0]
                || buckets.get(i)[1] < buckets.get(i - 1)[1]) {
              refuse("falling buckets", name + labels);
            }
          }
          double[] last = buckets.get(buckets.size() - 1);
          if (last[0] != Double.POSITIVE_INFINITY) {
            refuse("no bucket +Inf", name + labels);
          }
          if (value(name + "_count" + labels) != last[1]) {
            refuse("a count that is not that of +Inf", name + labels);
          }
          value(name + "_sum" + labels);
        });
    if (spreads.isEmpty()) {
      refuse("no buckets", name);
    }
  }

  private static void refuse(String why, String where) {
    throw new IllegalArgumentException(why + ": " + where);
  }
}
