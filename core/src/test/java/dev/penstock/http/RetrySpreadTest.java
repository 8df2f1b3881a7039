package dev.penstock.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.FakeClock;
import dev.penstock.Identity;
import dev.penstock.Limit;
import dev.penstock.LimitPolicy;
import dev.penstock.RateLimiter;
import dev.penstock.memory.InMemoryRateLimiter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A herd: a thousand clients on one bucket, each of which comes back when it is told to. */
class RetrySpreadTest {

  private static final int CLIENTS = 1_000;
  private static final Duration DAY = Duration.ofDays(1);

  private final FakeClock clock = new FakeClock(0);
  private final RateLimiter limiter = InMemoryRateLimiter.create(10, clock);
  private int peak;

  /**
   * A bucket of 100 that gains one in {@code seconds}: how many come in one second at most, after
   * the first. Who comes a little early is told a short time, so they gather again, but fewer.
   */
  @ParameterizedTest
  @CsvSource({
    "36, 0.0, 900",
    "36, 0.5, 273",
    "36, 1.0, 255",
    "5, 0.0, 900",
    "5, 0.5, 779",
    "5, 1.0, 567"
  })
  void spread_aThousandClients_lowersThePeak(int seconds, double fraction, int peak) {
    assertThat(peak(seconds, fraction)).isEqualTo(peak);
  }

  private int peak(int seconds, double fraction) {
    HttpRateLimiter gate =
        HttpRateLimiter.builder(limiter)
            .identity(request -> Optional.of(Identity.user("acme", request.peer())))
            .rule(
                "/**",
                LimitPolicy.everyone("shared", Limit.of(100, 1, Duration.ofSeconds(seconds))))
            .responses(ResponseStyle.builder().spreadRetryAfter(fraction).build())
            .build();
    SortedMap<Long, List<Integer>> due = new TreeMap<>();
    for (int client = 0; client < CLIENTS; client++) {
      due.computeIfAbsent(0L, second -> new ArrayList<>()).add(client);
    }
    for (long now = 0;
        !due.isEmpty() && now < DAY.toSeconds();
        clock.advance(Duration.ofSeconds(1)), now++) {
      List<Integer> coming = due.getOrDefault(now, List.of());
      due.remove(now);
      peak = now == 0 ? 0 : Math.max(peak, coming.size());
      for (int client : coming) {
        Verdict verdict = gate.decide(new FakeRequest("GET", "/", Map.of(), "c" + client));
        if (verdict instanceof Verdict.Reject reject) {
          due.computeIfAbsent(now + retryAfter(reject), second -> new ArrayList<>()).add(client);
        }
      }
    }
    assertThat(due).as("all were served").isEmpty();
    return peak;
  }

  private static long retryAfter(Verdict.Reject reject) {
    return reject.fields().stream()
        .filter(field -> field.name().equals("Retry-After"))
        .mapToLong(field -> Long.parseLong(field.value()))
        .findAny()
        .orElseThrow();
  }
}
