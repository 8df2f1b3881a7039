package dev.penstock.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.Identity;
import dev.penstock.Limit;
import dev.penstock.LimitPolicy;
import dev.penstock.RateLimitEvent;
import dev.penstock.RateLimitListener;
import dev.penstock.RateLimiter;
import dev.penstock.memory.InMemoryRateLimiter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.metrics.DoubleHistogram;
import io.opentelemetry.api.metrics.LongCounter;
import io.opentelemetry.api.metrics.Meter;
import io.opentelemetry.sdk.metrics.SdkMeterProvider;
import io.opentelemetry.sdk.metrics.data.LongPointData;
import io.opentelemetry.sdk.metrics.data.MetricData;
import io.opentelemetry.sdk.testing.exporter.InMemoryMetricReader;
import java.lang.management.ManagementFactory;
import java.util.Map;
import java.util.TreeMap;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import org.junit.jupiter.api.Test;

/** The listeners of docs/metrics.md. */
class OtherMonitorsTest {

  private static final LimitPolicy RUNS = LimitPolicy.perIdentity("runs", Limit.perDay(300));
  private static final Identity USER = Identity.user("acme-inc", "jane");

  record MicrometerListener(MeterRegistry registry) implements RateLimitListener {

    @Override
    public void onEvent(RateLimitEvent event) {
      if (event.type() == RateLimitEvent.Type.DECIDED) {
        String outcome = event.decision().permitted() ? "permitted" : "denied";
        registry
            .counter("penstock.requests", "policy", event.policy(), "outcome", outcome)
            .increment();
        event.took().ifPresent(registry.timer("penstock.decision")::record);
      }
    }
  }

  @Test
  void micrometer_hearsOfEachRequest() {
    SimpleMeterRegistry registry = new SimpleMeterRegistry();
    ask(InMemoryRateLimiter.create().listening(new MicrometerListener(registry)));
    assertThat(registry.get("penstock.requests").tag("outcome", "permitted").counter().count())
        .isEqualTo(300);
    assertThat(registry.get("penstock.requests").tag("outcome", "denied").counter().count())
        .isEqualTo(9_700);
    assertThat(registry.get("penstock.decision").timer().count()).isBetween(20L, 200L);
    assertThat(registry.getMetersAsString()).doesNotContain("jane").doesNotContain("acme-inc");
  }

  @Test
  void jmx_showsTheNumbersOfTheProcess() throws Exception {
    InMemoryRateLimiter store = InMemoryRateLimiter.create();
    Metrics metrics = Metrics.of(store);
    ask(store.listening(metrics));
    ManagementFactory.getPlatformMBeanServer()
        .registerMBean(MetricsBean.of(metrics), new ObjectName("dev.penstock:type=Metrics"));
    ObjectName bean = new ObjectName("dev.penstock:type=Metrics");
    MBeanServer server = ManagementFactory.getPlatformMBeanServer();
    try {
      assertThat(server.getAttribute(bean, "penstock_tokens_granted_total{limit=runs}"))
          .isEqualTo(300.0);
    } finally {
      server.unregisterMBean(bean);
    }
  }

  static final class OpenTelemetryListener implements RateLimitListener {

    private static final AttributeKey<String> POLICY = AttributeKey.stringKey("policy");
    private static final AttributeKey<String> OUTCOME = AttributeKey.stringKey("outcome");

    private final LongCounter requests;
    private final DoubleHistogram seconds;

    OpenTelemetryListener(Meter meter) {
      requests = meter.counterBuilder("penstock.requests").build();
      seconds = meter.histogramBuilder("penstock.decision").setUnit("s").build();
    }

    @Override
    public void onEvent(RateLimitEvent event) {
      if (event.type() == RateLimitEvent.Type.DECIDED) {
        String outcome = event.decision().permitted() ? "permitted" : "denied";
        requests.add(1, Attributes.of(POLICY, event.policy(), OUTCOME, outcome));
        event.took().ifPresent(took -> seconds.record(took.toNanos() / 1e9));
      }
    }
  }

  @Test
  void openTelemetry_hearsOfEachRequest() {
    InMemoryMetricReader reader = InMemoryMetricReader.create();
    try (SdkMeterProvider provider =
        SdkMeterProvider.builder().registerMetricReader(reader).build()) {
      ask(
          InMemoryRateLimiter.create()
              .listening(new OpenTelemetryListener(provider.get("penstock"))));
      Map<String, Long> requests = new TreeMap<>();
      long timed = 0;
      for (MetricData metric : reader.collectAllMetrics()) {
        if (metric.getName().equals("penstock.requests")) {
          for (LongPointData point : metric.getLongSumData().getPoints()) {
            requests.put(point.getAttributes().toString(), point.getValue());
          }
        } else {
          timed = metric.getHistogramData().getPoints().iterator().next().getCount();
        }
      }
      assertThat(requests)
          .containsExactly(
              Map.entry("{outcome=\"denied\", policy=\"runs\"}", 9_700L),
              Map.entry("{outcome=\"permitted\", policy=\"runs\"}", 300L));
      assertThat(timed).isBetween(20L, 200L);
    }
  }

  private static void ask(RateLimiter limiter) {
    for (int i = 0; i < 10_000; i++) {
      limiter.tryAcquire(USER, RUNS);
    }
  }
}
