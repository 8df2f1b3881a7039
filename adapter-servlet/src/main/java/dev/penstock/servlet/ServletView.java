package dev.penstock.servlet;

import dev.penstock.http.RequestView;
import jakarta.servlet.http.HttpServletRequest;
import java.security.Principal;
import java.util.Collections;
import java.util.Enumeration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Shows a servlet request to the pipeline. */
record ServletView(HttpServletRequest request) implements RequestView {

  @Override
  public String method() {
    return request.getMethod();
  }

  /** {@code getRequestURI} is not decoded (Servlet 6.0, section 3.5), path parameters included. */
  @Override
  public String target() {
    String uri = request.getRequestURI();
    String path = (isDecoded(uri) ? uri.replace("%", "%25") : uri).replace("?", "%3F");
    String query = request.getQueryString();
    return query == null ? path : path + "?" + query;
  }

  /**
   * Told to be lenient, Undertow decodes it all the same: percent signs and question marks that are
   * left were encoded. Elsewhere a path with a percent sign differs from what it is decoded to.
   */
  private boolean isDecoded(String uri) {
    return uri.contains("%")
        && uri.equals(
            request.getContextPath()
                + request.getServletPath()
                + Objects.toString(request.getPathInfo(), ""));
  }

  @Override
  public List<String> headerLines(String name) {
    Enumeration<String> lines = request.getHeaders(name);
    return lines == null ? List.of() : Collections.list(lines);
  }

  @Override
  public String peer() {
    return literal(request.getRemoteAddr());
  }

  @Override
  public Optional<Principal> principal() {
    return Optional.ofNullable(request.getUserPrincipal());
  }

  /** Some containers put brackets around an IPv6 address, and some know no address of a socket. */
  static String literal(@Nullable String address) {
    if (address == null) {
      return "";
    }
    return address.startsWith("[") && address.endsWith("]")
        ? address.substring(1, address.length() - 1)
        : address;
  }
}
