package dev.penstock.servlet;

import dev.penstock.http.Gate;
import jakarta.servlet.FilterConfig;
import jakarta.servlet.ServletException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The gate of a filter that is declared: an init-param names the class that makes it. */
record DeclaredGate(FilterConfig config) {

  static final String PARAMETER = "gate";

  /**
   * Has the gate made.
   *
   * @throws ServletException if the init-param names nothing that makes a gate
   */
  Gate make() throws ServletException {
    String name = config.getInitParameter(PARAMETER);
    if (name == null) {
      throw refused("name a class", "absent", null);
    }
    return gate(instance(name.strip()), name);
  }

  private Object instance(String name) throws ServletException {
    try {
      return Class.forName(name, true, application()).getConstructor().newInstance();
    } catch (ReflectiveOperationException | LinkageError e) {
      throw refused("name a public class with a constructor without parameters", name, e);
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
    throw refused("name a Function<FilterConfig, Gate> that makes one", name, failure);
  }

  private ServletException refused(String constraint, String value, @Nullable Throwable cause) {
    return new ServletException(
        "init-param "
            + PARAMETER
            + " of filter "
            + config.getFilterName()
            + " must "
            + constraint
            + ": "
            + value,
        cause);
  }
}
