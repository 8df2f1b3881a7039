package dev.penstock.metrics;

/** Writes counters in the Prometheus text format, version 0.0.4. */
final class PrometheusText {

  private final StringBuilder text = new StringBuilder();

  /** Begins a counter, whose samples follow. */
  void counter(String name, String help) {
    text.append("# HELP ").append(name).append(' ').append(help).append('\n');
    text.append("# TYPE ").append(name).append(" counter\n");
  }

  /**
   * Adds a sample.
   *
   * @param labels names and values in turn, at least one pair; values are printable ASCII, so only
   *     the backslash and the quote need an escape
   */
  void sample(String name, long count, String... labels) {
    text.append(name);
    for (int i = 0; i < labels.length; i += 2) {
      text.append(i == 0 ? '{' : ',').append(labels[i]).append("=\"");
      text.append(labels[i + 1].replace("\\", "\\\\").replace("\"", "\\\"")).append('"');
    }
    text.append("} ").append(count).append('\n');
  }

  @Override
  public String toString() {
    return text.toString();
  }
}
