package dev.penstock.http;

import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What the cost of a request may depend on: its method, its header, and the variables of the path
 * pattern that it matches; never its content. All of it is the client's word.
 *
 * <p>Read on the request's own thread only, while its cost is found.
 */
public final class MatchedRequest {

  private final RequestView request;
  private final RequestPattern pattern;
  private final @Nullable PlainPath path;
  private boolean hidesVariable;

  private MatchedRequest(RequestView request, RequestPattern pattern, @Nullable PlainPath path) {
    this.request = request;
    this.pattern = pattern;
    this.path = path;
  }

  static MatchedRequest plain(RequestView request, RequestPattern pattern, PlainPath path) {
    return new MatchedRequest(request, pattern, path);
  }

  /** Returns a request with a path whose variables nobody knows. */
  static MatchedRequest odd(RequestView request, RequestPattern pattern) {
    return new MatchedRequest(request, pattern, null);
  }

  /** {@return the method as it was sent, such as {@code POST}} */
  public String method() {
    return request.method();
  }

  /**
   * {@return the decoded segment of the path that stands where the pattern has this variable}
   *
   * <p>Where servers may read the path in different ways, none can be told. To ask for one then
   * ends the function, and the request costs as much as the smallest of its buckets can hold.
   *
   * @param name the variable's name, {@code agent_id} for {@code {agent_id}}
   * @throws IllegalArgumentException if the pattern has no such variable
   * @throws IllegalStateException if servers may read the path in different ways
   */
  public String variable(String name) {
    Integer index = pattern.variables().get(Objects.requireNonNull(name, "name"));
    if (index == null) {
      throw new IllegalArgumentException("name must be a variable of the pattern: " + name);
    }
    if (path == null) {
      hidesVariable = true;
      throw new IllegalStateException(
          "name must be asked of a path that all servers read alike: " + name);
    }
    return path.segment(index);
  }

  /** {@return whether the function has asked for a variable that nobody knows} */
  boolean hidesVariable() {
    return hidesVariable;
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
