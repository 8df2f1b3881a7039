package dev.penstock.jdkhttp;

import com.sun.net.httpserver.HttpExchange;
import dev.penstock.http.RequestView;
import java.net.InetAddress;
import java.net.URI;
import java.security.Principal;
import java.util.List;
import java.util.Optional;

/** Shows an exchange to the pipeline. */
record ExchangeView(HttpExchange exchange) implements RequestView {

  private static final String JETTY = "org.eclipse.jetty.";

  @Override
  public String method() {
    return exchange.getRequestMethod();
  }

  /**
   * The URI keeps the text it was made from, so nothing is decoded here. Jetty makes an absolute
   * one of every target; on other servers that is what the client has sent, and odd.
   */
  @Override
  public String target() {
    URI uri = exchange.getRequestURI();
    return uri.isAbsolute() && exchange.getClass().getName().startsWith(JETTY)
        ? origin(uri)
        : uri.toString();
  }

  private static String origin(URI uri) {
    String path = uri.getRawPath() == null ? "" : uri.getRawPath();
    return uri.getRawQuery() == null ? path : path + "?" + uri.getRawQuery();
  }

  @Override
  public List<String> headerLines(String name) {
    List<String> lines = exchange.getRequestHeaders().get(name);
    return lines == null ? List.of() : lines;
  }

  @Override
  public String peer() {
    InetAddress address = exchange.getRemoteAddress().getAddress();
    return address == null ? "" : address.getHostAddress();
  }

  /** Behind a filter there is none: an authenticator comes after the filters. */
  @Override
  public Optional<Principal> principal() {
    return Optional.ofNullable(exchange.getPrincipal());
  }
}
