package dev.penstock.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** No name that a client sends is ever looked up. */
class NoLookupTest {

  /** Everything in the JDK that may ask DNS; {@code URL} does so in {@code equals}. */
  private static final List<String> LOOKING_UP =
      List.of(
          "java/net/InetAddress",
          "java/net/Inet4Address",
          "java/net/Inet6Address",
          "java/net/InetSocketAddress",
          "java/net/Socket",
          "java/net/URL",
          "java/net/http/",
          "javax/naming/");

  @TempDir private Path directory;

  @Test
  void httpPackage_classes_knowNothingThatLooksUpNames() throws IOException {
    try (Stream<Path> classes = Files.list(Path.of("target/classes/dev/penstock/http"))) {
      List<String> all = classes.map(NoLookupTest::text).toList();
      assertThat(all).hasSizeGreaterThan(10);
      assertThat(all)
          .allSatisfy(text -> assertThat(LOOKING_UP).noneMatch(name -> text.contains(name)));
    }
  }

  /** Names are planted in a file of the JDK, and a look-up of the control shows that they count. */
  @Test
  void resolve_namesThatHaveAddresses_areNoAddresses() throws Exception {
    Path hosts =
        Files.writeString(directory.resolve("hosts"), "203.0.113.9 planted.test planted\n");
    List<String> expected = new ArrayList<>();
    for (int name = 0; name < 2; name++) {
      expected.add("203.0.113.9");
      expected.addAll(Collections.nCopies(8, "10.0.0.1"));
      expected.add("unknown");
    }

    assertThat(output(hosts, "planted.test", "planted")).isEqualTo(expected);
  }

  private static List<String> output(Path hosts, String... names) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-Djdk.net.hosts.file=" + hosts);
    command.addAll(
        List.of(
            "-cp",
            String.join(
                System.getProperty("path.separator"), "target/classes", "target/test-classes")));
    command.add(NameLookups.class.getName());
    command.addAll(List.of(names));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertThat(process.waitFor()).as(output).isZero();
    return output.lines().toList();
  }

  private static String text(Path file) {
    try {
      return Files.readString(file, ISO_8859_1);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
