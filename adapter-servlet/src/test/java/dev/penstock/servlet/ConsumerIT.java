package dev.penstock.servlet;

import static dev.penstock.BuiltJar.tool;
import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.BuiltJar;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A user of the filter has core, this jar and the container's own Servlet API. */
class ConsumerIT {

  private static final String CONSUMER =
      """
      package consumer;

      import dev.penstock.*;
      import dev.penstock.http.HttpRateLimiter;
      import dev.penstock.memory.InMemoryRateLimiter;
      import dev.penstock.servlet.RateLimitFilter;

      public class Consumer {
        public static jakarta.servlet.Filter filter() {
          LimitPolicy runs = LimitPolicy.perIdentity("runs", Limit.parse("1/minute"));
          return new RateLimitFilter(
              HttpRateLimiter.builder(InMemoryRateLimiter.create()).rule("/runs", runs).build());
        }
      }
      """;

  private static final String MODULE =
      "module consumer { requires dev.penstock.servlet; requires jakarta.servlet; }";

  private static final String JAR = BuiltJar.of("penstock-servlet").toString();

  @TempDir private Path directory;

  @Test
  void classPath_compilesWithNothingElse() throws Exception {
    tool("javac", "-d", classes(), "-cp", path(), source("Consumer.java", CONSUMER));
  }

  @Test
  void modulePath_compilesWithNothingElse() throws Exception {
    String module = source("module-info.java", MODULE);
    tool("javac", "-d", classes(), "-p", path(), source("Consumer.java", CONSUMER), module);
  }

  @Test
  void jar_dependsOnCoreAndTheServletApiAlone() throws Exception {
    String packages =
        tool("jdeps", "--ignore-missing-deps", "-verbose:package", "--module-path", path(), JAR);
    List<String> foreign =
        packages
            .lines()
            .filter(line -> line.startsWith("   ") && line.contains("->"))
            .map(line -> line.substring(line.indexOf("->") + 2).strip().replaceAll("\\s.*", ""))
            .filter(name -> !name.startsWith("java.") && !name.startsWith("jakarta.servlet"))
            .filter(name -> !name.equals("org.jspecify.annotations"))
            .distinct()
            .toList();
    assertThat(foreign)
        .containsExactlyInAnyOrder(
            "dev.penstock", "dev.penstock.admin", "dev.penstock.config", "dev.penstock.http");
  }

  private String source(String name, String text) throws IOException {
    return Files.writeString(directory.resolve(name), text).toString();
  }

  private String classes() {
    return directory.resolve("classes").toString();
  }

  private static String path() throws Exception {
    return String.join(
        System.getProperty("path.separator"),
        JAR,
        jarOf(dev.penstock.RateLimiter.class),
        jarOf(jakarta.servlet.Filter.class));
  }

  private static String jarOf(Class<?> type) throws Exception {
    return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI()).toString();
  }
}
