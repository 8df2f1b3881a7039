package dev.penstock.http;

import java.util.List;
import java.util.Map;

/** A request that is made of values; the names of its lines are compared exactly. */
public record FakeRequest(
    String method, String target, Map<String, List<String>> lines, String peer)
    implements RequestView {

  /** The address of a client whose address does not matter. */
  public static final String PEER = "192.0.2.1";

  /** {@return a request without header lines, such as {@code POST /runs}} */
  public static FakeRequest of(String requestLine) {
    String[] parts = requestLine.split(" ", 2);
    return new FakeRequest(parts[0], parts[1], Map.of(), PEER);
  }

  /** {@return this request with these lines of a header field, and no others} */
  public FakeRequest with(String name, String... values) {
    return new FakeRequest(method, target, Map.of(name, List.of(values)), peer);
  }

  /** {@return this request from another peer} */
  public FakeRequest from(String address) {
    return new FakeRequest(method, target, lines, address);
  }

  @Override
  public List<String> headerLines(String name) {
    return lines.getOrDefault(name, List.of());
  }
}
