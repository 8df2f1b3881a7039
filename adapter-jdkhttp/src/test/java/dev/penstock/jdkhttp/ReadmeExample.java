package dev.penstock.jdkhttp;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Java of the README.
 *
 * @param packages the line that names its package, where there is one
 * @param imports the classes that it imports
 * @param body the rest, its lines without indentation
 */
record ReadmeExample(String packages, List<String> imports, String body) {

  private static final Pattern JAVA = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL);
  private static final Pattern PACKAGE = Pattern.compile("package [\\w.]+;\n");
  private static final Pattern IMPORT = Pattern.compile("import ([\\w.]+);\n");

  static List<ReadmeExample> allOf(String readme) {
    List<ReadmeExample> examples = new ArrayList<>();
    Matcher java = JAVA.matcher(readme);
    while (java.find()) {
      String code = java.group(1);
      Matcher named = PACKAGE.matcher(code);
      String packages = named.find() ? named.group() : "";
      String body = IMPORT.matcher(code.replace(packages, "")).replaceAll("");
      examples.add(new ReadmeExample(packages, importsOf(code), unindented(body).strip()));
    }
    return examples;
  }

  static List<String> importsOf(String code) {
    return IMPORT.matcher(code).results().map(found -> found.group(1)).toList();
  }

  static String unindented(String text) {
    return text.lines().map(String::strip).collect(Collectors.joining("\n"));
  }
}
