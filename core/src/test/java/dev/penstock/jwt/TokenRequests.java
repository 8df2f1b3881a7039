package dev.penstock.jwt;

import dev.penstock.http.FakeRequest;

/** Requests that carry a token. */
final class TokenRequests {

  private static final FakeRequest RUN = FakeRequest.of("POST /agents/a/runs");

  private TokenRequests() {}

  static FakeRequest authorization(String... lines) {
    return RUN.with("Authorization", lines);
  }

  static FakeRequest bearer(String token) {
    return authorization("Bearer " + token);
  }

  static FakeRequest cookies(String... lines) {
    return RUN.with("Cookie", lines);
  }
}
