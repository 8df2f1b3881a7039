package dev.penstock.benchmarks.report;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.DoubleSummaryStatistics;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/**
 * What the filter costs the demo over HTTP: the same server without a filter, without one but with
 * two constant fields, which is the least that sending them costs, with buckets in memory and with
 * buckets in Redis, each under load in turn, for a few rounds. Load, servers and Redis share the
 * machine, on its loopback interface; a user with a verified token sends all requests, and none is
 * denied.
 *
 * <p>All servers are started anew a few times, since the same code, compiled by another JVM in
 * another order, differs by more than what is measured.
 */
final class HttpLoad {

  /** Above what the load can reach, so that every request takes a token and none is denied. */
  private static final String LIMIT = "50000000/minute";

  /** One secret for all, so that all are sent the same requests. */
  private static final Map<String, String> ENVIRONMENT =
      Map.of("PORT", "0", "RATE_LIMIT", LIMIT, "JWT_SECRET", UUID.randomUUID().toString());

  /** What is measured; the others are held to the first. */
  private static final List<String> SERVERS =
      List.of("no filter", "no filter, two constant fields", "filter, memory", "filter, Redis");

  private static final String MISSING =
      "Not measured: wrk is not on the path (`apt-get install wrk`).\n";
  private static final Pattern WITHOUT_REDIS =
      Pattern.compile("(?m)^penstock_redis_failover_decisions_total (\\d+)$");
  private static final int STARTS = 4;
  private static final int ROUNDS = 5;
  private static final int SECONDS = 2;
  private static final int WARMUP_SECONDS = 6;

  private final Wrk wrk;

  /** Of each start, of each server, of each round: requests a second. */
  private final List<double[][]> starts = new ArrayList<>();

  private long withoutRedis;

  private HttpLoad(Wrk wrk) {
    this.wrk = wrk;
  }

  /** Measures for about five minutes, and returns a table in Markdown. */
  static String table() throws IOException, InterruptedException {
    Optional<Wrk> wrk = Wrk.find();
    if (wrk.isEmpty()) {
      return MISSING;
    }
    HttpLoad load = new HttpLoad(wrk.get());
    OthersMeter others = new OthersMeter();
    try (LocalRedis redis = LocalRedis.start()) {
      others.start();
      for (int start = 0; start < STARTS; start++) {
        load.startAndRun(redis.url());
      }
    }
    return """
        %s
        Decisions without Redis, by failover: %d.
        Other processes had %s of the processors meanwhile.
        """
        .formatted(
            table(SERVERS, load.starts),
            load.withoutRedis,
            OthersMeter.describe(others.sinceStart()));
  }

  private void startAndRun(String redisUrl) throws IOException, InterruptedException {
    try (DemoProcess unlimited = DemoProcess.unlimited(ENVIRONMENT);
        DemoProcess constant = DemoProcess.constantFields(ENVIRONMENT);
        DemoProcess memory = DemoProcess.limited(ENVIRONMENT);
        DemoProcess shared = DemoProcess.limited(withRedis(redisUrl))) {
      requireFields(unlimited, false);
      for (DemoProcess demo : List.of(constant, memory, shared)) {
        requireFields(demo, true);
      }
      starts.add(run(List.of(unlimited, constant, memory, shared), memory.token()));
      withoutRedis += withoutRedis(shared);
    }
  }

  private static Map<String, String> withRedis(String url) {
    Map<String, String> environment = new HashMap<>(ENVIRONMENT);
    environment.put("REDIS_URL", url);
    return environment;
  }

  private double[][] run(List<DemoProcess> demos, String token) throws IOException {
    for (DemoProcess demo : demos) {
      wrk.run(demo, token, WARMUP_SECONDS);
    }
    double[][] rates = new double[demos.size()][ROUNDS];
    for (int round = 0; round < ROUNDS; round++) {
      for (int i = 0; i < rates.length; i++) {
        rates[i][round] = wrk.run(demos.get(i), token, SECONDS);
      }
    }
    return rates;
  }

  /** Makes sure that what is measured is what it is said to be. */
  static void requireFields(DemoProcess demo, boolean fields)
      throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(demo.address() + "/agents/a1/runs"))
            .header("Authorization", "Bearer " + demo.token())
            .POST(HttpRequest.BodyPublishers.noBody());
    HttpResponse<String> response =
        HttpClient.newHttpClient().send(request.build(), HttpResponse.BodyHandlers.ofString());
    if (response.statusCode() != 200
        || response.headers().firstValue("RateLimit").isPresent() != fields
        || !response.body().contains("COMPLETED")) {
      throw new IOException("unexpected answer: " + response + " " + response.body());
    }
  }

  /** A request that Redis did not answer in time is decided faster, and not what is measured. */
  private static long withoutRedis(DemoProcess demo) throws IOException, InterruptedException {
    HttpRequest request = HttpRequest.newBuilder(URI.create(demo.address() + "/metrics")).build();
    Matcher count =
        WITHOUT_REDIS.matcher(
            HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString()).body());
    if (!count.find()) {
      throw new IOException("the demo must count its decisions without Redis");
    }
    return Long.parseLong(count.group(1));
  }

  /**
   * Returns the median of all rates, and how the rates of a start are to those of the first server
   * in the same round, by the median: the mean over all starts, the lowest and the highest.
   *
   * @param starts the rates of each server in each round
   */
  static String table(List<String> servers, List<double[][]> starts) {
    StringBuilder table =
        new StringBuilder(
            """
            %d starts of all servers, each with %d rounds of %d s in turn, %d connections.
            *of %s*: the median of the ratios within a round, as the mean over the starts,
            the lowest and the highest of a start.

            | demo server | requests a second, median | of %s | from | to |
            |---|--:|--:|--:|--:|
            """
                .formatted(
                    starts.size(),
                    ROUNDS,
                    SECONDS,
                    Wrk.CONNECTIONS,
                    servers.get(0),
                    servers.get(0)));
    for (int i = 0; i < servers.size(); i++) {
      int server = i;
      DoubleSummaryStatistics ratios =
          starts.stream()
              .mapToDouble(start -> medianRatio(start[server], start[0]))
              .summaryStatistics();
      table.append(
          "| %s | %s | %s | %s | %s |\n"
              .formatted(
                  servers.get(server),
                  Figures.of(
                      median(starts.stream().flatMapToDouble(s -> DoubleStream.of(s[server])))),
                  Figures.of(ratios.getAverage()),
                  Figures.of(ratios.getMin()),
                  Figures.of(ratios.getMax())));
    }
    return table.toString();
  }

  private static double medianRatio(double[] rates, double[] bases) {
    return median(IntStream.range(0, rates.length).mapToDouble(i -> rates[i] / bases[i]));
  }

  private static double median(DoubleStream values) {
    return Figures.median(values.sorted().toArray());
  }
}
