package dev.penstock.admin;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A policy file of one rule and one limit, which a test changes. */
final class RunsFile {

  private RunsFile() {}

  /** Writes it into a folder, with a rate that may be a wrong one. */
  static Path write(Path directory, String rate) throws IOException {
    return Files.writeString(
        directory.resolve("policy.yaml"),
        """
        policies:
          runs: {runs: RATE}
        rules:
          - {pattern: POST /runs, policy: runs}
        ...
        """
            .replace("RATE", rate));
  }
}
