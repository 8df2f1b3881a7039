package dev.penstock.servlet;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.Identity;
import dev.penstock.Limit;
import dev.penstock.LimitPolicy;
import dev.penstock.http.ClientAddress;
import dev.penstock.http.HttpRateLimiter;
import dev.penstock.http.RawHttpClient;
import dev.penstock.http.Verdict;
import dev.penstock.jwt.HmacTokens;
import dev.penstock.jwt.JwtIdentityResolver;
import dev.penstock.memory.InMemoryRateLimiter;
import jakarta.servlet.http.Cookie;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.net.URLDecoder;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Whatever token the application finds in a cookie, its user is charged. Longer by hand: {@code
 * -Dpenstock.fuzz.cookies=20000}.
 */
abstract class CookieContract extends WrappingContract {

  private static final int REQUESTS = Integer.getInteger("penstock.fuzz.cookies", 300);
  private static final long SEED = Long.getLong("penstock.fuzz.seed", 20260101);
  private static final String SECRET = "0123456789abcdef0123456789abcdef";
  private static final String NAME = "access_token";
  private static final String TOKEN =
      HmacTokens.bearer("u1", SECRET).substring("Authorization: Bearer ".length());

  /** What means something to one server or another, around a cookie. */
  private static final List<String> PIECES =
      List.of(
          "; ",
          ";",
          ",",
          ", ",
          " ",
          "\t",
          "=",
          "\"",
          "\\",
          "\\\"",
          "a",
          "a=b",
          "a=\"b",
          NAME,
          NAME + "=",
          NAME + "=x",
          NAME + "=\"\"",
          "$Version=1",
          "$Version=\"1\"",
          "$Path=/",
          "$Domain=x",
          "%",
          "%22",
          "'",
          "@",
          "/",
          "[",
          "(",
          "{",
          "\u00e9");

  private static final List<String> SPELLINGS =
      List.of(
          NAME + "=TOKEN",
          NAME + "=\"TOKEN\"",
          NAME + "=\"TOKEN",
          NAME + "=TOKEN\"",
          NAME + " = TOKEN ",
          NAME + "=\" TOKEN \"",
          NAME + "=\"\\TOKEN\"",
          NAME + "=Bearer TOKEN",
          NAME + "=%22TOKEN%22",
          NAME + "='TOKEN'",
          NAME + "=TOKEN,",
          NAME + "==TOKEN",
          "$" + NAME + "=TOKEN");

  private final Random random = new Random(SEED);

  /** Starts a container that reads cookies as laxly as it can. */
  LimitedServer serveLax(Setup setup) throws IOException {
    return serve(setup);
  }

  @Test
  void cookie_thatTheApplicationReads_isChargedToItsUser() throws IOException {
    try (LimitedServer server = serve(application())) {
      assertThat(accepted(server)).isGreaterThan(REQUESTS / 50);
    }
  }

  @Test
  void cookie_thatTheApplicationReadsLaxly_isChargedToItsUser() throws IOException {
    try (LimitedServer server = serveLax(application())) {
      assertThat(accepted(server)).isGreaterThan(REQUESTS / 50);
    }
  }

  /** Sends requests, and returns how many of them the application took for its user's. */
  private int accepted(LimitedServer server) throws IOException {
    int accepted = 0;
    for (int i = 0; i < REQUESTS; i++) {
      String[] lines =
          IntStream.rangeClosed(0, random.nextInt(2))
              .mapToObj(line -> "Cookie: " + cookies())
              .toArray(String[]::new);
      try (RawHttpClient client = new RawHttpClient(server.port())) {
        RawHttpClient.Response response = client.send("POST /agents/a1/runs", lines);
        if (response.body().startsWith("user")) {
          accepted++;
          assertThat(response.body())
              .as("request %d of seed %d: %s", i, SEED, String.join("\n", lines))
              .isEqualTo("user acme/u1");
        }
      }
    }
    return accepted;
  }

  private String cookies() {
    return (pieces() + SPELLINGS.get(random.nextInt(SPELLINGS.size())) + pieces())
        .replace("TOKEN", TOKEN);
  }

  private String pieces() {
    return IntStream.range(0, random.nextInt(5))
        .mapToObj(i -> PIECES.get(random.nextInt(PIECES.size())))
        .collect(Collectors.joining());
  }

  private static Setup application() {
    JwtIdentityResolver tokens = JwtIdentityResolver.builder().hmac(SECRET).cookie(NAME).build();
    HttpRateLimiter gate =
        HttpRateLimiter.builder(InMemoryRateLimiter.create())
            .identity(tokens.orElse(ClientAddress.ofPeer()))
            .rule("/agents/*/runs", LimitPolicy.perIdentity("runs", Limit.perSecond(1_000_000)))
            .build();
    return context -> {
      filter(context, "limits", gate);
      servlet(
          context,
          (request, response) -> {
            Verdict verdict = (Verdict) request.getAttribute(RateLimitFilter.VERDICT);
            String charged = verdict.identity().map(Identity::text).orElse("-");
            String body = (accepts(request) ? "user " : "nobody ") + charged;
            response.getOutputStream().write(body.getBytes(UTF_8));
          });
    };
  }

  /** As applications do that take one cookie of the name or another, as it is or decoded. */
  private static boolean accepts(HttpServletRequest request) {
    Cookie[] cookies = request.getCookies();
    return cookies != null
        && Stream.of(cookies)
            .filter(cookie -> cookie.getName().equals(NAME))
            .map(Cookie::getValue)
            .flatMap(value -> Stream.of(value, decoded(value)))
            .anyMatch(CookieContract::isToken);
  }

  private static boolean isToken(String value) {
    String text = value.strip();
    text = text.startsWith("\"") || text.startsWith("'") ? text.substring(1) : text;
    text = text.endsWith("\"") || text.endsWith("'") ? text.substring(0, text.length() - 1) : text;
    text = text.strip();
    return (text.startsWith("Bearer ") ? text.substring(7) : text).equals(TOKEN);
  }

  private static String decoded(String value) {
    try {
      return URLDecoder.decode(value, UTF_8);
    } catch (IllegalArgumentException e) {
      return value;
    }
  }
}
