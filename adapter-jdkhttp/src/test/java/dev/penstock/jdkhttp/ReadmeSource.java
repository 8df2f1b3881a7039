package dev.penstock.jdkhttp;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A file of tests that holds Java of the README.
 *
 * @param text its lines without indentation
 * @param classes what it may name without its package, in full: what it imports, and what the
 *     adapter has in the same package
 */
record ReadmeSource(String text, List<String> classes) {

  private static final Path MODULES = Path.of("..");

  static ReadmeSource of(String module, String file) throws IOException {
    String text = Files.readString(MODULES.resolve(module).resolve("src/test/java").resolve(file));
    String directory = file.substring(0, file.lastIndexOf('/') + 1);
    Path main = MODULES.resolve(module).resolve("src/main/java").resolve(directory);
    String prefix = directory.replace('/', '.');
    try (Stream<Path> files = Files.isDirectory(main) ? Files.list(main) : Stream.empty()) {
      Stream<String> neighbours =
          files.map(path -> prefix + path.getFileName().toString().replace(".java", ""));
      return new ReadmeSource(
          ReadmeExample.unindented(text),
          Stream.concat(ReadmeExample.importsOf(text).stream(), neighbours).toList());
    }
  }

  boolean contains(ReadmeExample example) {
    return text.startsWith(example.packages()) && text.contains(example.body());
  }

  /** Returns the classes that the code names and that it must import to stand elsewhere. */
  List<String> importsOf(String code) {
    return classes.stream().filter(name -> names(code, name)).toList();
  }

  private static boolean names(String code, String className) {
    String simpleName = className.substring(className.lastIndexOf('.') + 1);
    return Pattern.compile("\\b" + simpleName + "\\b").matcher(code).find();
  }
}
