package dev.penstock.benchmarks.report;

import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.openjdk.jmh.runner.BenchmarkList;
import org.openjdk.jmh.runner.BenchmarkListEntry;
import org.openjdk.jmh.runner.format.OutputFormatFactory;
import org.openjdk.jmh.runner.options.VerboseMode;

/**
 * One class of benchmarks, as JMH has compiled it.
 *
 * @param className its full name
 * @param methods how many benchmarks it has
 * @param params the values of its parameters, by their names
 * @param threads with how many threads it is to run, where it says so itself
 */
public record Scenario(
    String className, int methods, Map<String, List<String>> params, OptionalInt threads) {

  /** The parameter that says who decides; {@code floor} is one of its values, and no contender. */
  public static final String LIMITER = "limiter";

  /** The parameters that say where Redis is, once as one address, once as several. */
  static final String SERVER = "server";

  static final String SERVERS = "servers";

  /** {@return all scenarios of this module, by the names of their classes} */
  public static List<Scenario> all() {
    PrintStream silent =
        new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8);
    Set<BenchmarkListEntry> entries =
        BenchmarkList.defaultList()
            .getAll(
                OutputFormatFactory.createFormatInstance(silent, VerboseMode.SILENT), List.of());
    Map<String, List<BenchmarkListEntry>> classes =
        entries.stream()
            .collect(
                Collectors.groupingBy(
                    BenchmarkListEntry::getUserClassQName, TreeMap::new, Collectors.toList()));
    return classes.values().stream().map(Scenario::of).toList();
  }

  private static Scenario of(List<BenchmarkListEntry> methods) {
    BenchmarkListEntry entry = methods.get(0);
    Map<String, List<String>> params = new LinkedHashMap<>();
    if (entry.getParams().hasValue()) {
      entry.getParams().get().forEach((name, values) -> params.put(name, List.of(values)));
    }
    OptionalInt threads =
        entry.getThreads().hasValue()
            ? OptionalInt.of(entry.getThreads().get())
            : OptionalInt.empty();
    return new Scenario(entry.getUserClassQName(), methods.size(), params, threads);
  }

  /** {@return the parameters that say how much of something there is, not who decides or where} */
  public Map<String, List<String>> sizes() {
    Map<String, List<String>> sizes = new LinkedHashMap<>(params);
    sizes.keySet().removeAll(List.of(LIMITER, SERVER, SERVERS));
    return sizes;
  }

  /** {@return how many measurements it makes with one number of threads} */
  public int measurements() {
    return params.values().stream().mapToInt(List::size).reduce(methods, Math::multiplyExact);
  }

  /** {@return whether it asks Redis, and so waits instead of computing} */
  public boolean usesRedis() {
    return params.containsKey(SERVER) || params.containsKey(SERVERS);
  }

  /** {@return the name of the class alone} */
  public String simpleName() {
    return className.substring(className.lastIndexOf('.') + 1);
  }

  /** {@return a pattern that matches all benchmarks of this class and no other} */
  public String pattern() {
    return "^" + className.replace(".", "\\.") + "\\.";
  }
}
