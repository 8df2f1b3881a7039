package dev.penstock.http;

import dev.penstock.FakeClock;
import dev.penstock.Limit;
import dev.penstock.LimitPolicy;
import dev.penstock.memory.InMemoryRateLimiter;
import java.io.IOException;

/** What the parts of {@link HttpAdapterContract} share. */
interface AdapterUnderTest {

  String RUNS = "POST /agents/*/runs";
  String RUN = "POST /agents/a1/runs";

  /** Starts a server that is limited by the gate, and counts what reaches its handler. */
  HttpAdapterContract.LimitedServer start(Gate gate) throws IOException;

  /** Connects to the server, by the version of HTTP that is tested. */
  TestClient connect(HttpAdapterContract.LimitedServer server) throws IOException;

  /** Returns how many requests have reached the handler. */
  int handledRequests();

  static HttpRateLimiter gate(LimitPolicy policy) {
    return gate(RUNS, policy, ResponseStyle.standard());
  }

  /** Time stands still, so that what a rejection says of it does not depend on the machine. */
  static HttpRateLimiter gate(String pattern, LimitPolicy policy, ResponseStyle style) {
    return HttpRateLimiter.builder(InMemoryRateLimiter.create(1_000, new FakeClock(0)))
        .rule(pattern, policy)
        .responses(style)
        .build();
  }

  static LimitPolicy perMinute(long tokens) {
    return LimitPolicy.perIdentity("agent-runs", Limit.perMinute(tokens));
  }
}
