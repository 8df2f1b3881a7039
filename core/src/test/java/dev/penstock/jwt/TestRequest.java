package dev.penstock.jwt;

import dev.penstock.http.RequestView;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** A request of a method, a target, header fields and a peer, whose names are in lower case. */
record TestRequest(String method, String target, Map<String, List<String>> fields, String peer)
    implements RequestView {

  private static final String RUNS = "/agents/a/runs";

  TestRequest(String target, Map<String, List<String>> fields) {
    this(target, fields, "192.0.2.1");
  }

  TestRequest(String target, Map<String, List<String>> fields, String peer) {
    this("POST", target, fields, peer);
  }

  static TestRequest authorization(String... lines) {
    return new TestRequest(RUNS, Map.of("authorization", List.of(lines)));
  }

  static TestRequest bearer(String token) {
    return authorization("Bearer " + token);
  }

  static TestRequest cookies(String... lines) {
    return new TestRequest(RUNS, Map.of("cookie", List.of(lines)));
  }

  /** {@return how many characters the request has} */
  long length() {
    return method.length()
        + target.length()
        + peer.length()
        + fields.values().stream().flatMap(List::stream).mapToLong(String::length).sum();
  }

  @Override
  public List<String> headerLines(String name) {
    return fields.getOrDefault(name.toLowerCase(Locale.ROOT), List.of());
  }
}
