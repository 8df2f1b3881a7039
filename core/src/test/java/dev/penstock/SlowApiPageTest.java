package dev.penstock;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.memory.InMemoryRateLimiter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiConsumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** docs/slowapi.md says of their strategies and rate strings what ours are. */
class SlowApiPageTest {

  private static final Path PAGE = Path.of("..", "docs", "slowapi.md");
  private static final Identity USER = Identity.user("acme", "u1");
  private static final Pattern THEIRS = Pattern.compile("(\\d+) ?(?:/| per) ?(\\d*) ?([a-z]+?)s?");
  private static final Map<String, Duration> THEIR_UNITS =
      Map.of(
          "second", Duration.ofSeconds(1),
          "minute", Duration.ofMinutes(1),
          "hour", Duration.ofHours(1),
          "day", Duration.ofDays(1),
          "week", Duration.ofDays(7),
          "month", Duration.ofDays(30),
          "year", Duration.ofDays(360));

  /** What a strategy promises, of ten a minute that are taken at 10:00:30. */
  private static final Map<String, BiConsumer<InMemoryRateLimiterAt, LimitPolicy>> PROMISES =
      Map.of(
          "fixed-window", (limiter, ten) -> limiter.isDeniedUntil(ten, 10, Duration.ofSeconds(30)),
          "sliding-window-counter",
              (limiter, ten) -> limiter.isDeniedUntil(ten, 10, Duration.ofSeconds(90)),
          "moving-window", (limiter, ten) -> limiter.isDeniedUntil(ten, 5, Duration.ofSeconds(60)),
          "fixed-window-elastic-expiry",
              (limiter, ten) -> limiter.isDeniedUntil(ten, 1, Duration.ofSeconds(6)),
          "none", (limiter, ten) -> limiter.isDeniedUntil(ten, 10, Duration.ofSeconds(60)));

  private static final class InMemoryRateLimiterAt {

    private final FakeClock clock = new FakeClock(0);
    private final AtomicReference<Instant> wall =
        new AtomicReference<>(Instant.parse("2026-05-04T10:00:30Z"));
    private final RateLimiter limiter =
        InMemoryRateLimiter.builder().clock(clock).wallClock(wall::get).build();

    void isDeniedUntil(LimitPolicy ten, long cost, Duration time) {
      assertThat(limiter.tryAcquire(USER, ten, 10).permitted()).isTrue();
      for (int i = 0; i < 3; i++) {
        assertThat(limiter.tryAcquire(USER, ten, cost).permitted()).isFalse();
      }
      advance(time.minusNanos(1));
      assertThat(limiter.tryAcquire(USER, ten, cost).permitted()).isFalse();
      advance(Duration.ofNanos(1));
      assertThat(limiter.tryAcquire(USER, ten, cost).permitted()).isTrue();
    }

    private void advance(Duration time) {
      clock.advance(time);
      wall.updateAndGet(now -> now.plus(time));
    }
  }

  private static Stream<List<String>> rows(String section) throws IOException {
    String page = Files.readString(PAGE);
    int start = page.indexOf("## " + section);
    return page.substring(start, page.indexOf("\n## ", start))
        .lines()
        .filter(line -> line.startsWith("| ") && !line.startsWith("| theirs"))
        .map(line -> List.of(line.replace("`", "").split(" \\|", -1)))
        .map(columns -> List.of(columns.get(0).substring(2), columns.get(1).strip()));
  }

  static Stream<List<String>> strategies() throws IOException {
    return rows("Strategies");
  }

  static Stream<List<String>> rateStrings() throws IOException {
    return rows("Rate strings");
  }

  @ParameterizedTest
  @MethodSource("strategies")
  void strategy_row_isKept(List<String> row) {
    assertThat(PROMISES).containsKey(row.get(0));
    LimitPolicy ten = LimitPolicy.perIdentity("ten", Limit.parse(row.get(1)));
    Objects.requireNonNull(PROMISES.get(row.get(0))).accept(new InMemoryRateLimiterAt(), ten);
  }

  @ParameterizedTest
  @MethodSource("rateStrings")
  void rateString_row_hasTheirNumbers(List<String> row) {
    List<Limit> ours = Limit.parseAll(row.get(1));
    List<String> theirs = List.of(row.get(0).split("[;,] ?", -1));
    assertThat(ours).hasSameSizeAs(theirs);
    for (int i = 0; i < theirs.size(); i++) {
      Matcher rate = THEIRS.matcher(theirs.get(i));
      assertThat(rate.matches()).as(theirs.get(i)).isTrue();
      long multiple = rate.group(2).isEmpty() ? 1 : Long.parseLong(rate.group(2));
      Duration unit = Objects.requireNonNull(THEIR_UNITS.get(rate.group(3)));
      Duration window = unit.multipliedBy(multiple);
      assertThat(ours.get(i)).isInstanceOf(WindowLimit.class);
      assertThat(ours.get(i).capacity()).isEqualTo(Long.parseLong(rate.group(1)));
      assertThat(((WindowLimit) ours.get(i)).window())
          .isBetween(window, window.plusDays(window.toDays() < 30 ? 0 : 6));
    }
  }
}
