package dev.penstock.jwt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.jsonwebtoken.Jwts;
import java.lang.reflect.InvocationTargetException;
import java.net.URL;
import java.net.URLClassLoader;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RequiredLibrariesTest {

  @Test
  void hmac_allLibraries_isBuilt() {
    assertThatCode(() -> hmacWithout("nothing")).doesNotThrowAnyException();
  }

  @ParameterizedTest
  @CsvSource({
    "jjwt-api, io.jsonwebtoken:jjwt-api",
    "jjwt-impl, io.jsonwebtoken:jjwt-impl",
    "jackson-core, com.fasterxml.jackson.core:jackson-core",
    "jackson-databind, com.fasterxml.jackson.core:jackson-databind"
  })
  void hmac_missingLibrary_isReportedByName(String jar, String coordinates) {
    assertThatThrownBy(() -> hmacWithout(jar))
        .isInstanceOf(InvocationTargetException.class)
        .cause()
        .isExactlyInstanceOf(IllegalStateException.class)
        .hasMessage("JwtIdentityResolver needs " + coordinates + " on the class path");
  }

  /** Builds a resolver in a class loader that lacks a jar. */
  private static void hmacWithout(String jar) throws Exception {
    List<URL> path = new ArrayList<>();
    for (Class<?> type :
        List.of(
            JwtIdentityResolver.class,
            Jwts.class,
            Class.forName("io.jsonwebtoken.impl.DefaultJwtParserBuilder"),
            JsonInclude.class,
            JsonFactory.class,
            ObjectMapper.class)) {
      URL location = type.getProtectionDomain().getCodeSource().getLocation();
      if (!location.getPath().contains("/" + jar + "-")) {
        path.add(location);
      }
    }
    Thread thread = Thread.currentThread();
    ClassLoader context = thread.getContextClassLoader();
    try (URLClassLoader loader =
        new URLClassLoader(path.toArray(URL[]::new), ClassLoader.getPlatformClassLoader())) {
      // Where jjwt-api looks for jjwt-impl.
      thread.setContextClassLoader(loader);
      Object resolver =
          loader
              .loadClass(JwtIdentityResolver.class.getName())
              .getMethod("hmac", byte[].class)
              .invoke(null, new byte[32]);
      assertThat(resolver.getClass().getClassLoader()).isSameAs(loader);
    } finally {
      thread.setContextClassLoader(context);
    }
  }
}
