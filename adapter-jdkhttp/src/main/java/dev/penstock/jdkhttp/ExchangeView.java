package dev.penstock.jdkhttp;

import com.sun.net.httpserver.HttpExchange;
import dev.penstock.http.RequestView;
import java.net.InetAddress;
import java.util.List;

/** Shows an exchange to the pipeline. */
record ExchangeView(HttpExchange exchange) implements RequestView {

  @Override
  public String method() {
    return exchange.getRequestMethod();
  }

  /** The URI keeps the text it was made from, so nothing is decoded here. */
  @Override
  public String target() {
    return exchange.getRequestURI().toString();
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
}
