package dev.penstock.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What stands where a policy file should, and what no policy needs. */
@Timeout(60)
class PolicyContentTest {

  @TempDir Path directory;

  @Test
  void load_noFile_saysSo() {
    assertThat(fault(directory.resolve("absent.yaml")))
        .isEqualTo("1:1: must be a file: there is none");
  }

  @Test
  void load_directory_saysSo() throws IOException {
    assertThat(fault(Files.createDirectory(directory.resolve("policy.yaml"))))
        .isEqualTo("1:1: must be a file: it is a directory");
  }

  @Test
  void load_fifo_saysSoWithoutWaiting() throws Exception {
    Path fifo = directory.resolve("policy.yaml");
    assertThat(new ProcessBuilder("mkfifo", fifo.toString()).inheritIO().start().waitFor())
        .isZero();
    assertThat(fault(fifo)).isEqualTo("1:1: must be a file: it is a pipe, a device or the like");
  }

  @Test
  void load_linkOfLinks_isFollowed() throws IOException {
    Path data = Files.createDirectory(directory.resolve("..2026"));
    Files.writeString(data.resolve("policy.yaml"), YAML);
    Files.createSymbolicLink(directory.resolve("..data"), Path.of("..2026"));
    Path mounted =
        Files.createSymbolicLink(directory.resolve("policy.yaml"), Path.of("..data/policy.yaml"));
    assertThat(PolicyFiles.faults(mounted)).isEmpty();
  }

  @Test
  void load_linkToNothing_saysSo() throws IOException {
    Path link = Files.createSymbolicLink(directory.resolve("policy.yaml"), Path.of("gone.yaml"));
    assertThat(fault(link)).isEqualTo("1:1: must be a file: there is none");
  }

  @Test
  void load_fileThatTheProcessMayNotRead_saysSo() throws IOException {
    Path link = Files.createSymbolicLink(directory.resolve("policy.yaml"), PolicyFiles.FORBIDDEN);
    assertThat(fault(link)).isEqualTo("1:1: must be a file that may be read: access is denied");
  }

  /** ENOTDIR: no directory is on the way to it. */
  @Test
  void load_fileBelowAFile_saysSo() throws IOException {
    Path file = written("policy.yaml", YAML).resolve("policy.yaml");
    assertThat(fault(file)).isEqualTo("1:1: must be a file that can be read: Not a directory");
  }

  @Test
  void load_fileThatCannotBeRead_saysSo() throws IOException {
    Path link = Files.createSymbolicLink(directory.resolve("policy.yaml"), PolicyFiles.UNREADABLE);
    assertThat(fault(link)).startsWith("1:1: must be a file that can be read: ");
  }

  @Test
  void load_tenMegabytes_isRefused() throws IOException {
    assertThat(fault(written("policy.yaml", "a: b\n".repeat(2_000_000))))
        .isEqualTo("1:1: must be at most 4194304 bytes");
  }

  @Test
  void load_nestingOfTenThousand_isRefusedWithItsPlace() throws IOException {
    String deep = "[".repeat(10_000) + "]".repeat(10_000);
    String path = "[0]".repeat(16);
    String told = "1:17: " + path + ": must be at most 16 levels deep";
    assertThat(fault(written("policy.yaml", deep + "\n...\n"))).isEqualTo(told);
    assertThat(fault(written("policy.json", deep))).isEqualTo(told);
  }

  @Test
  void load_tooManyValues_isRefused() throws IOException {
    assertThat(fault(written("policy.json", "[" + "0,".repeat(600_000) + "0]")))
        .isEqualTo("1:1000002: [500000]: must be at most 500000 values");
  }

  @Test
  void load_bombOfAliases_isRefusedAtEachAlias() throws IOException {
    String names = "abcdefghi";
    String bomb =
        "a: &a [x,x,x,x,x,x,x,x,x]\n"
            + IntStream.range(1, names.length())
                .mapToObj(
                    i ->
                        names.charAt(i)
                            + (": &" + names.charAt(i) + " [")
                            + ("*" + names.charAt(i - 1) + ",").repeat(9)
                            + "]\n")
                .collect(Collectors.joining());
    List<PolicyFault> faults = PolicyFiles.faults(written("policy.yaml", bomb + "...\n"));
    assertThat(faults.stream().filter(fault -> fault.message().contains("aliases are not read")))
        .hasSize(8 * 9 + 9);
  }

  @Test
  void load_longTextsAndNames_areRefusedWithoutThem() throws IOException {
    String text = "x".repeat(5_000);
    List<PolicyFault> faults =
        PolicyFiles.faults(
            written("policy.json", "{\"" + text + "\": 1, \"policies\": \"" + text + "\"}"));
    assertThat(faults)
        .extracting(PolicyFault::message)
        .containsExactly(
            "must have rules",
            "must be a name of 1 to 128 characters",
            "must be at most 4096 characters: 5000");
    assertThat(faults.toString()).hasSizeLessThan(2_000);
  }

  @Test
  void load_byteOrderMark_isNoPartOfTheText() throws IOException {
    assertThat(PolicyFiles.faults(written("policy.yaml", "\uFEFF" + YAML))).isEmpty();
  }

  @Test
  void load_moreFaultsThanAnyoneReads_countsTheRest() throws IOException {
    String rules = "{\"pattern\": 1},".repeat(1_000);
    List<PolicyFault> faults =
        PolicyFiles.faults(
            written("policy.json", "{\"policies\": {}, \"rules\": [" + rules + "7]}"));
    assertThat(faults).hasSize(1_001);
    assertThat(faults.get(1_000).message()).isEqualTo("and 1002 more faults");
  }

  @Test
  void load_tenThousandRulesAndPolicies_areTaken() throws IOException {
    int many = 10_000;
    String policies = lines(many, "  policy-%1$d: {limit-%1$d: %1$d/minute}\n");
    String rules =
        lines(
            many, "  - pattern: POST /agents/a%1$d/runs/*\n    policy: policy-%1$d\n    cost: 1\n");
    Path file = written("policy.yaml", "policies:\n" + policies + "rules:\n" + rules + "...\n");
    assertThat(PenstockConfig.load(file, Map.of()).gate()).isNotNull();
  }

  private static String lines(int many, String format) {
    return IntStream.rangeClosed(1, many)
        .mapToObj(i -> String.format(format, i))
        .collect(Collectors.joining());
  }

  private static final String YAML =
      """
      policies: {runs: {runs: 10/minute}}
      rules: [{pattern: /runs, policy: runs}]
      ...
      """;

  private Path written(String name, String text) throws IOException {
    return Files.writeString(directory.resolve(name), text);
  }

  /** Returns the one fault of a file, without its name. */
  private static String fault(Path file) {
    List<PolicyFault> faults = PolicyFiles.faults(file);
    assertThat(faults).hasSize(1);
    return faults.get(0).toString().substring(file.toString().length() + 1);
  }
}
