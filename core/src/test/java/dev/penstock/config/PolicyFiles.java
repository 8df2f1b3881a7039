package dev.penstock.config;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** The files of the tests, and what the environment of all of them has. */
final class PolicyFiles {

  static final Path REFUSED = Path.of("src/test/resources/policy-files");
  static final Path EXAMPLES = Path.of("../docs");

  /**
   * A file of Linux that only takes orders: to open it for reading is EACCES, for root as well, and
   * nothing is ordered.
   */
  static final Path FORBIDDEN = Path.of("/proc/sys/vm/compact_memory");

  /** A file to everyone, whose first page is nobody's: to read it is EIO, for root as well. */
  static final Path UNREADABLE = Path.of("/proc/self/mem");

  static final Map<String, String> ENVIRONMENT =
      Map.of(
          "JWT_SECRET", "0123456789abcdef0123456789abcdef",
          "REDIS_URL", "redis://localhost",
          "API_KEY", "my-secret-word",
          "SPACED", "my secret-word hunter2",
          "SHORT", "hunter2",
          "NO_URL", "user:hunter2@localhost");

  private PolicyFiles() {}

  /** Returns the policy files of a directory. */
  static List<Path> in(Path directory) {
    try (Stream<Path> files = Files.list(directory)) {
      return files.filter(file -> !file.toString().endsWith(".faults")).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Returns what is wrong with a file. */
  static List<PolicyFault> faults(Path file) {
    try {
      PenstockConfig.load(file, ENVIRONMENT);
      return List.of();
    } catch (PolicyFileException e) {
      return e.faults();
    }
  }
}
