package dev.penstock.benchmarks.report;

import dev.penstock.benchmarks.BareScript;
import dev.penstock.redis.RedisServer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import redis.clients.jedis.AbstractPipeline;
import redis.clients.jedis.RedisClient;

/**
 * What the script takes of the server's time, beside the least one: {@code usec_per_call} of {@code
 * EVALSHA}, many short rounds of each case in turn, as a server that is disturbed for a moment
 * disturbs one round alone.
 */
final class ScriptTimes {

  private static final int ROUNDS = 400;
  private static final int CALLS = 320;
  private static final int USERS = 10_000;
  private static final int BATCH = 32;
  private static final long CAPACITY = 100_000_000;
  private static final Pattern EVALSHA = Pattern.compile("calls=(\\d+),usec=(\\d+),");

  /**
   * What is measured.
   *
   * @param keys of one call
   */
  private record Case(String name, byte[] digest, List<byte[]> arguments, int keys) {

    List<byte[]> keys(Random random) {
      int user = random.nextInt(USERS);
      // All of a call lie together, as a cluster would want it.
      return IntStream.range(0, keys)
          .mapToObj(i -> bytes("times:{" + user + "}" + name + i))
          .toList();
    }
  }

  private ScriptTimes() {}

  /** Returns the table. */
  static String table() {
    try (RedisServer server = RedisServer.start();
        RedisClient jedis = RedisClient.create(server.url())) {
      byte[] floor = bytes(jedis.scriptLoad(BareScript.floor()));
      byte[] script = bytes(jedis.scriptLoad(BareScript.text()));
      List<byte[]> cost = List.of(bytes("1000000"), bytes(CAPACITY + "000000"));
      List<Case> cases =
          List.of(
              new Case("floor", floor, cost, 1),
              new Case("one bucket", script, List.of(BareScript.take(1, 1, CAPACITY)), 1),
              new Case("two buckets", script, List.of(BareScript.take(1, 2, CAPACITY)), 2),
              new Case("three buckets", script, List.of(BareScript.take(1, 3, CAPACITY)), 3),
              new Case(
                  "32 decisions", script, List.of(BareScript.take(BATCH, 1, CAPACITY)), BATCH));
      return table(cases, measure(server, jedis, cases));
    }
  }

  private static List<double[]> measure(RedisServer server, RedisClient jedis, List<Case> cases) {
    List<double[]> micros = new ArrayList<>();
    cases.forEach(each -> micros.add(new double[ROUNDS]));
    Random random = new Random(15);
    for (int round = -1; round < ROUNDS; round++) {
      for (int i = 0; i < cases.size(); i++) {
        double measured = microsPerCall(server, jedis, cases.get(i), random);
        if (round >= 0) {
          micros.get(i)[round] = measured;
        }
      }
    }
    micros.forEach(Arrays::sort);
    return micros;
  }

  private static double microsPerCall(
      RedisServer server, RedisClient jedis, Case called, Random random) {
    long[] before = counted(server);
    try (AbstractPipeline pipeline = jedis.pipelined()) {
      for (int i = 0; i < CALLS; i++) {
        pipeline.evalsha(called.digest(), called.keys(random), called.arguments());
      }
      pipeline.sync();
    }
    long[] after = counted(server);
    return (double) (after[1] - before[1]) / (after[0] - before[0]);
  }

  /** Returns how many calls there have been, and how many microseconds they took. */
  private static long[] counted(RedisServer server) {
    Matcher found =
        EVALSHA.matcher(server.info("commandstats").getOrDefault("cmdstat_evalsha", ""));
    return found.find()
        ? new long[] {Long.parseLong(found.group(1)), Long.parseLong(found.group(2))}
        : new long[] {0, 0};
  }

  private static String table(List<Case> cases, List<double[]> micros) {
    StringBuilder table = new StringBuilder("| us of the server | least | quarter | median |\n");
    table.append("|---|---|---|---|\n");
    for (int i = 0; i < cases.size(); i++) {
      table.append("| ").append(cases.get(i).name());
      for (int at : new int[] {0, ROUNDS / 4, ROUNDS / 2}) {
        table.append(" | ").append(Figures.of(micros.get(i)[at]));
        table.append(" (").append(Figures.of(micros.get(i)[at] / micros.get(0)[at])).append(" x)");
      }
      table.append(" |\n");
    }
    return table.toString();
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
