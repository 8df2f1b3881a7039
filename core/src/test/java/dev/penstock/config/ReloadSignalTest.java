package dev.penstock.config;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.ChildJvm;
import dev.penstock.http.Verdict;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Scanner;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReloadSignalTest {

  /** Says what it makes gates of, and whether there is such a signal. */
  static final class Main {
    public static void main(String[] arguments) {
      ReloadingGate gate =
          new ReloadingGate(
              new WatchedFile(Path.of(arguments[0]), 100),
              content -> {
                System.out.println(new String(content, UTF_8));
                return request -> Verdict.Proceed.unlimited();
              },
              InstantSource.system());
      System.out.println(gate.reloadOnHangup());
      new Scanner(System.in, UTF_8).nextLine();
      System.out.println(gate.status().current());
    }
  }

  @TempDir private Path directory;
  private String file = "";

  @BeforeEach
  void writeTheFile() throws IOException {
    file = Files.writeString(directory.resolve("limits"), "first").toString();
  }

  /** What was started with the signal ignored hands that on, and nobody can take it back. */
  private static boolean isHangupIgnored() throws IOException {
    Path status = Path.of("/proc/self/status");
    return Files.exists(status)
        && Files.readString(status).lines().anyMatch(line -> line.matches("SigIgn:.*[13579bdf]"));
  }

  @Test
  void reloads_processThatIsHungUp_readsTheFile() throws IOException {
    try (ChildJvm program = ChildJvm.start(Main.class, file)) {
      assertThat(program.hear()).isEqualTo("first");
      boolean reloads = !isHangupIgnored();
      assertThat(program.hear()).isEqualTo(String.valueOf(reloads));
      Files.writeString(Path.of(file), "second");
      program.hangUp();
      if (reloads) {
        assertThat(program.hear()).isEqualTo("second");
      }
      program.tell("");
      assertThat(program.hear()).isEqualTo("true");
    }
  }

  @Test
  void reloads_processThatIgnoresTheSignal_saysSo() {
    try (ChildJvm program = ChildJvm.startWithoutHangup(Main.class, file)) {
      assertThat(program.hear()).isEqualTo("first");
      assertThat(program.hear()).isEqualTo("false");
      program.hangUp();
      program.tell("");
      assertThat(program.hear()).isEqualTo("true");
    }
  }

  @Test
  void reloads_imageWithoutTheModule_saysThatThereIsNoSignal() {
    String classes = System.getProperty("java.class.path");
    String[] command = {
      "--limit-modules", "java.base,java.logging", "-cp", classes, Main.class.getName(), file
    };
    try (ChildJvm program = ChildJvm.start(command)) {
      assertThat(program.hear()).isEqualTo("first");
      assertThat(program.hear()).isEqualTo("false");
      program.tell("");
      assertThat(program.hear()).isEqualTo("true");
    }
  }
}
