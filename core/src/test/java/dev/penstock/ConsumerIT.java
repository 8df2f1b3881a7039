package dev.penstock;

import static dev.penstock.BuiltJar.tool;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A user of the in-memory limiter has the one jar, and nothing else. */
class ConsumerIT {

  private static final String MAIN =
      """
      package consumer;

      import dev.penstock.*;
      import dev.penstock.http.*;
      import dev.penstock.memory.InMemoryRateLimiter;
      import dev.penstock.metrics.Metrics;

      public class Main {
        public static void main(String[] arguments) {
          RateLimiter limiter = InMemoryRateLimiter.create().listening(Metrics.of());
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

  /** As in an image without Flight Recorder. */
  @Test
  void classPath_withoutFlightRecorder_decidesAllTheSame() throws Exception {
    Path classes = compile("-cp", JAR, source("Main.java", MAIN));
    String path = path(JAR, classes.toString());
    assertThat(java("--limit-modules", "java.base", "-cp", path, "consumer.Main"))
        .isEqualTo("true false");
  }

  /** As an application that ships its own runtime may link it: without {@code Unsafe}, too. */
  @Test
  void image_ofTheBaseAlone_decidesWithMetrics() throws Exception {
    Path image = directory.resolve("image");
    tool("jlink", "--add-modules", "java.base", "--output", image.toString());
    Path classes = compile("-cp", JAR, source("Main.java", MAIN));
    assertThat(javaIn(image, "--list-modules")).matches("java\\.base@.*");
    assertThat(javaIn(image, "-cp", path(JAR, classes.toString()), "consumer.Main"))
        .isEqualTo("true false");
  }

  /** Where an application asks for it, the events are written. */
  @Test
  void modulePath_withFlightRecorder_recordsADenial() throws Exception {
    String main =
        MAIN.replace(
                "public static void main(String[] arguments) {",
                """
        public static void main(String[] arguments) {
          var recording = new jdk.jfr.Recording();
          recording.enable("dev.penstock.Denied");
          recording.start();
        """)
            .replaceFirst(
                "(?s)(user, runs\\)\\.permitted\\(\\)\\);\\s+})",
                """
        user, runs).permitted());
          try {
            var file = java.nio.file.Files.createTempFile("denied", ".jfr");
            recording.stop();
            recording.dump(file);
            System.out.print(" " + jdk.jfr.consumer.RecordingFile.readAllEvents(file).size());
            java.nio.file.Files.delete(file);
          } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
          }
        }
        """);
    String module = "module consumer { requires dev.penstock; requires jdk.jfr; }";
    Path classes =
        compile("-p", JAR, source("Main.java", main), source("module-info.java", module));
    assertThat(java("-p", path(JAR, classes.toString()), "-m", "consumer/consumer.Main"))
        .isEqualTo("true false 1");
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

  private static final String NEEDY =
      """
      package consumer;

      import static java.lang.invoke.MethodHandles.publicLookup;
      import static java.lang.invoke.MethodType.methodType;

      public class Main {
        public static void main(String[] arguments) throws Throwable {
          try {
            if (arguments[0].equals("jwt")) {
              dev.penstock.jwt.JwtIdentityResolver.hmac(new byte[32]);
            } else {
              Class<?> type = Class.forName("dev.penstock.redis.RedisRateLimiter");
              Class<?> builder = Class.forName("dev.penstock.redis.RedisRateLimiterBuilder");
              publicLookup()
                  .findStatic(type, "builder", methodType(builder, String.class))
                  .invokeWithArguments("redis://localhost");
            }
            System.out.print("made");
          } catch (IllegalStateException e) {
            System.out.print(e.getMessage());
          }
        }
      }
      """;

  private static final String JWT_JARS =
      jars(
          io.jsonwebtoken.Jwts.class,
          io.jsonwebtoken.impl.DefaultJwtParserBuilder.class,
          com.fasterxml.jackson.annotation.JsonInclude.class,
          com.fasterxml.jackson.core.JsonFactory.class,
          com.fasterxml.jackson.databind.ObjectMapper.class);

  private static final String JEDIS_JARS =
      jars(
          redis.clients.jedis.UnifiedJedis.class,
          org.slf4j.Logger.class,
          org.apache.commons.pool2.ObjectPool.class,
          redis.clients.authentication.core.Token.class);

  /** A jar that is there has to be asked for, too, and one that is not has to be added. */
  @ParameterizedTest
  @CsvSource({
    "jwt, jjwt.api, io.jsonwebtoken:jjwt-api, JwtIdentityResolver",
    "redis, redis.clients.jedis, redis.clients:jedis, RedisRateLimiter"
  })
  void modulePath_withoutTheLibrary_saysWhatBringsItIntoTheGraph(
      String part, String module, String coordinates, String user) throws Exception {
    Path classes =
        compile("-p", JAR, source("Main.java", NEEDY), source("module-info.java", MODULE));
    String jars = part.equals("jwt") ? JWT_JARS : JEDIS_JARS;
    String remedy =
        "requires "
            + module
            + " in the application's module-info.java, or --add-modules "
            + module
            + " for Java";
    String absent = user + " needs " + coordinates + " on the module path, and " + remedy;
    String path = path(JAR, classes.toString());
    assertThat(java("-p", path, "-m", "consumer/consumer.Main", part)).isEqualTo(absent);
    assertThat(java("-p", path, "-cp", jars, "-m", "consumer/consumer.Main", part))
        .isEqualTo(absent);
    assertThat(java("-p", path(path, jars), "-m", "consumer/consumer.Main", part))
        .isEqualTo(
            user
                + " needs "
                + coordinates
                + ", which is on the module path and not in the module graph: add "
                + remedy);
  }

  @ParameterizedTest
  @CsvSource({"jwt, 'jjwt.api,com.fasterxml.jackson.databind'", "redis, redis.clients.jedis"})
  void modulePath_withTheLibraryInTheGraph_makesWhatNeedsIt(String part, String modules)
      throws Exception {
    Path classes =
        compile("-p", JAR, source("Main.java", NEEDY), source("module-info.java", MODULE));
    String path = path(JAR, classes.toString(), part.equals("jwt") ? JWT_JARS : JEDIS_JARS);
    assertThat(java("-p", path, "--add-modules", modules, "-m", "consumer/consumer.Main", part))
        .isEqualTo("made");
  }

  private static String path(String... entries) {
    return String.join(System.getProperty("path.separator"), entries);
  }

  private static String jars(Class<?>... types) {
    return Arrays.stream(types)
        .map(type -> type.getProtectionDomain().getCodeSource().getLocation())
        .map(location -> Path.of(URI.create(location.toString())).toString())
        .collect(Collectors.joining(System.getProperty("path.separator")));
  }

  /**
   * Everything but the JWT resolver, the policy file, the admin, the Redis limiter, the bean of JMX
   * and the events of Flight Recorder; annotations are not needed at run time.
   */
  @Test
  void jar_dependsOnJavaBaseAlone() {
    List<String> foreign =
        tool("jdeps", "--ignore-missing-deps", "-verbose:package", JAR)
            .lines()
            .filter(line -> line.startsWith("   dev.penstock") && line.contains("->"))
            .filter(line -> !line.startsWith("   dev.penstock.jwt "))
            .filter(line -> !line.startsWith("   dev.penstock.config "))
            .filter(line -> !line.startsWith("   dev.penstock.admin "))
            .filter(line -> !line.startsWith("   dev.penstock.redis"))
            .filter(line -> !line.endsWith(" java.base") && !line.endsWith(" dev.penstock"))
            .filter(line -> !line.matches("   dev.penstock.metrics +-> javax.management .*"))
            .filter(line -> !line.matches("   dev.penstock.base +-> jdk.jfr +(jdk.jfr|not found)"))
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
    return javaIn(Path.of(System.getProperty("java.home")), arguments);
  }

  private static String javaIn(Path home, String... arguments) {
    try (ChildJvm jvm = ChildJvm.startIn(home, arguments)) {
      return jvm.hearAll();
    }
  }
}
