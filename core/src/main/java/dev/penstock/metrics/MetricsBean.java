package dev.penstock.metrics;

import dev.penstock.Metered;
import dev.penstock.MetricFamily;
import dev.penstock.MetricFamily.Sample;
import dev.penstock.MetricFamily.Spread;
import dev.penstock.MetricFamily.Value;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import javax.management.Attribute;
import javax.management.AttributeList;
import javax.management.AttributeNotFoundException;
import javax.management.DynamicMBean;
import javax.management.MBeanAttributeInfo;
import javax.management.MBeanInfo;
import javax.management.ReflectionException;

/**
 * Shows numbers as attributes of a bean of JMX (JSR 3), for JConsole and agents that read beans.
 * Nothing is counted for it: the numbers are read when somebody asks.
 *
 * <pre>{@code
 * ManagementFactory.getPlatformMBeanServer()
 *     .registerMBean(MetricsBean.of(metrics), new ObjectName("dev.penstock:type=Metrics"));
 * }</pre>
 *
 * <p>An attribute is a series, a double under its name with its labels, such as {@code
 * penstock_tokens_granted_total{limit=runs}}; a histogram shows how many values it has and their
 * sum, under {@code _count} and {@code _sum}. There may be more attributes from one reading to the
 * next. Whoever can read the bean sees names of limits, and no identity.
 *
 * <p>Needs the module {@code java.management}. Thread-safe.
 */
@SuppressWarnings("exports") // whoever registers a bean reads the module
public final class MetricsBean implements DynamicMBean {

  private final Metered source;

  private MetricsBean(Metered source) {
    this.source = source;
  }

  /**
   * Makes a bean, which is to be registered.
   *
   * @param source whose numbers it shows, such as {@link Metrics}
   * @return the bean
   */
  public static MetricsBean of(Metered source) {
    return new MetricsBean(Objects.requireNonNull(source, "source"));
  }

  private record Shown(String help, double value) {}

  private SortedMap<String, Shown> read() {
    SortedMap<String, Shown> attributes = new TreeMap<>();
    for (MetricFamily family : source.metrics()) {
      for (Sample sample : family.samples()) {
        if (sample instanceof Spread spread) {
          long count = spread.counts().stream().mapToLong(Long::longValue).sum();
          show(attributes, family, "_count", sample, (double) count);
          show(attributes, family, "_sum", sample, spread.sum());
        } else {
          show(attributes, family, "", sample, ((Value) sample).value());
        }
      }
    }
    return attributes;
  }

  private static void show(
      Map<String, Shown> attributes,
      MetricFamily family,
      String part,
      Sample sample,
      double value) {
    String labels = sample.labels().isEmpty() ? "" : sample.labels().toString();
    attributes.putIfAbsent(family.name() + part + labels, new Shown(family.help(), value));
  }

  @Override
  public Object getAttribute(String attribute) throws AttributeNotFoundException {
    Shown shown = read().get(attribute);
    if (shown == null) {
      throw notFound(attribute);
    }
    return shown.value();
  }

  /** Those of these names that there are, all of one moment. */
  @Override
  public AttributeList getAttributes(String[] attributes) {
    SortedMap<String, Shown> all = read();
    AttributeList found = new AttributeList();
    for (String attribute : attributes) {
      Shown shown = all.get(attribute);
      if (shown != null) {
        found.add(new Attribute(attribute, shown.value()));
      }
    }
    return found;
  }

  /** Nothing can be set. */
  @Override
  public void setAttribute(Attribute attribute) throws AttributeNotFoundException {
    throw notFound(attribute.getName());
  }

  private static AttributeNotFoundException notFound(String attribute) {
    return new AttributeNotFoundException("attribute must be one to be read: " + attribute);
  }

  /** Nothing can be set. */
  @Override
  public AttributeList setAttributes(AttributeList attributes) {
    return new AttributeList();
  }

  /** Nothing can be called. */
  @Override
  public Object invoke(String action, Object[] arguments, String[] signature)
      throws ReflectionException {
    throw new ReflectionException(
        new NoSuchMethodException(action), "action must be one of this bean, which has none");
  }

  @Override
  public MBeanInfo getMBeanInfo() {
    MBeanAttributeInfo[] attributes =
        read().entrySet().stream()
            .map(
                shown ->
                    new MBeanAttributeInfo(
                        shown.getKey(),
                        double.class.getName(),
                        shown.getValue().help(),
                        true,
                        false,
                        false))
            .toArray(MBeanAttributeInfo[]::new);
    return new MBeanInfo(
        MetricsBean.class.getName(), "What limiters decide.", attributes, null, null, null);
  }
}
