package dev.penstock.benchmarks.report;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.results.BenchmarkResult;
import org.openjdk.jmh.runner.format.OutputFormat;

/**
 * How much of the processors others had while each benchmark of JMH ran, from 0 to 1: all processes
 * but this one and those that it has started. For one thread.
 */
final class OthersMeter {

  /** Above this a measurement says as much of others as of what is measured. */
  static final double DISTURBING = 0.05;

  private record Benchmark(String name, Map<String, String> params) {

    static Benchmark of(BenchmarkParams params) {
      Map<String, String> values = new TreeMap<>();
      for (String name : params.getParamsKeys()) {
        values.put(name, params.getParam(name));
      }
      return new Benchmark(params.getBenchmark(), values);
    }
  }

  private final Map<Benchmark, Double> shares = new HashMap<>();
  private Optional<ProcessorTime> start = Optional.empty();

  /** Returns what hears of each benchmark's start and end, and passes everything on. */
  OutputFormat hearing(OutputFormat output) {
    return (OutputFormat)
        Proxy.newProxyInstance(
            OutputFormat.class.getClassLoader(),
            new Class<?>[] {OutputFormat.class},
            (proxy, method, arguments) -> {
              if (method.getName().equals("startBenchmark")) {
                start();
              } else if (method.getName().equals("endBenchmark")) {
                end(((BenchmarkResult) arguments[0]).getParams());
              }
              try {
                return method.invoke(output, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }

  /** Returns the share of others during a benchmark of the last run; NaN if it is not known. */
  double during(String benchmark, Map<String, String> params) {
    return shares.getOrDefault(new Benchmark(benchmark, params), Double.NaN);
  }

  void start() {
    start = ProcessorTime.now();
  }

  /** Returns the share of others since the start; NaN if the system does not tell. */
  double sinceStart() {
    return start
        .flatMap(then -> ProcessorTime.now().map(now -> now.othersSince(then)))
        .orElse(Double.NaN);
  }

  private void end(BenchmarkParams params) {
    shares.put(Benchmark.of(params), sinceStart());
  }

  /** Returns a share as a percentage, in bold where it is more than disturbs. */
  static String describe(double share) {
    if (Double.isNaN(share)) {
      return "?";
    }
    String percent = Figures.percent(share);
    return share > DISTURBING ? "**" + percent + "**" : percent;
  }
}
