package dev.penstock.jwt;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.penstock.ChildJvm;
import io.jsonwebtoken.Jwts;
import java.io.File;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A program with a library that something else has pinned to a version which is too old. */
class OldLibrariesIT {

  private static final Path CLASSES = Path.of("target", "classes");
  private static final Path OLD = Path.of("target", "old-libraries");

  private static final String PROGRAM =
      """
      public class Main {
        public static void main(String[] arguments) {
          try {
            dev.penstock.jwt.JwtIdentityResolver.hmac(new byte[32]);
            System.out.println("built");
          } catch (IllegalStateException e) {
            System.out.println(e.getMessage());
          }
        }
      }
      """;

  @TempDir private Path directory;

  @ParameterizedTest
  @CsvSource({
    "jjwt-api, io.jsonwebtoken:jjwt-api 0.13.0 or later: 0.11.5",
    "jjwt-impl, io.jsonwebtoken:jjwt-impl 0.13.0 or later: 0.11.5",
    "jackson-core, com.fasterxml.jackson.core:jackson-core 2.10.0 or later: 2.9.10",
    "jackson-databind, com.fasterxml.jackson.core:jackson-databind 2.10.0 or later: 2.9.10"
  })
  void hmac_oldLibrary_isNamedWithBothVersions(String artifact, String named) throws Exception {
    Path program = Files.writeString(directory.resolve("Main.java"), PROGRAM);
    try (ChildJvm jvm = ChildJvm.start("-cp", classPath(artifact), program.toString())) {
      assertThat(jvm.hearAll().lines())
          .containsExactly("JwtIdentityResolver needs " + named + " is there");
    }
  }

  private static String classPath(String artifact)
      throws IOException, URISyntaxException, ClassNotFoundException {
    Stream.Builder<Path> path = Stream.builder();
    path.add(CLASSES);
    try (Stream<Path> old = Files.list(OLD)) {
      List<Path> taken =
          old.filter(jar -> jar.getFileName().toString().startsWith(artifact + "-")).toList();
      assertThat(taken).as("what the build has copied").hasSize(1);
      path.add(taken.get(0));
    }
    for (Class<?> type :
        List.of(
            Jwts.class,
            Class.forName("io.jsonwebtoken.impl.DefaultJwtParserBuilder"),
            JsonInclude.class,
            JsonFactory.class,
            ObjectMapper.class)) {
      Path jar = Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
      if (!jar.getFileName().toString().startsWith(artifact + "-")) {
        path.add(jar);
      }
    }
    return path.build().map(Path::toString).collect(Collectors.joining(File.pathSeparator));
  }
}
