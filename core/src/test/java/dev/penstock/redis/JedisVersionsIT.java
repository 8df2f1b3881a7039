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
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A program that gives a URL, with each jedis that others pin. */
class JedisVersionsIT {

  private static final Path CLASSES = Path.of("target", "classes");
  private static final Path VERSIONS = Path.of("target", "jedis-versions");
  private static final Path LIBRARIES = Path.of("target", "oldest-jedis");

  private static final String PROGRAM =
      """
      import dev.penstock.*;
      import dev.penstock.redis.RedisRateLimiter;
      import java.time.Duration;

      public class Main {
        static final Identity USER = Identity.user("acme", "u1");
        static final LimitPolicy TEN = LimitPolicy.perIdentity("ten", Limit.perDay(10));

        public static void main(String[] arguments) {
          try (RedisRateLimiter limiter =
              RedisRateLimiter.builder(arguments[0])
                  .timeout(Duration.ofSeconds(5))
                  .cheapDenials(Duration.ZERO)
                  .build()) {
            Reservation run = limiter.reserve(USER, TEN, Cost.of(4));
            print("take", run.decision());
            print("deny", limiter.tryAcquire(USER, TEN, 7));
            run.settle(Cost.of(2));
            print("settled", limiter.peek(USER, TEN, 1));
            limiter.reset(USER, TEN);
            print("reset", limiter.peek(USER, TEN, 10));
          } catch (IllegalArgumentException | IllegalStateException e) {
            System.out.println(e.getMessage());
          }
        }

        static void print(String what, Decision decision) {
          System.out.printf("%s %s %s %d%n", what, decision.source(), decision.permitted(),
              decision.buckets().get(0).remaining());
        }
      }
      """;

  /** Is compiled before jedis changes under it, as a service is whose platform pins another one. */
  private static final String LINKED_BEFORE =
      """
      import static java.lang.invoke.MethodType.methodType;

      import dev.penstock.redis.RedisRateLimiter;
      import java.lang.invoke.MethodHandles;

      public class Main {
        public static void main(String[] arguments) throws Throwable {
          Class<?> builder = Class.forName("dev.penstock.redis.RedisRateLimiterBuilder");
          try {
            MethodHandles.lookup()
                .findStatic(
                    RedisRateLimiter.class, "builder", methodType(builder, String.class))
                .invoke(arguments[0]);
          } catch (IllegalStateException e) {
            System.out.println(e.getMessage());
          }
        }
      }
      """;

  @TempDir private static Path directory;

  private static RedisServer server;
  private static Path program;

  @BeforeAll
  static void start() throws IOException {
    server = RedisServer.start("user penstock on >verysecret ~* +@all");
    program = Files.writeString(directory.resolve("Main.java"), PROGRAM);
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  private static List<String> said(String version, Path program, String url) throws IOException {
    try (ChildJvm jvm = ChildJvm.start("-cp", classPath(version), program.toString(), url)) {
      return jvm.hearAll().lines().toList();
    }
  }

  private static String url(String password) {
    return "redis://penstock:" + password + "@127.0.0.1:" + server.port() + "/2";
  }

  private static String classPath(String version) throws IOException {
    try (Stream<Path> old = Files.list(LIBRARIES);
        Stream<Path> jars = Files.list(VERSIONS)) {
      List<Path> libraries =
          Stream.concat(old, jars)
              .filter(
                  jar ->
                      !jar.getFileName().toString().startsWith("jedis-")
                          || jar.endsWith("jedis-" + version + ".jar"))
              .toList();
      assertThat(libraries)
          .as("what the build has copied")
          .anyMatch(jar -> jar.endsWith("jedis-" + version + ".jar"));
      return Stream.concat(Stream.of(CLASSES), libraries.stream())
          .map(Path::toString)
          .collect(Collectors.joining(File.pathSeparator));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"4.0.0", "5.2.0", "6.0.0", "7.0.0", "7.5.0"})
  void url_everyCall_isServed(String version) throws IOException {
    assertThat(said(version, program, url("verysecret")))
        .containsExactly(
            "take REDIS true 6",
            "deny REDIS false 6",
            "settled REDIS true 8",
            "reset REDIS true 10");
  }

  @ParameterizedTest
  @ValueSource(strings = {"4.0.0", "7.5.0"})
  void url_wrongPassword_isRefused(String version) throws IOException {
    assertThat(said(version, program, url("notsosecret")))
        .singleElement()
        .asString()
        .startsWith(
            "Redis at 127.0.0.1:"
                + server.port()
                + " must be usable: it refuses the user or the password; correct them; it said: ");
  }

  @Test
  void url_jedisThatIsTooOld_isNamedWithBothVersions() throws IOException {
    Path linkedBefore =
        Files.writeString(
            Files.createDirectory(directory.resolve("linked")).resolve("Main.java"), LINKED_BEFORE);
    assertThat(said("3.10.0", linkedBefore, url("verysecret")))
        .containsExactly(
            "RedisRateLimiter needs redis.clients:jedis 4.0.0 or later: 3.10.0 is there");
  }
}
