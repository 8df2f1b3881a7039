package dev.penstock.benchmarks.report;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the filter costs the demo over HTTP: the same server without a filter, without one but with
 * two constant fields, which is the least that sending them costs, with buckets in memory and with
 * buckets in Redis, each under load in turn, for a few rounds. Load, servers and Redis share the
 * machine, on its loopback interface; a user with a verified token sends all requests, and none is
 * denied.
 */
final class HttpLoad {

  /** Above what the load can reach, so that every request takes a token and none is denied. */
  private static final String LIMIT = "50000000/minute";

  /** One secret for all, so that all are sent the same requests. */
  private static final Map<String, String> ENVIRONMENT =
      Map.of("PORT", "0", "RATE_LIMIT", LIMIT, "JWT_SECRET", UUID.randomUUID().toString());

  private static final String UNLIMITED = "no filter";
  private static final String MISSING =
      "Not measured: wrk is not on the path (`apt-get install wrk`).\n";
  private static final Pattern WITHOUT_REDIS =
      Pattern.compile("(?m)^penstock_redis_failover_decisions_total (\\d+)$");
  private static final int ROUNDS = 7;
  private static final int SECONDS = 3;
  private static final int WARMUP_SECONDS = 8;

  private final Wrk wrk;
  private final Map<String, DemoProcess> demos;
  private final String token;
  private final Map<String, List<Double>> rates = new LinkedHashMap<>();

  private HttpLoad(Wrk wrk, Map<String, DemoProcess> demos, String token) {
    this.wrk = wrk;
    this.demos = demos;
    this.token = token;
  }

  /** Measures for about two minutes, and returns a table in Markdown. */
  static String table() throws IOException, InterruptedException {
    Optional<Wrk> wrk = Wrk.find();
    if (wrk.isEmpty()) {
      return MISSING;
    }
    try (LocalRedis redis = LocalRedis.start();
        DemoProcess unlimited = DemoProcess.unlimited();
        DemoProcess constant = DemoProcess.constantFields();
        DemoProcess memory = DemoProcess.limited(ENVIRONMENT);
        DemoProcess shared = DemoProcess.limited(withRedis(redis.url()))) {
      Map<String, DemoProcess> demos = new LinkedHashMap<>();
      demos.put(UNLIMITED, unlimited);
      demos.put("no filter, two constant fields", constant);
      demos.put("filter, memory", memory);
      demos.put("filter, Redis", shared);
      HttpLoad load = new HttpLoad(wrk.get(), demos, memory.token().orElseThrow());
      load.run();
      return table(load.rates, UNLIMITED) + withoutRedis(shared);
    }
  }

  private static Map<String, String> withRedis(String url) {
    Map<String, String> environment = new HashMap<>(ENVIRONMENT);
    environment.put("REDIS_URL", url);
    return environment;
  }

  private void run() throws IOException, InterruptedException {
    for (Map.Entry<String, DemoProcess> demo : demos.entrySet()) {
      requireFields(demo.getValue(), !demo.getKey().equals(UNLIMITED));
      wrk.run(demo.getValue(), token, WARMUP_SECONDS);
    }
    for (int round = 0; round < ROUNDS; round++) {
      for (Map.Entry<String, DemoProcess> demo : demos.entrySet()) {
        double rate = wrk.run(demo.getValue(), token, SECONDS);
        rates.computeIfAbsent(demo.getKey(), name -> new ArrayList<>()).add(rate);
      }
    }
  }

  /** Makes sure that what is measured is what it is said to be. */
  static void requireFields(DemoProcess demo, boolean fields)
      throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(demo.address() + "/agents/a1/runs"))
            .POST(HttpRequest.BodyPublishers.noBody());
    demo.token().ifPresent(token -> request.header("Authorization", "Bearer " + token));
    HttpResponse<String> response =
        HttpClient.newHttpClient().send(request.build(), HttpResponse.BodyHandlers.ofString());
    if (response.statusCode() != 200
        || response.headers().firstValue("RateLimit").isPresent() != fields
        || !response.body().contains("acme")) {
      throw new IOException("unexpected answer: " + response + " " + response.body());
    }
  }

  /** A request that Redis did not answer in time is decided faster, and not what is measured. */
  private static String withoutRedis(DemoProcess demo) throws IOException, InterruptedException {
    HttpRequest request = HttpRequest.newBuilder(URI.create(demo.address() + "/metrics")).build();
    Matcher count =
        WITHOUT_REDIS.matcher(
            HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString()).body());
    if (!count.find()) {
      throw new IOException("the demo must count its decisions without Redis");
    }
    return "\nDecisions without Redis, by failover: " + count.group(1) + ".\n";
  }

  /**
   * Returns medians, and the median of the ratios to the base in the same round.
   *
   * @param rates of each round, by what was measured
   * @param base to what the others are held
   */
  static String table(Map<String, List<Double>> rates, String base) {
    StringBuilder table =
        new StringBuilder(
            """
            %d rounds of %d s each in turn, medians. *of no filter*: the median of the ratios within a round.

            | demo server | requests a second | from | to | of %s |
            |---|--:|--:|--:|--:|
            """
                .formatted(ROUNDS, SECONDS, base));
    List<Double> bases = rates.getOrDefault(base, List.of());
    rates.forEach(
        (name, all) -> {
          double[] ratios = new double[all.size()];
          for (int i = 0; i < ratios.length; i++) {
            ratios[i] = all.get(i) / bases.get(i);
          }
          double[] sorted = all.stream().mapToDouble(Double::doubleValue).sorted().toArray();
          table.append(
              "| %s | %s | %s | %s | %s |\n"
                  .formatted(
                      name,
                      Figures.of(median(sorted)),
                      Figures.of(sorted[0]),
                      Figures.of(sorted[sorted.length - 1]),
                      Figures.of(median(ratios))));
        });
    return table.toString();
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }
}
