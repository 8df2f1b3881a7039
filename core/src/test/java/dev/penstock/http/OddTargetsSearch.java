package dev.penstock.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.Limit;
import dev.penstock.LimitPolicy;
import dev.penstock.memory.InMemoryRateLimiter;
import java.io.IOException;
import java.net.SocketTimeoutException;

/**
 * Looks for a run that is free on a real server: a target that the gate does not charge, and that
 * the handler takes for a run. Longer by hand, with {@code -Dpenstock.fuzz.targets=20000}.
 */
public final class OddTargetsSearch {

  /** What the handler answers with status 200, if {@link ServerModel#isRun} of what it sees. */
  public static final String RUN = "run";

  /** What the handler answers to all else. */
  public static final String OTHER = "other";

  private static final int TARGETS = Integer.getInteger("penstock.fuzz.targets", 300);
  private static final long SEED = Long.getLong("penstock.fuzz.seed", 20260101);

  private OddTargetsSearch() {}

  /** Connects to the server. */
  public interface Connection {
    TestClient open() throws IOException;
  }

  /** {@return the gate that the server is limited by} */
  public static HttpRateLimiter gate() {
    LimitPolicy runs = LimitPolicy.perIdentity("runs", Limit.perSecond(1_000_000));
    return HttpRateLimiter.builder(InMemoryRateLimiter.create())
        .exempt("/x/**")
        .rule("POST /agents/*/runs", runs)
        .build();
  }

  /** Sends targets over one connection after the other; a server closes it where one is bad. */
  public static void assertNoRunIsFree(Connection connection) throws IOException {
    TargetFuzzer targets = new TargetFuzzer(SEED);
    TestClient client = connection.open();
    int runs = 0;
    try {
      for (int i = 0; i < TARGETS; i++) {
        String target = targets.next();
        try {
          RawHttpClient.Response response = client.send("POST " + target);
          if (response.status() == 200 && response.body().equals(RUN)) {
            runs++;
            assertThat(response.values("RateLimit"))
                .as("target %d of seed %d: %s", i, SEED, target)
                .isNotEmpty();
          }
          if (response.status() == 200) {
            continue;
          }
        } catch (IOException e) {
          assertThat(e).as(target).isNotInstanceOf(SocketTimeoutException.class);
        }
        client.close();
        client = connection.open();
      }
    } finally {
      client.close();
    }
    assertThat(runs).isGreaterThan(TARGETS / 20);
  }
}
