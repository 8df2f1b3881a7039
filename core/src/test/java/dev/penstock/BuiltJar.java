package dev.penstock;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.spi.ToolProvider;
import java.util.stream.Stream;

/** The jar that a module's build has made, and the JDK's tools to try it with. */
public final class BuiltJar {

  private BuiltJar() {}

  /** {@return the jar of the module whose directory is the current one, such as penstock-core} */
  public static Path of(String artifact) {
    String name = artifact + "-[^-]+(-SNAPSHOT)?\\.jar";
    try (Stream<Path> files = Files.list(Path.of("target"))) {
      return files.filter(f -> f.getFileName().toString().matches(name)).findFirst().orElseThrow();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Runs a tool such as {@code javac}, which must not fail, and returns what it prints. */
  public static String tool(String name, String... arguments) {
    StringWriter out = new StringWriter();
    PrintWriter printer = new PrintWriter(out);
    int code = ToolProvider.findFirst(name).orElseThrow().run(printer, printer, arguments);
    assertThat(code).as(out.toString()).isZero();
    return out.toString();
  }
}
