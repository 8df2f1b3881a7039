package dev.penstock.metrics;

/** Writes counters in the Prometheus text format, version 0.0.4. */
final class PrometheusText {

  private final StringBuilder text = new StringBuilder();

  /** Begins the samples of a counter. */
  PrometheusText counter(String name, String help) {
    text.append("# HELP ").append(name).append(' ').append(help).append('\n');
    text.append("# TYPE ").append(name).append(" counter\n");
    return this;
  }

  /** Adds a sample with one label, whose value is printable ASCII. */
  PrometheusText sample(String name, String label, String value, long count) {
    text.append(name).append('{').append(label).append("=\"");
    text.append(value.replace("\\", "\\\\").replace("\"", "\\\"")).append("\"} ");
    text.append(count).append('\n');
    return this;
  }

  @Override
  public String toString() {
    return text.toString();
  }
}
