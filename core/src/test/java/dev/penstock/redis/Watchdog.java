package dev.penstock.redis;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A shell that outlives this process for a moment, kills the children that are left and deletes
 * their files, however this process ended: it reads their ids from a pipe that the system closes.
 */
final class Watchdog {

  private static final String SCRIPT =
      """
      trap '' HUP INT TERM
      live=' '
      while read -r change pid; do
        case $change in
          add) live="$live$pid " ;;
          remove) live="${live%% $pid *} ${live#* $pid }" ;;
        esac
      done
      for pid in $live; do kill -KILL "$pid" 2>/dev/null; done
      rm -rf "$1"
      """;

  private static final class Holder {
    static final Watchdog STARTED = new Watchdog();
  }

  private final Path directory;
  private final OutputStream pipe;

  private Watchdog() {
    try {
      this.directory = Files.createTempDirectory("penstock-redis");
      this.pipe =
          new ProcessBuilder("sh", "-c", SCRIPT, "watchdog", directory.toString())
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start()
              .getOutputStream();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Returns the directory of this process for whatever its children need, deleted at its end. */
  static Path directory() {
    return Holder.STARTED.directory;
  }

  static void add(Process process) {
    Holder.STARTED.write("add " + process.pid() + "\n");
  }

  static void remove(Process process) {
    Holder.STARTED.write("remove " + process.pid() + "\n");
  }

  private synchronized void write(String line) {
    try {
      pipe.write(line.getBytes(StandardCharsets.US_ASCII));
      pipe.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
