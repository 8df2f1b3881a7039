package dev.penstock.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonFactory;
import java.lang.reflect.InvocationTargetException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.yaml.snakeyaml.LoaderOptions;

/** Of what reads files, each format needs its own, and nothing else. */
class FormatLibrariesTest {

  @TempDir Path directory;

  @Test
  void load_withoutTheLibraryOfTheFormat_namesIt() {
    assertThatThrownBy(() -> faultsWith("policy.yaml", JsonFactory.class))
        .isInstanceOf(InvocationTargetException.class)
        .cause()
        .isExactlyInstanceOf(IllegalStateException.class)
        .hasMessage("A policy file in YAML needs org.yaml:snakeyaml on the class path");
    assertThatThrownBy(() -> faultsWith("policy.json", LoaderOptions.class))
        .isInstanceOf(InvocationTargetException.class)
        .cause()
        .isExactlyInstanceOf(IllegalStateException.class)
        .hasMessage(
            "A policy file in JSON needs com.fasterxml.jackson.core:jackson-core on the class path");
  }

  @Test
  void load_withThatAlone_readsTheFile() throws Exception {
    assertThat(faultsWith("policy.yaml", LoaderOptions.class)).isEmpty();
    assertThat(faultsWith("policy.json", JsonFactory.class)).isEmpty();
  }

  /** Checks a file where there is nothing but Penstock and the library of a class. */
  private List<?> faultsWith(String name, Class<?> ofLibrary) throws Exception {
    String policy =
        "{\"policies\": {\"runs\": {\"runs\": \"1/minute\"}},"
            + " \"rules\": [{\"pattern\": \"/runs\", \"policy\": \"runs\"}]}\n";
    Path file =
        Files.writeString(
            directory.resolve(name), name.endsWith(".yaml") ? policy + "...\n" : policy);
    URL[] path =
        Stream.of(PenstockConfig.class, ofLibrary)
            .map(type -> type.getProtectionDomain().getCodeSource().getLocation())
            .toArray(URL[]::new);
    try (URLClassLoader loader = new URLClassLoader(path, ClassLoader.getPlatformClassLoader())) {
      Class<?> config = loader.loadClass(PenstockConfig.class.getName());
      return (List<?>) config.getMethod("check", Path.class).invoke(null, file);
    }
  }
}
