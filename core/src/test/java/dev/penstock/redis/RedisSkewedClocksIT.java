package dev.penstock.redis;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.ChildJvm;
import dev.penstock.Crowd;
import dev.penstock.Decision;
import dev.penstock.Identity;
import dev.penstock.Limit;
import dev.penstock.LimitPolicy;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.UUID;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Limiters of JVMs whose clocks lie months apart permit together what one would. */
class RedisSkewedClocksIT {

  /** By the one clock, 60 tokens of the other's spending would be there again. */
  private static final Duration SKEW = Duration.ofDays(30);

  private static final int CAPACITY = 1_500;

  private static final Limit FROZEN = Limit.of(CAPACITY, 1, Duration.ofDays(1));

  @TempDir private Path directory;

  private Path agent;

  /** Says what time it is; then, for each number of requests told, how many were permitted. */
  static final class Instance {

    private static final int THREADS = 4;
    private static final LimitPolicy POLICY = LimitPolicy.perIdentity("frozen", FROZEN);

    private Instance() {}

    public static void main(String[] arguments) throws IOException {
      BufferedReader in = new BufferedReader(new InputStreamReader(System.in, UTF_8));
      try (RedisRateLimiter limiter =
              RedisRateLimiter.builder(arguments[0])
                  .prefix(arguments[1])
                  .timeout(Duration.ofSeconds(10))
                  .build();
          Crowd crowd = new Crowd(THREADS)) {
        System.out.println(System.currentTimeMillis());
        for (String line = in.readLine(); line != null; line = in.readLine()) {
          int requests = Integer.parseInt(line);
          System.out.println(
              crowd.ask(thread -> permitted(limiter, requests / THREADS)).stream()
                  .mapToInt(Integer::intValue)
                  .sum());
        }
      }
    }

    private static int permitted(RedisRateLimiter limiter, int requests) {
      int permitted = 0;
      for (int i = 0; i < requests; i++) {
        Decision decision = limiter.tryAcquire(Identity.user("u1"), POLICY);
        assertThat(decision.source()).isEqualTo(Decision.Source.REDIS);
        permitted += decision.permitted() ? 1 : 0;
      }
      return permitted;
    }
  }

  @BeforeEach
  void packAgent() throws IOException {
    Manifest manifest = new Manifest();
    manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
    manifest.getMainAttributes().putValue("Premain-Class", SkewedClocks.class.getName());
    agent = directory.resolve("agent.jar");
    new JarOutputStream(Files.newOutputStream(agent), manifest).close();
  }

  private ChildJvm instance(Duration skew, String prefix) {
    return ChildJvm.start(
        "-javaagent:" + agent + "=" + skew,
        "-cp",
        System.getProperty("java.class.path"),
        Instance.class.getName(),
        SharedRedis.url(),
        prefix);
  }

  @Test
  void tryAcquire_clocksTwoMonthsApart_permitExactlyTheCapacity() {
    String prefix = "skewed-" + UUID.randomUUID();
    try (ChildJvm ahead = instance(SKEW, prefix);
        ChildJvm behind = instance(SKEW.negated(), prefix)) {
      long apart = Long.parseLong(ahead.hear()) - Long.parseLong(behind.hear());
      assertThat(Duration.ofMillis(apart)).isCloseTo(SKEW.multipliedBy(2), Duration.ofMinutes(1));
      behind.tell("100");
      int before = Integer.parseInt(behind.hear());
      ahead.tell("1000");
      behind.tell("1000");
      int aheads = Integer.parseInt(ahead.hear());
      int behinds = Integer.parseInt(behind.hear());
      System.out.println(
          "Clocks %s apart: permitted %d ahead and %d + %d behind, of %d"
              .formatted(SKEW.multipliedBy(2), aheads, before, behinds, CAPACITY));
      assertThat(before).isEqualTo(100);
      assertThat(before + aheads + behinds).isEqualTo(CAPACITY);
    }
  }
}
