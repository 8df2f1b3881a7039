package dev.penstock.clients;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.Identity;
import dev.penstock.Limit;
import dev.penstock.LimitPolicy;
import dev.penstock.PartitionedLimit;
import dev.penstock.http.HttpRateLimiter;
import dev.penstock.http.ResponseStyle;
import dev.penstock.memory.InMemoryRateLimiter;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** What a client's first request is told, in the words of the page. */
@SuppressWarnings("ImmutableEnumChecker") // styles are immutable, and these policies have no state
enum Told {
  ONE_SECOND("429, `Retry-After: 1`", Limit.perSecond(1), 1, ResponseStyle.standard()),

  TWELVE_SECONDS(
      "429, `Retry-After: 12`", Limit.per(1, Duration.ofSeconds(12)), 1, ResponseStyle.standard()),

  /** The worst case of a day for whoever counts nanoseconds in a {@code float}. */
  BETWEEN_FLOATS(
      "429, `Retry-After: 73728`",
      Limit.per(1, Duration.ofSeconds(73_728)),
      1,
      ResponseStyle.standard()),

  A_DAY("429, `Retry-After: 86400`", Limit.perDay(1), 1, ResponseStyle.standard()),

  /** Thirty days, of which a client is told as many as the timers of Node hold. */
  A_MONTH(
      "429, `Retry-After: 2147483`",
      Limit.per(1, Duration.ofDays(30)),
      1,
      ResponseStyle.standard()),

  NEVER("429, never", Limit.perMinute(3), 5, ResponseStyle.standard()),

  TWELVE_SECONDS_HINTED(
      "429, `Retry-After: 12`, `retry-after-ms: 12000`",
      Limit.per(1, Duration.ofSeconds(12)),
      1,
      hinting()),

  /** A millionth longer, for whoever reckons in a {@code float}. */
  A_DAY_HINTED(
      "429, `Retry-After: 86400`, `retry-after-ms: 86400082`, `x-should-retry: false`",
      Limit.perDay(1),
      1,
      hinting()),

  NEVER_HINTED("429, never, `x-should-retry: false`", Limit.perMinute(3), 5, hinting()),

  NEVER_AS_413(
      "413, never", Limit.perMinute(3), 5, ResponseStyle.builder().neverStatus(413).build()),

  WITH_ERROR(
      "429, `Retry-After: 1`, with `error`",
      Limit.perSecond(1),
      1,
      ResponseStyle.builder().errorObject().build()),

  NOBODY_DECIDES("503, nobody can decide", Told::failForClients, 1, ResponseStyle.standard());

  /** The fields by which some client decides whether to come back, and when. */
  private static final List<String> HINTS =
      List.of("Retry-After", "retry-after-ms", "x-should-retry");

  private static final Identity LOOPBACK = Identity.address("127.0.0.1");

  private static final Pattern FIELD = Pattern.compile("`([\\w-]+): ([^`]+)`");

  private final String text;
  private final LimitPolicy policy;
  private final long cost;
  private final ResponseStyle style;

  Told(String text, Limit limit, long cost, ResponseStyle style) {
    this(text, LimitPolicy.everyone("runs", limit), cost, style);
  }

  Told(String text, LimitPolicy policy, long cost, ResponseStyle style) {
    this.text = text;
    this.policy = policy;
    this.cost = cost;
    this.style = style;
  }

  private static ResponseStyle hinting() {
    return ResponseStyle.builder().retryHints(Duration.ofMinutes(1)).build();
  }

  /** A policy that fails for those who come, but not for whom a gate tries it with. */
  private static List<PartitionedLimit> failForClients(Identity identity) {
    if (identity.equals(LOOPBACK)) {
      throw new IllegalStateException("no limits of clients");
    }
    return LimitPolicy.everyone("runs", Limit.perDay(1)).limits(identity);
  }

  static Told of(String text) {
    return Arrays.stream(values())
        .filter(told -> told.text.equals(text))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("text must be that of one: " + text));
  }

  /** {@return a gate that tells the first request this; later ones, what the time allows} */
  HttpRateLimiter gate(ServerClock clock) {
    InMemoryRateLimiter limiter = InMemoryRateLimiter.builder().clock(clock).build();
    assertThat(limiter.tryAcquire(Identity.user("acme", "u1"), policy).permitted()).isTrue();
    return HttpRateLimiter.builder(limiter).rule("POST /**", policy, cost).responses(style).build();
  }

  /** Checks that a response says what the text says, and nothing else of when to come back. */
  void check(int status, Function<String, String> fields) {
    assertThat(text).startsWith(status + ", ");
    Map<String, String> named =
        FIELD
            .matcher(text)
            .results()
            .collect(Collectors.toMap(field -> field.group(1), field -> field.group(2)));
    for (String hint : HINTS) {
      assertThat(fields.apply(hint)).as(hint).isEqualTo(named.get(hint));
    }
  }

  @Override
  public String toString() {
    return text;
  }
}
