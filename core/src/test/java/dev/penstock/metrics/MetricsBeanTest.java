package dev.penstock.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.penstock.Identity;
import dev.penstock.Limit;
import dev.penstock.LimitPolicy;
import dev.penstock.RateLimiter;
import dev.penstock.memory.InMemoryRateLimiter;
import java.util.Arrays;
import javax.management.Attribute;
import javax.management.AttributeList;
import javax.management.AttributeNotFoundException;
import javax.management.MBeanFeatureInfo;
import javax.management.MBeanServer;
import javax.management.MBeanServerFactory;
import javax.management.ObjectName;
import javax.management.ReflectionException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class MetricsBeanTest {

  private static final Identity USER = Identity.user("acme", "u1");
  private static final LimitPolicy RUNS = LimitPolicy.perIdentity("runs", Limit.perDay(2));
  private static final String PERMITTED = "penstock_requests_total{outcome=permitted}";
  private static final String GRANTED = "penstock_tokens_granted_total{limit=runs}";

  private final MBeanServer server = MBeanServerFactory.newMBeanServer();
  private final InMemoryRateLimiter store = InMemoryRateLimiter.create();
  private final Metrics metrics = Metrics.of(store);
  private final RateLimiter limiter = store.listening(metrics);
  private ObjectName bean;

  @BeforeEach
  void register() throws Exception {
    bean = new ObjectName("dev.penstock:type=Metrics");
    server.registerMBean(MetricsBean.of(metrics), bean);
  }

  @Test
  void getAttribute_afterMoreDecisions_isTheNewCount() throws Exception {
    limiter.tryAcquire(USER, RUNS);
    assertThat(server.getAttribute(bean, "penstock_buckets")).isEqualTo(1.0);
    limiter.tryAcquire(USER, RUNS);
    assertThat(server.getAttribute(bean, GRANTED)).isEqualTo(2.0);
  }

  @Test
  void getAttributes_oneUnknown_hasTheOthers() throws Exception {
    limiter.tryAcquire(USER, RUNS);
    AttributeList found = server.getAttributes(bean, new String[] {GRANTED, "penstock_nothing"});
    assertThat(found).containsExactly(new Attribute(GRANTED, 1.0));
  }

  @Test
  void getMBeanInfo_afterADecision_namesEachSeriesOfThePrometheusText() throws Exception {
    limiter.tryAcquire(USER, RUNS);
    String[] names =
        Arrays.stream(server.getMBeanInfo(bean).getAttributes())
            .map(MBeanFeatureInfo::getName)
            .toArray(String[]::new);
    long series =
        metrics
            .prometheusText()
            .lines()
            .filter(line -> !line.startsWith("#") && !line.contains("_bucket{"))
            .count();
    assertThat(names).contains(GRANTED).hasSize((int) series).doesNotHaveDuplicates();
  }

  @Test
  void getAttribute_unknown_isNamed() {
    assertThatThrownBy(() -> server.getAttribute(bean, "penstock_nothing"))
        .isInstanceOf(AttributeNotFoundException.class)
        .hasMessage("attribute must be one to be read: penstock_nothing");
  }

  @Test
  void setAttribute_any_isRefused() {
    assertThatThrownBy(() -> server.setAttribute(bean, new Attribute(PERMITTED, 0.0)))
        .isInstanceOf(AttributeNotFoundException.class);
    AttributeList all = new AttributeList();
    all.add(new Attribute(PERMITTED, 0.0));
    assertThat(MetricsBean.of(metrics).setAttributes(all)).isEmpty();
  }

  @Test
  void invoke_any_isRefused() {
    assertThatThrownBy(() -> server.invoke(bean, "reset", null, null))
        .isInstanceOf(ReflectionException.class)
        .hasCauseInstanceOf(NoSuchMethodException.class);
  }
}
