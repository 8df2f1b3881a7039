package dev.penstock.base;

import java.io.File;
import java.lang.module.FindException;
import java.lang.module.ModuleFinder;
import java.nio.file.Path;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A library that a part of Penstock needs and does not bring. One that is missing or too old is
 * reported by name before a class that needs it is linked, and where Penstock is a module, so is
 * what brings it into the module graph.
 *
 * @param coordinates its group and artifact in a Maven repository
 * @param module its name as a module
 * @param className a class that its versions have, old ones too
 * @param linked whether classes of Penstock name classes of it; else it is looked up by another
 *     library, which finds it on the class path, too
 * @param oldest the first version that will do, numbers with dots between them
 */
public record OptionalLibrary(
    String coordinates, String module, String className, boolean linked, String oldest) {

  /** Reads JSON by its streaming parser. */
  public static final OptionalLibrary JACKSON_CORE =
      new OptionalLibrary(
          "com.fasterxml.jackson.core:jackson-core",
          "com.fasterxml.jackson.core",
          "com.fasterxml.jackson.core.JsonFactory",
          true,
          "2.17.0");

  /**
   * Looks for the library.
   *
   * @param user the class that needs it, for the message
   * @throws IllegalStateException if it is missing, lies where Penstock cannot read it, or is
   *     older; then the message names both versions
   */
  public void require(String user) {
    Class<?> found;
    try {
      found = Class.forName(className, false, OptionalLibrary.class.getClassLoader());
    } catch (ClassNotFoundException e) {
      throw missing(user, e);
    }
    if (linked && isModule() && !found.getModule().isNamed()) {
      throw missing(user, null); // a module cannot read the class path
    }
    String version = LibraryVersion.of(found, coordinates);
    if (LibraryVersion.isOlder(version, oldest)) {
      throw new IllegalStateException(
          user + " needs " + coordinates + " " + oldest + " or later: " + version + " is there");
    }
  }

  private static boolean isModule() {
    return OptionalLibrary.class.getModule().isNamed();
  }

  private IllegalStateException missing(String user, @Nullable Throwable cause) {
    return new IllegalStateException(user + " needs " + coordinates + where(), cause);
  }

  private String where() {
    if (!isModule()) {
      return " on the class path";
    }
    String remedy =
        "requires "
            + module
            + " in the application's module-info.java, or --add-modules "
            + module
            + " for Java";
    return isOnModulePath()
        ? ", which is on the module path and not in the module graph: add " + remedy
        : " on the module path, and " + remedy;
  }

  private boolean isOnModulePath() {
    String[] path = System.getProperty("jdk.module.path", "").split(File.pathSeparator, -1);
    Path[] entries =
        Arrays.stream(path).filter(entry -> !entry.isEmpty()).map(Path::of).toArray(Path[]::new);
    try {
      return ModuleFinder.of(entries).find(module).isPresent();
    } catch (FindException unreadable) {
      return false; // then both are said
    }
  }
}
