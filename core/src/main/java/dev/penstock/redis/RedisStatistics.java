package dev.penstock.redis;

/**
 * What a Redis limiter has counted since it was made.
 *
 * @param available whether Redis is asked now, on a cluster every node
 * @param calls decisions and other questions that were put to Redis, failed ones included
 * @param roundTrips messages to Redis that bore them, as concurrent calls travel together
 * @param failures calls that failed, timeouts included
 * @param timeouts calls that were not answered in time
 * @param scriptLoads how often a server had to be sent the script
 * @param leasedDecisions requests permitted by tokens taken ahead, without a call
 * @param cheapDenials denials by what Redis had said shortly before, without a call
 * @param failoverDecisions decisions without Redis, by the failover mode
 * @param missedDecisions those of them that were made though Redis was not known to be away: for
 *     want of a connection, after a late answer or a lost connection, or as a key holds a foreign
 *     value; the first ones of an outage are among them
 */
public record RedisStatistics(
    boolean available,
    long calls,
    long roundTrips,
    long failures,
    long timeouts,
    long scriptLoads,
    long leasedDecisions,
    long cheapDenials,
    long failoverDecisions,
    long missedDecisions) {

  /**
   * {@return the counters and the gauge in the Prometheus text format, version 0.0.4} To be served
   * behind other such text as {@code text/plain; version=0.0.4; charset=utf-8}.
   */
  public String prometheusText() {
    StringBuilder text = new StringBuilder();
    metric(text, "available", "gauge", "Whether Redis is asked now.", available ? 1 : 0);
    metric(text, "calls_total", "counter", "Calls to Redis.", calls);
    metric(text, "round_trips_total", "counter", "Messages that bore the calls.", roundTrips);
    metric(text, "failures_total", "counter", "Calls that failed.", failures);
    metric(text, "timeouts_total", "counter", "Calls not answered in time.", timeouts);
    metric(text, "script_loads_total", "counter", "Times the script was sent.", scriptLoads);
    metric(text, "leased_decisions_total", "counter", "Permitted without a call.", leasedDecisions);
    metric(text, "cheap_denials_total", "counter", "Denials without a call.", cheapDenials);
    metric(
        text, "failover_decisions_total", "counter", "Decisions without Redis.", failoverDecisions);
    metric(
        text,
        "missed_decisions_total",
        "counter",
        "Decisions without Redis though it was not known to be away.",
        missedDecisions);
    return text.toString();
  }

  private static void metric(
      StringBuilder text, String name, String type, String help, long value) {
    String metric = "penstock_redis_" + name;
    text.append("# HELP ").append(metric).append(' ').append(help).append('\n');
    text.append("# TYPE ").append(metric).append(' ').append(type).append('\n');
    text.append(metric).append(' ').append(value).append('\n');
  }
}
