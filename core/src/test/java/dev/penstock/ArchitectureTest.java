package dev.penstock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Which package may know which, and what is public. */
class ArchitectureTest {

  private static final String ROOT = "(root)";
  private static final String BASE = "dev.penstock";
  private static final Path SOURCES = Path.of("src/main/java");
  private static final Path SURFACE = Path.of("src/test/resources/public-surface.txt");
  private static final String UPDATE = "penstock.surface.update";

  private static final Map<String, Set<String>> ARROWS =
      Map.ofEntries(
          Map.entry("base", Set.of()),
          Map.entry(ROOT, Set.of("base")),
          Map.entry("bucket", Set.of("base", ROOT)),
          Map.entry("memory", Set.of("base", ROOT, "bucket")),
          Map.entry("metrics", Set.of("base", ROOT)),
          Map.entry("http", Set.of("base", ROOT)),
          Map.entry("jwt", Set.of("base", ROOT, "http", "bucket")),
          Map.entry("redis.wire", Set.of("base", ROOT, "bucket")),
          Map.entry("redis", Set.of("base", ROOT, "bucket", "redis.wire")),
          Map.entry("config", Set.of("base", ROOT, "http", "jwt", "redis", "memory")),
          Map.entry("admin", Set.of("base", ROOT, "http", "metrics", "config", "memory")));

  /** Comments, and strings: the name of a logger imports nothing. */
  private static final Pattern NO_CODE =
      Pattern.compile("/\\*.*?\\*/|//[^\n]*|\"[^\"\n]*\"", Pattern.DOTALL);

  private static final Pattern PACKAGE = Pattern.compile("\\bpackage\\s+([a-z.]+)\\s*;");
  private static final Pattern OURS =
      Pattern.compile("\\bdev\\.penstock\\.(?:([a-z]\\w*(?:\\.[a-z]\\w*)*)\\.)?[A-Z*]");

  @Test
  void arrows_everySourceFile_goOnlyWhereTheyMay() {
    List<Path> files = files(SOURCES, ".java");
    assertThat(files).hasSizeGreaterThan(20);
    assertThat(files.stream().flatMap(file -> forbidden(read(file)).stream())).isEmpty();
  }

  @Test
  void arrows_forbiddenOnes_areFound() {
    String source = "package dev.penstock.memory;\nimport dev.penstock.Limit;\n";
    assertThat(forbidden(source)).isEmpty();
    assertThat(forbidden(source + "import dev.penstock.http.Rule;"))
        .containsExactly("memory -> http");
    assertThat(forbidden(source + "import static dev.penstock.redis.Keys.KEY;"))
        .containsExactly("memory -> redis");
    assertThat(forbidden("package dev.penstock;\nimport dev.penstock.memory.*;"))
        .containsExactly("(root) -> memory");
    assertThat(forbidden("package dev.penstock;\nvar x = new dev.penstock.jwt.Claims();"))
        .containsExactly("(root) -> jwt");
    assertThat(forbidden("package dev.penstock;\n/* dev.penstock.jwt.Claims */")).isEmpty();
    assertThat(forbidden("package dev.penstock.util;"))
        .containsExactly("util is no package of ours");
  }

  /** Returns the arrows from this source file that are not allowed. */
  private static Set<String> forbidden(String source) {
    String code = NO_CODE.matcher(source).replaceAll("");
    String from =
        PACKAGE.matcher(code).results().map(found -> found.group(1)).findFirst().orElse(BASE);
    String name = from.equals(BASE) ? ROOT : from.substring(BASE.length() + 1);
    if (!ARROWS.containsKey(name)) {
      return Set.of(name + " is no package of ours");
    }
    Set<String> allowed = ARROWS.getOrDefault(name, Set.of());
    return OURS.matcher(PACKAGE.matcher(code).replaceAll(""))
        .results()
        .map(ArchitectureTest::target)
        .filter(to -> !to.equals(name) && !allowed.contains(to))
        .map(to -> name + " -> " + to)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static String target(MatchResult found) {
    String name = found.group(1);
    return name == null ? ROOT : name;
  }

  @Test
  void publicSurface_isTheOneThatIsListed() {
    List<String> actual = PublicSurface.of(Path.of("target/classes"));
    if (Boolean.getBoolean(UPDATE)) {
      write(SURFACE, actual);
    }
    List<String> listed = Files.exists(SURFACE) ? read(SURFACE).lines().toList() : List.of();
    Stream<String> gone = listed.stream().filter(line -> !actual.contains(line)).map("- "::concat);
    Stream<String> come = actual.stream().filter(line -> !listed.contains(line)).map("+ "::concat);
    String difference = Stream.concat(gone, come).collect(Collectors.joining("\n"));
    if (!difference.isEmpty() || !listed.equals(actual)) {
      fail(
          "The public surface is not the one that %s lists:\n%s\n"
              + "If that is intended: mvn -pl core test -Dtest=ArchitectureTest -D%s=true",
          SURFACE, difference, UPDATE);
    }
  }

  private static List<Path> files(Path root, String suffix) {
    try (Stream<Path> all = Files.walk(root)) {
      return all.filter(
              file -> file.toString().endsWith(suffix) && !file.endsWith("module-info.java"))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void write(Path file, List<String> lines) {
    try {
      Files.write(file, lines);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
