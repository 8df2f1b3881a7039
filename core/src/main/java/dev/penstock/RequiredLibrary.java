package dev.penstock;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/**
 * A library that is optional: whoever needs it looks for it before a class that needs it is linked,
 * so that one which is missing or too old is named, and not a class or method deep in a request.
 *
 * @param coordinates group and artifact, {@code group:artifact}
 * @param className a class that its versions have, old ones too
 * @param oldest the first version that will do, numbers with dots between them
 */
public record RequiredLibrary(String coordinates, String className, String oldest) {

  /**
   * Looks for it.
   *
   * @param user what needs it
   * @throws IllegalStateException if it is missing, or older; the message names both versions
   */
  public void requireFor(String user) {
    Class<?> found;
    try {
      found = Class.forName(className, false, RequiredLibrary.class.getClassLoader());
    } catch (ClassNotFoundException e) {
      throw new IllegalStateException(user + " needs " + coordinates + " on the class path", e);
    }
    String version = version(found);
    if (isOlder(version, oldest)) {
      throw new IllegalStateException(
          user
              + " needs "
              + coordinates
              + " "
              + oldest
              + " or later: "
              + version
              + " is on the class path");
    }
  }

  /** Returns the version that the library tells, or nothing if it tells none. */
  private String version(Class<?> found) {
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
