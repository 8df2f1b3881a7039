package dev.penstock.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckConfigTest {

  @TempDir Path directory;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  @Test
  void check_goodFile_isZero() throws IOException {
    String file = written("policies: {a: {a: 1/minute}}\nrules: [{pattern: /, policy: a}]\n...\n");
    assertThat(check(file)).isZero();
    assertThat(out.toString(StandardCharsets.UTF_8)).isEqualTo(file + ": no faults\n");
  }

  @Test
  void check_badFile_isTwoWithALineForEachFault() throws IOException {
    String file = written("policies: {a: {a: 1/minut}}\nrules: [{patern: /, policy: a}]\n...\n");
    assertThat(check(file)).isEqualTo(2);
    assertThat(out.toString(StandardCharsets.UTF_8).lines())
        .containsExactly(
            file
                + ":1:19: policies.a.a: must have a unit"
                + " (ms, second, minute, hour, day or week) at position 2: \"1/minut\"",
            file + ":2:9: rules[0]: must have pattern, or exempt",
            file
                + ":2:10: rules[0].patern: must be one of exempt, pattern, policy, policyFor, cost,"
                + " settle, watched, shadow; did you mean pattern?");
  }

  @Test
  void check_noFileOrTwo_isTwo() {
    assertThat(check()).isEqualTo(2);
    assertThat(check("a.yaml", "b.yaml")).isEqualTo(2);
    assertThat(check("a\u0000.yaml")).isEqualTo(2);
    assertThat(out.size()).isZero();
    assertThat(err.toString(StandardCharsets.UTF_8).lines().limit(2))
        .containsExactly("one policy file must be named: 0", "one policy file must be named: 2");
  }

  private String written(String text) throws IOException {
    return Files.writeString(directory.resolve("policy.yaml"), text).toString();
  }

  private int check(String... arguments) {
    return CheckConfig.check(
        arguments,
        new PrintStream(out, true, StandardCharsets.UTF_8),
        new PrintStream(err, true, StandardCharsets.UTF_8));
  }
}
