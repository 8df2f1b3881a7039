package dev.penstock.servlet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.example.RunLimits;
import dev.penstock.http.FakeRequest;
import dev.penstock.http.Gate;
import dev.penstock.http.Verdict;
import jakarta.servlet.FilterConfig;
import jakarta.servlet.ServletContext;
import jakarta.servlet.ServletException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Enumeration;
import java.util.Map;
import java.util.function.Function;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DeclaredGateTest {

  /** Makes nothing. */
  public static final class Nothing implements Function<FilterConfig, Gate> {
    @Override
    @SuppressWarnings("NullAway") // null is what is tested
    public Gate apply(FilterConfig config) {
      return null;
    }
  }

  /** Takes something else. */
  public static final class OfText implements Function<String, Gate> {
    @Override
    public Gate apply(String text) {
      throw new AssertionError(text);
    }
  }

  /** Cannot be made. */
  public static final class Unmade implements Function<FilterConfig, Gate> {
    /** Fails. */
    public Unmade() {
      throw new IllegalStateException("a secret");
    }

    @Override
    public Gate apply(FilterConfig config) {
      throw new AssertionError(config);
    }
  }

  private record Config(Map<String, String> parameters) implements FilterConfig {

    @Override
    public String getFilterName() {
      return "limits";
    }

    @Override
    public ServletContext getServletContext() {
      ServletContextHandler application = new ServletContextHandler();
      application.setClassLoader(DeclaredGateTest.class.getClassLoader());
      return application.getServletContext();
    }

    @Override
    @SuppressWarnings("NullAway") // the API says null
    public String getInitParameter(String name) {
      return parameters.get(name);
    }

    @Override
    public Enumeration<String> getInitParameterNames() {
      return Collections.enumeration(parameters.keySet());
    }
  }

  @ParameterizedTest
  @CsvSource({
    "no.such.Gate, name a public class with a constructor without parameters",
    "java.util.function.Function, name a public class with a constructor without parameters",
    "dev.penstock.servlet.DeclaredGateTest$Unmade,"
        + " name a public class with a constructor without parameters",
    "java.lang.Object, 'name a Function<FilterConfig, Gate> that makes one'",
    "dev.penstock.servlet.DeclaredGateTest$Nothing,"
        + " 'name a Function<FilterConfig, Gate> that makes one'",
    "dev.penstock.servlet.DeclaredGateTest$OfText,"
        + " 'name a Function<FilterConfig, Gate> that makes one'"
  })
  void init_gateThatCannotBeMade_isNamed(String name, String constraint) {
    assertThatThrownBy(() -> new RateLimitFilter().init(new Config(Map.of("gate", name))))
        .isInstanceOf(ServletException.class)
        .hasMessage("init-param gate of filter limits must " + constraint + ": " + name);
  }

  @Test
  void init_withoutGate_saysSo() {
    assertThatThrownBy(() -> new RateLimitFilter().init(new Config(Map.of("gates", "x"))))
        .isInstanceOf(ServletException.class)
        .hasMessage(
            "init-param gate of filter limits must name a class, or policyFile a file: absent");
  }

  @Test
  void init_gateThatFails_hasItsFailureAsCause() {
    Map<String, String> parameters =
        Map.of("gate", RunLimits.class.getName(), "runs", "10/fortnight");
    Throwable refused = catchThrowable(() -> new RateLimitFilter().init(new Config(parameters)));
    assertThat(refused).isInstanceOf(ServletException.class);
    assertThat(refused.getMessage()).doesNotContain("fortnight");
    assertThat(refused.getCause()).hasMessageContaining("10/fortnight");
  }

  @Test
  void init_filterThatHasAGate_asksForNone() throws ServletException {
    Gate gate = new RunLimits().apply(new Config(Map.of("runs", "10/minute")));
    new RateLimitFilter(gate).init(new Config(Map.of()));
  }

  @Test
  @SuppressWarnings("NullAway") // null is what is tested
  void nulls_nameTheParameter() {
    assertThatNullPointerException()
        .isThrownBy(() -> new RateLimitFilter(null))
        .withMessage("gate");
  }

  @Test
  void init_gateAndPolicyFile_isRefused() {
    Map<String, String> parameters = Map.of("gate", "x", "policyFile", "policy.yaml");
    assertThatThrownBy(() -> new RateLimitFilter().init(new Config(parameters)))
        .isInstanceOf(ServletException.class)
        .hasMessage(
            "init-param policyFile of filter limits must not stand beside gate: policy.yaml");
  }

  @Test
  void init_policyFileWithFaults_hasThemAsCause(@TempDir Path directory) throws IOException {
    Path file = Files.writeString(directory.resolve("policy.yaml"), "rules: []\n...\n");
    Map<String, String> parameters = Map.of("policyFile", file.toString());
    assertThatThrownBy(() -> new RateLimitFilter().init(new Config(parameters)))
        .isInstanceOf(ServletException.class)
        .hasMessage(
            "init-param policyFile of filter limits must name a policy file without faults: "
                + file)
        .cause()
        .hasMessage(
            file
                + ":1:1: must have policies\n"
                + file
                + ":1:8: rules: must have at least one rule with a policy");
  }

  @Test
  void init_policyFile_limits(@TempDir Path directory) throws Exception {
    Path file =
        Files.writeString(
            directory.resolve("policy.yaml"),
            """
            policies: {runs: {runs: 1/day}}
            rules: [{pattern: /runs, policy: runs}]
            ...
            """);
    Gate gate = new DeclaredGate(new Config(Map.of("policyFile", file.toString()))).make();
    try (AutoCloseable watched = (AutoCloseable) gate) {
      assertThat(watched).isNotNull();
      assertThat(gate.decide(FakeRequest.of("GET /runs"))).isInstanceOf(Verdict.Proceed.class);
      assertThat(gate.decide(FakeRequest.of("GET /runs"))).isInstanceOf(Verdict.Reject.class);
    }
  }

  @Test
  void init_policyFileInsideOfAnArchiveThatIsNotUnpacked_isRefused() {
    Map<String, String> parameters = Map.of("policyFile", "/WEB-INF/policy.yaml");
    assertThatThrownBy(() -> new RateLimitFilter().init(new Config(parameters)))
        .isInstanceOf(ServletException.class)
        .hasMessage(
            "init-param policyFile of filter limits must name a file that the container has"
                + " unpacked: /WEB-INF/policy.yaml");
  }
}
