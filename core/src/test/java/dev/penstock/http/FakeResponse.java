package dev.penstock.http;

import java.util.List;
import java.util.Map;

/** A response that is made of values; the names of its lines are compared exactly. */
public record FakeResponse(int status, Map<String, List<String>> lines) implements ResponseView {

  /** {@return a response without header lines} */
  public static FakeResponse of(int status) {
    return new FakeResponse(status, Map.of());
  }

  /** {@return this response with these lines of a header field, and no others} */
  public FakeResponse with(String name, String... values) {
    return new FakeResponse(status, Map.of(name, List.of(values)));
  }

  @Override
  public List<String> headerLines(String name) {
    return lines.getOrDefault(name, List.of());
  }
}
