package dev.penstock.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.ChildJvm;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A program that passes a client of the oldest jedis which the README names. */
class RedisOldestJedisIT {

  private static final Path CLASSES = Path.of("target", "classes");
  private static final Path LIBRARIES = Path.of("target", "oldest-jedis");

  private static final String PROGRAM =
      """
      import dev.penstock.*;
      import dev.penstock.redis.RedisRateLimiter;
      import java.net.URI;
      import java.time.Duration;
      import redis.clients.jedis.JedisPooled;
      import redis.clients.jedis.Protocol;
      import redis.clients.jedis.UnifiedJedis;

      public class Main {
        static final Identity USER = Identity.user("acme", "u1");
        static final LimitPolicy TEN = LimitPolicy.perIdentity("ten", Limit.perDay(10));

        public static void main(String[] arguments) {
          System.out.println(UnifiedJedis.class.getProtectionDomain().getCodeSource());
          try (JedisPooled jedis = new JedisPooled(URI.create(arguments[0]));
              RedisRateLimiter limiter =
                  RedisRateLimiter.builder(jedis).cheapDenials(Duration.ZERO).build()) {
            print("take", limiter.tryAcquire(USER, TEN, 4));
            print("deny", limiter.tryAcquire(USER, TEN, 7));
            jedis.sendCommand(Protocol.Command.SCRIPT, "FLUSH");
            Reservation run = limiter.reserve(USER, TEN, Cost.of(5));
            print("flushed", run.decision());
            run.settle(Cost.of(3));
            print("settled", limiter.peek(USER, TEN, 1));
            limiter.reset(USER, TEN);
            print("reset", limiter.peek(USER, TEN, 10));
            System.out.println(limiter.statistics());
          }
        }

        static void print(String what, Decision decision) {
          System.out.printf("%s %s %s %d%n", what, decision.source(), decision.permitted(),
              decision.buckets().get(0).remaining());
        }
      }
      """;

  @TempDir private Path directory;

  @Test
  void everyCall_isServed() throws IOException {
    Path program = Files.writeString(directory.resolve("Main.java"), PROGRAM);
    try (RedisServer server = RedisServer.start();
        ChildJvm jvm = ChildJvm.start("-cp", classPath(), program.toString(), server.url())) {
      assertThat(jvm.hear()).contains("jedis-4.0.0.jar");
      assertThat(jvm.hearAll().lines())
          .containsExactly(
              "take REDIS true 6",
              "deny REDIS false 6",
              "flushed REDIS true 1",
              "settled REDIS true 3",
              "reset REDIS true 10",
              new RedisStatistics(true, 7, 7, 0, 0, 2, 0, 0, 0, 0).toString());
    }
  }

  private static String classPath() throws IOException {
    try (Stream<Path> jars = Files.list(LIBRARIES)) {
      List<Path> libraries = jars.toList();
      assertThat(libraries).as("what the build has copied").isNotEmpty();
      return Stream.concat(Stream.of(CLASSES), libraries.stream())
          .map(Path::toString)
          .collect(Collectors.joining(File.pathSeparator));
    }
  }
}
