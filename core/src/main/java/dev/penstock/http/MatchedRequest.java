package dev.penstock.http;

import java.util.List;
import java.util.Objects;

/**
 * What the cost of a request may depend on: its method, its header, and the variables of the path
 * pattern that it matches; never its content. All of it is the client's word.
 *
 * <p>Read on the request's own thread only, while its cost is found.
 */
public final class MatchedRequest {

  private final RequestView request;
  private final RequestPattern pattern;
  private final PathReading reading;

  MatchedRequest(RequestView request, RequestPattern pattern, PathReading reading) {
    this.request = request;
    this.pattern = pattern;
    this.reading = reading;
  }

  /** {@return the method as it was sent, such as {@code POST}} */
  public String method() {
    return request.method();
  }

  /**
   * {@return the decoded segment of the path that stands where the pattern has this variable}
   *
   * @param name the variable's name, {@code agent_id} for {@code {agent_id}}
   * @throws IllegalArgumentException if the pattern has no such variable
   */
  public String variable(String name) {
    Integer index = pattern.variables().get(Objects.requireNonNull(name, "name"));
    if (index == null) {
      throw new IllegalArgumentException("name must be a variable of the pattern: " + name);
    }
    return reading.segment(index);
  }

  /**
   * {@return the values of all lines of a header field, in their order; empty where there is none}
   *
   * @param name the name of the field, in any case
   */
  public List<String> headerLines(String name) {
    return request.headerLines(name);
  }
}
