package dev.penstock.benchmarks.report;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;

/**
 * What the processors have done since the system started, in its ticks, as Linux counts it:
 * proc(5).
 *
 * @param all of all processors, idle or not
 * @param worked for processes and for other guests of the host; interrupts are left out, which
 *     nobody is charged for, and most of which are the loopback interface's
 * @param own of that, for this process and all that it has started, directly or not
 */
record ProcessorTime(long all, long worked, long own) {

  private static final Path PROCESSES = Path.of("/proc");
  private static final Path SYSTEM = PROCESSES.resolve("stat");

  // Places in the first line of /proc/stat, after its name; guests stand in user and nice, too.
  private static final int USER = 0;
  private static final int NICE = 1;
  private static final int SYSTEM_CALLS = 2;
  private static final int STEAL = 7;
  private static final int COUNTED = 8;

  // Places in /proc/PID/stat after the name of the program, which may hold anything.
  private static final int OWN_FIRST = 11;
  private static final int CHILDREN_FIRST = 13;
  private static final int CHILDREN_LAST = 14;

  /** {@return what has been done until now, if the system tells} */
  static Optional<ProcessorTime> now() {
    if (!Files.isReadable(SYSTEM)) {
      return Optional.empty();
    }
    try {
      return Optional.of(of(Files.readString(SYSTEM), ownTicks()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Reads the text of {@code /proc/stat}.
   *
   * @param own ticks of this process and all that it has started
   */
  static ProcessorTime of(String systemStat, long own) {
    long[] ticks = numbers(systemStat.lines().findFirst().orElseThrow(), 1);
    long all = Arrays.stream(ticks, 0, COUNTED).sum();
    return new ProcessorTime(
        all, ticks[USER] + ticks[NICE] + ticks[SYSTEM_CALLS] + ticks[STEAL], own);
  }

  /** {@return the share of the processors that others had since then, from 0 to 1} */
  double othersSince(ProcessorTime then) {
    double others = (worked - then.worked) - (own - then.own);
    return Math.min(1, Math.max(0, others / Math.max(1, all - then.all)));
  }

  /** A process that ends meanwhile has become time of its parent's children: begin anew. */
  private static long ownTicks() throws IOException {
    long pid = ProcessHandle.current().pid();
    while (true) {
      long ended = ticks(pid, CHILDREN_FIRST);
      long sum = ticks(pid, OWN_FIRST);
      for (ProcessHandle process : ProcessHandle.current().descendants().toList()) {
        sum += ticks(process.pid(), OWN_FIRST);
      }
      if (ticks(pid, CHILDREN_FIRST) == ended) {
        return sum;
      }
    }
  }

  private static long ticks(long pid, int first) throws IOException {
    try {
      return ticks(Files.readString(PROCESSES.resolve(pid + "/stat")), first);
    } catch (NoSuchFileException e) {
      return 0;
    }
  }

  /** {@return the time of a process and of its children that have ended, by its stat's text} */
  static long ticks(String processStat) {
    return ticks(processStat, OWN_FIRST);
  }

  private static long ticks(String processStat, int first) {
    String fields = processStat.substring(processStat.lastIndexOf(')') + 1).strip();
    return Arrays.stream(numbers(fields, first), 0, CHILDREN_LAST - first + 1).sum();
  }

  private static long[] numbers(String fields, int first) {
    return Arrays.stream(fields.split(" +"))
        .skip(first)
        .limit(COUNTED)
        .mapToLong(Long::parseLong)
        .toArray();
  }
}
