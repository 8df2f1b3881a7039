package dev.penstock.servlet;

import dev.penstock.config.PenstockConfig;
import dev.penstock.http.Gate;
import jakarta.servlet.FilterConfig;
import jakarta.servlet.ServletException;
import java.nio.file.Path;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The gate of a filter that is declared: an init-param names the class that makes it, or the policy
 * file that it is made of.
 */
record DeclaredGate(FilterConfig config) {

  static final String PARAMETER = "gate";
  static final String POLICY_FILE = "policyFile";

  /** Where a container keeps what it does not serve. */
  private static final String INSIDE = "/WEB-INF/";

  /**
   * Has the gate made.
   *
   * @throws ServletException if the init-param names nothing that a gate is made by
   */
  Gate make() throws ServletException {
    String name = config.getInitParameter(PARAMETER);
    String file = config.getInitParameter(POLICY_FILE);
    if (name == null && file == null) {
      throw refused(PARAMETER, "name a class, or policyFile a file", "absent", null);
    }
    if (name != null && file != null) {
      throw refused(POLICY_FILE, "not stand beside gate", file, null);
    }
    return name == null ? ofFile(file.strip()) : gate(instance(name.strip()), name);
  }

  /** The gate is made anew when the file changes. */
  private Gate ofFile(String file) throws ServletException {
    try {
      return PenstockConfig.load(path(file)).reloading();
    } catch (IllegalArgumentException | IllegalStateException e) {
      throw refused(POLICY_FILE, "name a policy file without faults", file, e);
    }
  }

  private Path path(String file) throws ServletException {
    if (!file.startsWith(INSIDE)) {
      return Path.of(file);
    }
    String real = config.getServletContext().getRealPath(file);
    if (real == null) {
      throw refused(POLICY_FILE, "name a file that the container has unpacked", file, null);
    }
    return Path.of(real);
  }

  private Object instance(String name) throws ServletException {
    try {
      return Class.forName(name, true, application()).getConstructor().newInstance();
    } catch (ReflectiveOperationException | LinkageError e) {
      throw refused(
          PARAMETER, "name a public class with a constructor without parameters", name, e);
    }
  }

  /** An embedded Jetty may have none of its own. */
  private ClassLoader application() {
    ClassLoader application = config.getServletContext().getClassLoader();
    return application == null ? DeclaredGate.class.getClassLoader() : application;
  }

  @SuppressWarnings("unchecked") // a function of other types fails when applied, and is refused too
  private Gate gate(Object instance, String name) throws ServletException {
    RuntimeException failure = null;
    try {
      if (instance instanceof Function<?, ?> maker
          && ((Function<FilterConfig, ?>) maker).apply(config) instanceof Gate gate) {
        return gate;
      }
    } catch (RuntimeException e) {
      failure = e;
    }
    throw refused(PARAMETER, "name a Function<FilterConfig, Gate> that makes one", name, failure);
  }

  private ServletException refused(
      String parameter, String constraint, String value, @Nullable Throwable cause) {
    return new ServletException(
        "init-param "
            + parameter
            + " of filter "
            + config.getFilterName()
            + " must "
            + constraint
            + ": "
            + value,
        cause);
  }
}
