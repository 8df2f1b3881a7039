package dev.penstock.config;

import java.nio.file.Path;

/**
 * A file that is read again and again, and may be anything by then.
 *
 * @param path where it is
 * @param mostBytes more than that is not read
 */
record WatchedFile(Path path, int mostBytes) {

  /** Reads it once; what is in the way is a fault and no exception. */
  WatchedContent read() {
    try {
      byte[] bytes = FileContent.read(path, mostBytes);
      return bytes.length == 0 ? missing("must not be empty") : WatchedContent.of(bytes);
    } catch (IllegalArgumentException e) {
      return missing(String.valueOf(e.getMessage()));
    } catch (RuntimeException e) { // as of a file system that is closed
      return missing("must be a file that can be read: " + e.getClass().getSimpleName());
    }
  }

  private WatchedContent missing(String constraint) {
    return WatchedContent.missing("file " + constraint + ": " + path);
  }
}
