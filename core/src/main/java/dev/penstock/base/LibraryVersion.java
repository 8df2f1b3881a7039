package dev.penstock.base;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/** The version of a library, as what Maven or a manifest says in its archive. */
final class LibraryVersion {

  private LibraryVersion() {}

  /** Returns the version that the library tells, or nothing if it tells none. */
  static String of(Class<?> found, String coordinates) {
    String path = "META-INF/maven/" + coordinates.replace(':', '/') + "/pom.properties";
    @Nullable ClassLoader loader = found.getClassLoader();
    try (InputStream in = loader == null ? null : loader.getResourceAsStream(path)) {
      if (in != null) {
        Properties properties = new Properties();
        properties.load(in);
        return properties.getProperty("version", "");
      }
    } catch (IOException e) {
      // It may still be in the manifest.
      return manifestVersion(found);
    }
    return manifestVersion(found);
  }

  private static String manifestVersion(Class<?> found) {
    @Nullable String version = found.getPackage().getImplementationVersion();
    return version == null ? "" : version;
  }

  /** Compares number by number; a version that is not told is taken to be new. */
  static boolean isOlder(String version, String oldest) {
    return !version.isEmpty() && Arrays.compare(numbers(version), numbers(oldest)) < 0;
  }

  /** Returns the numbers before what is no number: of {@code 7.0.0-beta1} these are 7, 0, 0. */
  private static int[] numbers(String version) {
    return Arrays.stream(version.replaceFirst("[^0-9.].*", "").split("\\."))
        .filter(part -> part.matches("[0-9]{1,9}"))
        .mapToInt(Integer::parseInt)
        .toArray();
  }
}
