package dev.penstock.redis;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import redis.embedded.core.ExecutableProvider;
import redis.embedded.model.OsArchitecture;

/**
 * A {@code redis-server} program that runs on this machine: the one on the path, else the one that
 * embedded-redis carries.
 *
 * @param version as the program itself says
 */
record RedisBinary(Path path, String version, String source) {

  private static final Path OLD = Path.of("target", "old-redis");
  private static final Pattern VERSION = Pattern.compile("\\bv=([0-9.]+)");
  private static final String HINT = "put a redis-server on the PATH, for instance by its package";

  private static final class Holder {
    static final RedisBinary FOUND = announced(find(System.getenv().getOrDefault("PATH", "")));
  }

  /** Returns the program that this process starts its servers from; the first call prints it. */
  static RedisBinary found() {
    return Holder.FOUND;
  }

  /** Returns the first program that runs, of these directories or else the carried one. */
  static RedisBinary find(String directories) {
    return onPath(directories).or(RedisBinary::carried).orElseThrow(RedisBinary::missing);
  }

  /** Returns the program of a version that is too old, as the build has unpacked it, if it runs. */
  static Optional<RedisBinary> tooOld() {
    try (Stream<Path> programs = Files.list(OLD)) {
      return programs
          .filter(program -> program.toFile().setExecutable(true))
          .flatMap(program -> running(program, "an old embedded-redis").stream())
          .findFirst();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static RedisBinary announced(RedisBinary binary) {
    System.out.println("Redis servers of their own are started from " + binary);
    return binary;
  }

  private static IllegalStateException missing() {
    return new IllegalStateException(
        "no redis-server that runs here, neither on the PATH nor in embedded-redis: " + HINT);
  }

  private static Optional<RedisBinary> onPath(String directories) {
    for (String directory : directories.split(File.pathSeparator, -1)) {
      Path program = Path.of(directory, "redis-server");
      if (!directory.isEmpty() && Files.isExecutable(program)) {
        Optional<RedisBinary> binary = running(program, "the path");
        if (binary.isPresent()) {
          return binary;
        }
      }
    }
    return Optional.empty();
  }

  private static Optional<RedisBinary> carried() {
    for (String resource : resources()) {
      Optional<RedisBinary> binary = running(extracted(resource), "embedded-redis");
      if (binary.isPresent()) {
        return binary;
      }
    }
    return Optional.empty();
  }

  /** The 64-bit program for Linux needs OpenSSL 3 on the machine; the 32-bit one needs nothing. */
  private static List<String> resources() {
    Map<OsArchitecture, String> carried = ExecutableProvider.newProvidedVersionsMap();
    OsArchitecture machine = OsArchitecture.detectOSandArchitecture();
    List<String> resources = new ArrayList<>();
    addIfPresent(resources, carried.get(machine));
    if (machine.equals(OsArchitecture.UNIX_x86_64)) {
      addIfPresent(resources, carried.get(OsArchitecture.UNIX_x86));
    }
    return resources;
  }

  private static void addIfPresent(List<String> resources, @Nullable String resource) {
    if (resource != null) {
      resources.add(resource);
    }
  }

  private static Path extracted(String resource) {
    try (InputStream in = ExecutableProvider.class.getResourceAsStream(resource)) {
      if (in == null) {
        throw new IOException("embedded-redis carries no " + resource);
      }
      Path program = Watchdog.directory().resolve(resource.substring(1));
      Files.copy(in, program, StandardCopyOption.REPLACE_EXISTING);
      if (!program.toFile().setExecutable(true)) {
        throw new IOException("cannot be made executable: " + program);
      }
      return program;
    } catch (IOException e) {
      throw new IllegalStateException("cannot take the server out of embedded-redis", e);
    }
  }

  private static Optional<RedisBinary> running(Path program, String source) {
    try {
      Process process =
          new ProcessBuilder(program.toString(), "--version").redirectErrorStream(true).start();
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (!process.waitFor(10, TimeUnit.SECONDS) || process.exitValue() != 0) {
        process.destroyForcibly();
        return Optional.empty();
      }
      Matcher version = VERSION.matcher(output);
      return version.find()
          ? Optional.of(new RedisBinary(program, version.group(1), source))
          : Optional.empty();
    } catch (IOException e) {
      return Optional.empty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while looking for a redis-server", e);
    }
  }

  @Override
  public String toString() {
    return path + " (" + source + ", version " + version + ")";
  }
}
