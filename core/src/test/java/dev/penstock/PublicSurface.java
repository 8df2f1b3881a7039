package dev.penstock;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.module.ModuleDescriptor;
import java.lang.reflect.Constructor;
import java.lang.reflect.Field;
import java.lang.reflect.Member;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The public types of the packages that a module exports and their public members, a sorted line
 * each.
 */
final class PublicSurface {

  private PublicSurface() {}

  static List<String> of(Path classes) {
    try (Stream<Path> files = Files.walk(classes)) {
      Set<String> exported = exported(classes.resolve("module-info.class"));
      return files
          .map(file -> classes.relativize(file).toString())
          .filter(name -> name.endsWith(".class") && !name.endsWith("-info.class"))
          .map(name -> load(name.substring(0, name.length() - 6).replaceAll("[/\\\\]", ".")))
          .filter(type -> exported.contains(type.getPackageName()) && isVisible(type))
          .flatMap(type -> lines(type).stream())
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Set<String> exported(Path descriptor) throws IOException {
    try (InputStream in = Files.newInputStream(descriptor)) {
      return ModuleDescriptor.read(in).exports().stream()
          .map(ModuleDescriptor.Exports::source)
          .collect(Collectors.toSet());
    }
  }

  private static Class<?> load(String name) {
    try {
      return Class.forName(name, false, PublicSurface.class.getClassLoader());
    } catch (ClassNotFoundException e) {
      throw new IllegalStateException(e);
    }
  }

  private static boolean isVisible(Class<?> type) {
    Class<?> outer = type.getEnclosingClass();
    return isVisible(type.getModifiers()) && (outer == null || isVisible(outer));
  }

  private static boolean isVisible(int modifiers) {
    return Modifier.isPublic(modifiers) || Modifier.isProtected(modifiers);
  }

  private static List<String> lines(Class<?> type) {
    List<String> lines = new ArrayList<>();
    lines.add(type.getName() + ": " + declaration(type) + parents(type));
    Stream<Member> members =
        Stream.of(
                type.getDeclaredFields(), type.getDeclaredConstructors(), type.getDeclaredMethods())
            .flatMap(Arrays::stream);
    members
        .filter(member -> isVisible(member.getModifiers()) && !member.isSynthetic())
        .map(member -> type.getName() + ": " + text(member))
        .forEach(lines::add);
    return lines;
  }

  /** JDK 17 leaves {@code sealed} out of the text, later ones do not. */
  private static String declaration(Class<?> type) {
    return (type.isSealed() ? "sealed " : "") + type.toGenericString().replace(" sealed ", " ");
  }

  private static String parents(Class<?> type) {
    List<String> parents = new ArrayList<>();
    if (type.getGenericSuperclass() != null) {
      parents.add(type.getGenericSuperclass().getTypeName());
    }
    Arrays.stream(type.getGenericInterfaces()).forEach(parent -> parents.add(parent.getTypeName()));
    parents.remove("java.lang.Object");
    return parents.isEmpty() ? "" : " : " + String.join(", ", parents);
  }

  private static String text(Member member) {
    if (member instanceof Method method) {
      return method.toGenericString();
    }
    if (member instanceof Constructor<?> constructor) {
      return constructor.toGenericString();
    }
    return ((Field) member).toGenericString();
  }
}
