package dev.penstock;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The repository's own Markdown is read in editors and in diffs: a line has at most 120 characters
 * and begins at most one sentence. Tables cannot be broken, nor can addresses.
 */
class MarkdownTest {

  private static final int MAX_LENGTH = 120;

  /** What is built, and what others have written. */
  private static final Set<String> NOT_OURS = Set.of("target", "resources");

  private static final Pattern FENCE = Pattern.compile("\\s*(```|~~~).*");
  private static final Pattern TABLE = Pattern.compile("\\s*\\|.*");
  private static final Pattern ADDRESS = Pattern.compile("\\S{60,}|.*\\]\\([^)]{60,}\\).*");

  private static final Pattern CODE = Pattern.compile("`[^`]*`");
  private static final Pattern TARGET = Pattern.compile("\\]\\([^)]*\\)");

  private static final Pattern TWO_SENTENCES =
      Pattern.compile("(?<!e\\.g|i\\.e|vs|cf)(?<=\\S\\S)[.!?][)*_\"]* +([(\\[*_\"]*[A-Z`]|\\*\\w)");

  static List<Path> pages() throws IOException {
    List<Path> pages = new ArrayList<>();
    addPages(Path.of(".."), pages);
    return pages;
  }

  private static void addPages(Path directory, List<Path> pages) throws IOException {
    List<Path> files;
    try (Stream<Path> listed = Files.list(directory)) {
      files = listed.sorted().toList();
    }
    for (Path file : files) {
      String name = file.getFileName().toString();
      if (name.endsWith(".md")) {
        pages.add(file);
      } else if (Files.isDirectory(file) && !NOT_OURS.contains(name) && !name.startsWith(".")) {
        addPages(file, pages);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("pages")
  void page_hasShortLinesOfOneSentence(Path page) throws IOException {
    assertThat(faults(Files.readString(page))).as(page.toString()).isEmpty();
  }

  @Test
  void pages_areAllThereAre() throws IOException {
    assertThat(pages())
        .extracting(page -> Path.of("..").relativize(page).toString())
        .contains("README.md", "DESIGN.md", "CHANGELOG.md", "CONTRIBUTING.md")
        .contains("benchmarks/RESULTS.md", "benchmarks/jdk25/RESULTS.md")
        .noneMatch(page -> page.contains("target/") || page.contains("vectors"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "One. Two.",
        "One! **Two**.",
        "- one (two.) Three",
        "Of `code`. `More` code.",
        "One [link](a.md). Two.",
        "Ends. *word* starts.",
      })
  void faults_secondSentenceInALine_isOne(String line) {
    assertThat(faults(line)).containsExactly("1: a sentence begins within the line");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "One.\nTwo.",
        "1. First\n2. Second",
        "e.g. Tomcat, and 17.0.15 or later",
        "Call `a. B` and [x](http://x/a. B).",
        "| One. Two. | Three |",
        "```\nOne. Two.\n```",
      })
  void faults_oneSentenceInALine_areNone(String text) {
    assertThat(faults(text)).isEmpty();
  }

  @Test
  void faults_longLine_isOneIfItCouldBeBroken() {
    String words = "word ".repeat(24);
    assertThat(faults(words.strip())).isEmpty();
    assertThat(faults(words + "x")).containsExactly("1: 121 characters");
    assertThat(faults("```\n" + words + "x\n```")).containsExactly("2: 121 characters");
    assertThat(faults("| " + words + " |")).isEmpty();
    assertThat(faults("http://localhost/" + "x".repeat(120))).isEmpty();
    assertThat(faults("![x](" + "x".repeat(120) + ")")).isEmpty();
  }

  private static List<String> faults(String page) {
    List<String> faults = new ArrayList<>();
    boolean fenced = false;
    int number = 0;
    for (String line : page.lines().toList()) {
      number++;
      if (FENCE.matcher(line).matches()) {
        fenced = !fenced;
      }
      boolean breakable = !TABLE.matcher(line).matches() && !ADDRESS.matcher(line).matches();
      if (breakable && line.length() > MAX_LENGTH) {
        faults.add(number + ": " + line.length() + " characters");
      }
      boolean prose = !fenced && !TABLE.matcher(line).matches();
      if (prose && TWO_SENTENCES.matcher(withoutCode(line)).find()) {
        faults.add(number + ": a sentence begins within the line");
      }
    }
    return faults;
  }

  /** Takes away points that end no sentence. */
  private static String withoutCode(String line) {
    return TARGET.matcher(CODE.matcher(line).replaceAll("`code`")).replaceAll("](target)");
  }
}
