package dev.penstock.config;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** Reads a file that is one, and no more of it than there may be. */
final class FileContent {

  private FileContent() {}

  /**
   * {@return what the file holds} A link is followed, as a mounted ConfigMap is made of links. What
   * is no file is not opened: opening a FIFO waits for whoever writes to it.
   *
   * @param file where it is
   * @param mostBytes how large it may be
   * @throws IllegalArgumentException if it is none, larger, or cannot be read; the message begins
   *     with {@code must}
   */
  static byte[] read(Path file, int mostBytes) {
    if (Files.isDirectory(file)) {
      throw new IllegalArgumentException("must be a file: it is a directory");
    }
    if (Files.exists(file) && !Files.isRegularFile(file)) {
      throw new IllegalArgumentException("must be a file: it is a pipe, a device or the like");
    }
    byte[] content;
    try (InputStream in = Files.newInputStream(file)) {
      content = in.readNBytes(mostBytes + 1);
    } catch (NoSuchFileException e) {
      throw new IllegalArgumentException("must be a file: there is none", e);
    } catch (AccessDeniedException e) {
      throw new IllegalArgumentException("must be a file that may be read: access is denied", e);
    } catch (IOException e) {
      throw new IllegalArgumentException("must be a file that can be read: " + reason(e), e);
    }
    if (content.length > mostBytes) {
      throw new IllegalArgumentException("must be at most " + mostBytes + " bytes");
    }
    return content;
  }

  /** What the system says, without the path, which is told beside it. */
  private static String reason(IOException e) {
    String said = e instanceof FileSystemException of ? of.getReason() : e.getMessage();
    return said == null ? e.getClass().getSimpleName() : Shown.plain(said);
  }
}
