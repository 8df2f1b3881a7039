package dev.penstock.benchmarks.report;

import dev.penstock.benchmarks.report.ResultsPage.Section;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.format.ResultFormatType;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.format.OutputFormat;
import org.openjdk.jmh.runner.format.OutputFormatFactory;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/**
 * A short pass of all benchmarks: {@code RESULTS.md} and the charts beside it.
 *
 * <p>What uses Redis finds three servers that this starts, on the machine of the benchmarks. What
 * JMH measured stays in {@code jmh} in the build's folder.
 */
final class BenchmarkReport {

  /** How often a scenario is run at most, where other processes disturb it. */
  static final int MOST_RUNS = 3;

  private static final TimeValue WARMUP = TimeValue.milliseconds(1000);
  private static final TimeValue MEASUREMENT = TimeValue.milliseconds(500);

  /** What waits is called less often, and so compiled later. */
  private static final TimeValue WARMUP_ON_REDIS = TimeValue.milliseconds(1500);

  private static final TimeValue MEASUREMENT_ON_REDIS = TimeValue.milliseconds(800);
  private static final int WARMUPS = 3;
  private static final int MEASUREMENTS = 5;

  private static final String BY_THREADS = "ScaleByThreads";
  private static final int[] THREADS_OF_CURVE = {1, 2, 4, 8};
  private static final int[] THREADS_ON_REDIS = {1, 16, 64};
  private static final int VIRTUAL_THREADS_ON_REDIS = 64;

  private final Path target;
  private final Pattern only;
  private final String command;
  private final Path raw = Path.of("target", "jmh");
  private final List<Measurement> measurements = new ArrayList<>();

  /** What is missing, since a benchmark failed: one that does costs the others nothing. */
  private final List<String> failures = new ArrayList<>();

  /**
   * @param target the folder to write to
   * @param only which scenarios, by their names; all for the empty pattern
   * @param command how to do this again
   */
  BenchmarkReport(Path target, Pattern only, String command) {
    this.target = target;
    this.only = only;
    this.command = command;
  }

  /**
   * Measures and writes.
   *
   * @param sections measures the further parts of the page, after JMH
   * @throws Exception if JMH cannot run, or nothing can be written
   */
  void write(Callable<List<Section>> sections) throws Exception {
    Machine machine = Machine.current();
    Files.createDirectories(raw);
    try (LocalRedis redis = LocalRedis.start()) {
      for (Scenario scenario : Scenario.all()) {
        if (only.matcher(scenario.simpleName()).find()) {
          measure(scenario, redis);
        }
      }
    }
    List<Comparison> comparisons = Comparison.of(measurements);
    List<Chart> charts = Chart.of(comparisons);
    Files.createDirectories(target.resolve("charts"));
    for (Chart chart : charts) {
      Files.writeString(target.resolve("charts/" + chart.name() + ".svg"), ChartSvg.of(chart));
    }
    Path page = target.resolve("RESULTS.md");
    Files.writeString(
        page, ResultsPage.of(machine, command, comparisons, charts, failures, sections.call()));
    System.out.println("Written: " + page.toAbsolutePath().normalize());
  }

  private void measure(Scenario scenario, LocalRedis redis) throws RunnerException {
    for (Threads threads : threads(scenario)) {
      List<Measurement> calmest = run(scenario, threads, redis);
      int runs = 1;
      while (runs < MOST_RUNS && calmest.stream().anyMatch(Measurement::isDisturbed)) {
        calmest = Measurement.calmer(calmest, run(scenario, threads, redis));
        runs++;
      }
      measurements.addAll(calmest);
      if (calmest.size() < scenario.measurements()) {
        failures.add(
            "%s, %s: %d of %d"
                .formatted(
                    scenario.simpleName(),
                    threads,
                    scenario.measurements() - calmest.size(),
                    scenario.measurements()));
      }
    }
  }

  private List<Measurement> run(Scenario scenario, Threads threads, LocalRedis redis)
      throws RunnerException {
    Path file = raw.resolve((scenario.simpleName() + "-" + threads + ".json").replace(' ', '-'));
    ChainedOptionsBuilder options =
        new OptionsBuilder()
            .include(scenario.pattern())
            .threads(threads.count())
            .forks(1)
            .warmupIterations(WARMUPS)
            .warmupTime(scenario.usesRedis() ? WARMUP_ON_REDIS : WARMUP)
            .measurementIterations(MEASUREMENTS)
            .measurementTime(scenario.usesRedis() ? MEASUREMENT_ON_REDIS : MEASUREMENT)
            .addProfiler(GCProfiler.class)
            .resultFormat(ResultFormatType.JSON)
            .result(file.toString());
    if (scenario.usesRedis()) {
      redis.addTo(options);
    }
    if (threads.virtual()) {
      options.jvmArgsAppend(Threads.VIRTUAL_ARGUMENT);
    }
    OthersMeter others = new OthersMeter();
    OutputFormat output =
        others.hearing(OutputFormatFactory.createFormatInstance(System.out, VerboseMode.NORMAL));
    new Runner(options.build(), output).run();
    return Measurement.read(file, others);
  }

  /** Computing is measured alone and on all processors, waiting with more threads than those. */
  private static List<Threads> threads(Scenario scenario) {
    if (scenario.threads().isPresent()) {
      return List.of(Threads.platform(scenario.threads().getAsInt()));
    }
    IntStream counts =
        scenario.simpleName().startsWith(BY_THREADS)
            ? IntStream.of(THREADS_OF_CURVE)
            : scenario.usesRedis()
                ? IntStream.of(THREADS_ON_REDIS)
                : IntStream.of(1, Runtime.getRuntime().availableProcessors()).distinct();
    Stream<Threads> virtual =
        scenario.usesRedis() && Threads.mayBeVirtual()
            ? Stream.of(Threads.virtual(VIRTUAL_THREADS_ON_REDIS))
            : Stream.empty();
    return Stream.concat(counts.mapToObj(Threads::platform), virtual).toList();
  }
}
