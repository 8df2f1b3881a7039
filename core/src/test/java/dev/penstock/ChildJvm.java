package dev.penstock;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A Java program in a process of its own, told and heard line by line. For one thread. */
public final class ChildJvm implements AutoCloseable {

  private final Process process;
  private final BufferedReader output;

  private ChildJvm(Process process) {
    this.process = process;
    this.output = process.inputReader(UTF_8);
  }

  /** Starts the program as the command {@code java} with these arguments does. */
  public static ChildJvm start(String... arguments) {
    return startIn(Path.of(System.getProperty("java.home")), arguments);
  }

  /** Starts it by the runtime that is in this directory. */
  public static ChildJvm startIn(Path home, String... arguments) {
    String java = home.resolve("bin").resolve("java").toString();
    return start(Stream.concat(Stream.of(java), Stream.of(arguments)).toList());
  }

  private static ChildJvm start(List<String> command) {
    try {
      return new ChildJvm(new ProcessBuilder(command).redirectErrorStream(true).start());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Starts the main class on the class path of the tests. */
  public static ChildJvm start(Class<?> main, String... arguments) {
    return start(withClassPath(main, arguments));
  }

  /** Likewise, as nohup does: SIGHUP is ignored. */
  public static ChildJvm startWithoutHangup(Class<?> main, String... arguments) {
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    List<String> command =
        new ArrayList<>(List.of("sh", "-c", "trap '' HUP; exec \"$@\"", "sh", java));
    command.addAll(List.of(withClassPath(main, arguments)));
    return start(command);
  }

  private static String[] withClassPath(Class<?> main, String... arguments) {
    Stream<String> first = Stream.of("-cp", System.getProperty("java.class.path"), main.getName());
    return Stream.concat(first, Stream.of(arguments)).toArray(String[]::new);
  }

  /** Ends a wait of the program for a line. */
  public void tell(String line) {
    try {
      process.getOutputStream().write((line + "\n").getBytes(UTF_8));
      process.getOutputStream().flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Returns the next line that the program prints. */
  public String hear() {
    try {
      String line = output.readLine();
      if (line == null) {
        throw new AssertionError("the program has ended");
      }
      return line;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Returns what the program still prints until it ends. */
  public String hearAll() {
    return output.lines().collect(Collectors.joining("\n"));
  }

  /** Stops it in its tracks, until it is resumed. */
  public void pause() {
    signal("STOP");
  }

  public void resume() {
    signal("CONT");
  }

  /** Tells it that its terminal is gone, by which daemons are told to reload. */
  public void hangUp() {
    signal("HUP");
  }

  private void signal(String name) {
    try {
      // The shell's own kill: a minimal system has no other.
      int code =
          new ProcessBuilder("sh", "-c", "kill -" + name + " " + process.pid()).start().waitFor();
      if (code != 0) {
        throw new IllegalStateException("SIG" + name + " was not sent: exit code " + code);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  /** Kills it by SIGKILL and waits until it has ended. */
  public void kill() {
    process.destroyForcibly().onExit().join();
  }

  @Override
  public void close() {
    kill();
  }
}
