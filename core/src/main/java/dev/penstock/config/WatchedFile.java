package dev.penstock.config;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;

/**
 * A file that is read again and again, and may be anything by then. Links are followed, as a
 * ConfigMap is swapped by one. Nothing but a file is opened: to open a FIFO waits for a writer.
 *
 * @param path where it is
 * @param mostBytes more than that is not read
 */
record WatchedFile(Path path, int mostBytes) {

  /** Reads it once; what is in the way is a fault and no exception. */
  WatchedContent read() {
    try {
      if (!Files.readAttributes(path, BasicFileAttributes.class).isRegularFile()) {
        return missing("be a regular file");
      }
      byte[] bytes;
      try (InputStream in = Files.newInputStream(path)) {
        bytes = in.readNBytes(mostBytes + 1);
      }
      if (bytes.length > mostBytes) {
        return missing("have at most " + mostBytes + " bytes");
      }
      return bytes.length == 0 ? missing("not be empty") : WatchedContent.of(bytes);
    } catch (NoSuchFileException e) {
      return missing("exist");
    } catch (AccessDeniedException e) {
      return missing("be readable by this process");
    } catch (IOException | RuntimeException e) { // as of a file system that is closed
      return missing("be readable, which failed with " + e.getClass().getSimpleName());
    }
  }

  private WatchedContent missing(String constraint) {
    return WatchedContent.missing("file must " + constraint + ": " + path);
  }
}
