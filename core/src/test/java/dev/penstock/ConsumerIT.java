package dev.penstock;

import static dev.penstock.BuiltJar.tool;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A user of the in-memory limiter has the one jar, and nothing else. */
class ConsumerIT {

  private static final String MAIN =
      """
      package consumer;

      import dev.penstock.*;
      import dev.penstock.http.*;
      import dev.penstock.memory.InMemoryRateLimiter;
      import dev.penstock.metrics.DecisionCounters;

      public class Main {
        public static void main(String[] arguments) {
          DecisionCounters counters = new DecisionCounters();
          RateLimiter limiter = InMemoryRateLimiter.create().listening(counters);
          LimitPolicy runs = LimitPolicy.perIdentity("runs", Limit.parse("1/minute"));
          HttpRateLimiter.builder(limiter).rule("POST /runs", runs).build();
          Identity user = Identity.user("acme", "u1");
          System.out.print(limiter.tryAcquire(user, runs).permitted());
          System.out.print(" " + limiter.tryAcquire(user, runs).permitted());
        }
      }
      """;

  private static final String MODULE = "module consumer { requires dev.penstock; }";

  private static final String JAR = BuiltJar.of("penstock-core").toString();

  @TempDir private Path directory;

  @Test
  void classPath_holdsTheJarAlone() throws Exception {
    Path classes = compile("-cp", JAR, source("Main.java", MAIN));
    assertThat(java("-cp", JAR + System.getProperty("path.separator") + classes, "consumer.Main"))
        .isEqualTo("true false");
  }

  @Test
  void modulePath_holdsTheJarAlone() throws Exception {
    Path classes =
        compile("-p", JAR, source("Main.java", MAIN), source("module-info.java", MODULE));
    assertThat(
            java(
                "-p",
                JAR + System.getProperty("path.separator") + classes,
                "-m",
                "consumer/consumer.Main"))
        .isEqualTo("true false");
  }

  @Test
  void jwt_withoutItsLibraries_namesTheMissingOne() throws Exception {
    String main =
        """
        package consumer;

        public class Main {
          public static void main(String[] arguments) {
            try {
              dev.penstock.jwt.JwtIdentityResolver.hmac(new byte[32]);
            } catch (IllegalStateException e) {
              System.out.print(e.getMessage());
            }
          }
        }
        """;
    Path classes = compile("-cp", JAR, source("Main.java", main));
    assertThat(java("-cp", JAR + System.getProperty("path.separator") + classes, "consumer.Main"))
        .contains("io.jsonwebtoken:jjwt-api");
  }

  /** Called as code is that was compiled where the library was there. */
  @Test
  void redis_withoutItsLibrary_namesIt() throws Exception {
    String main =
        """
        package consumer;

        import static java.lang.invoke.MethodHandles.publicLookup;
        import static java.lang.invoke.MethodType.methodType;

        public class Main {
          public static void main(String[] arguments) throws Throwable {
            Class<?> type = Class.forName("dev.penstock.redis.RedisRateLimiter");
            Class<?> builder = Class.forName("dev.penstock.redis.RedisRateLimiterBuilder");
            try {
              publicLookup()
                  .findStatic(type, "builder", methodType(builder, String.class))
                  .invokeWithArguments("redis://localhost");
            } catch (IllegalStateException e) {
              System.out.print(e.getMessage());
            }
          }
        }
        """;
    Path classes = compile("-cp", JAR, source("Main.java", main));
    assertThat(java("-cp", JAR + System.getProperty("path.separator") + classes, "consumer.Main"))
        .isEqualTo("RedisRateLimiter needs redis.clients:jedis on the class path");
  }

  /**
   * Everything but the JWT resolver and the Redis limiter; annotations are not needed at run time.
   */
  @Test
  void jar_dependsOnJavaBaseAlone() {
    List<String> foreign =
        tool("jdeps", "--ignore-missing-deps", "-verbose:package", JAR)
            .lines()
            .filter(line -> line.startsWith("   dev.penstock") && line.contains("->"))
            .filter(line -> !line.startsWith("   dev.penstock.jwt "))
            .filter(line -> !line.startsWith("   dev.penstock.redis "))
            .filter(line -> !line.endsWith(" java.base") && !line.endsWith(" dev.penstock"))
            .filter(line -> !line.contains(" org.jspecify.annotations "))
            .toList();
    assertThat(foreign).isEmpty();
  }

  private String source(String name, String text) throws IOException {
    return Files.writeString(directory.resolve(name), text).toString();
  }

  private Path compile(String... arguments) {
    Path classes = directory.resolve("classes");
    List<String> all = new ArrayList<>(List.of("-d", classes.toString()));
    all.addAll(List.of(arguments));
    tool("javac", all.toArray(String[]::new));
    return classes;
  }

  private static String java(String... arguments) {
    try (ChildJvm jvm = ChildJvm.start(arguments)) {
      return jvm.hearAll();
    }
  }
}
