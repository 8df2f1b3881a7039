package com.example;

import dev.penstock.Cost;
import dev.penstock.Identity;
import dev.penstock.Limit;
import dev.penstock.LimitPolicy;
import dev.penstock.RateLimiter;
import dev.penstock.Reservation;
import dev.penstock.TokenBucketLimit;
import dev.penstock.memory.InMemoryRateLimiter;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.ToLongFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A client of a provider of models that keeps the provider's limits of requests and tokens, as the
 * provider tells them, so that a request waits here and is not rejected there. No thread waits.
 */
public final class ProviderClient {

  private static final Identity ACCOUNT = Identity.named("account", "provider");
  private static final String TOKENS = "tokens";
  private static final String PAUSE = "seconds-of-pause";
  private static final int MOST_TRIES = 3;

  /** Full but while the provider has told us to wait; charged nothing, a request waits for that. */
  private static final LimitPolicy UNPAUSED =
      LimitPolicy.perIdentity("pause", Limit.perSecond(1).withUnit(PAUSE).withOverdraft(3600));

  /** An item of a list of RFC 9651: a string, and its parameters. */
  private static final Pattern ITEM =
      Pattern.compile("\"[^\"]*\"((?:\\s*;\\s*[a-z]+=(?:\"[^\"]*\"|[0-9]{1,15}))*)");

  private final RateLimiter limiter = InMemoryRateLimiter.create();
  private final HttpClient http;
  private final Duration maxWait;
  private final ToLongFunction<HttpResponse<String>> tokensUsed;

  /** Charged by each pause, as long as this client lives. */
  private final Reservation pauses = limiter.reserve(ACCOUNT, UNPAUSED, Cost.units(PAUSE, 0));

  private long pausedUntil = System.nanoTime();
  private long secondsOfPauses;
  private volatile LimitPolicy requests;
  private volatile LimitPolicy tokens;

  /**
   * @param requestsPerMinute until the provider says
   * @param tokensPerMinute likewise
   * @param maxWait for which a request waits for its turn, at each try
   * @param tokensUsed reads of a response how many tokens it has cost
   */
  public ProviderClient(
      HttpClient http,
      long requestsPerMinute,
      long tokensPerMinute,
      Duration maxWait,
      ToLongFunction<HttpResponse<String>> tokensUsed) {
    this.http = http;
    this.maxWait = maxWait;
    this.tokensUsed = tokensUsed;
    this.requests = requests(requestsPerMinute, 60);
    this.tokens = tokens(tokensPerMinute, 60);
  }

  private static LimitPolicy requests(long count, long seconds) {
    return LimitPolicy.perIdentity("requests", limit(count, seconds));
  }

  private static LimitPolicy tokens(long count, long seconds) {
    Limit limit = limit(count, seconds).withUnit(TOKENS).withOverdraft(count);
    return LimitPolicy.perIdentity(TOKENS, limit);
  }

  /** The same rate, and less at once: requests may arrive closer together than they were sent. */
  private static TokenBucketLimit limit(long count, long seconds) {
    return Limit.of(count, count, Duration.ofSeconds(seconds))
        .withCapacity(Math.max(1, count - 1 - count / 10));
  }

  /**
   * Sends a request when it is its turn, and again where the provider says to come back. Once the
   * future is cancelled, or completed by others, nothing more is sent, and what is on its way is
   * given up.
   *
   * @param estimatedTokens of which the account has to have so many; settled by the response
   * @return the response, or a failure where there is no turn in time
   */
  @SuppressWarnings("FutureReturnValueIgnored") // it is complete when the answer is
  public CompletableFuture<HttpResponse<String>> send(HttpRequest request, long estimatedTokens) {
    CompletableFuture<HttpResponse<String>> answer = new CompletableFuture<>();
    send(request, Cost.of(1).and(TOKENS, estimatedTokens), MOST_TRIES, answer)
        .whenComplete(
            (response, error) -> {
              if (error == null) {
                answer.complete(response);
              } else {
                answer.completeExceptionally(error);
              }
            });
    return answer;
  }

  private CompletableFuture<HttpResponse<String>> send(
      HttpRequest request, Cost cost, int tries, CompletableFuture<?> answer) {
    LimitPolicy all = requests.and(tokens).and(UNPAUSED);
    return whileWanted(answer, limiter.acquireAsync(ACCOUNT, all, cost, maxWait))
        .thenCompose(turn -> sendNow(request, turn, answer))
        .thenCompose(
            response ->
                isToComeBack(response) && tries > 1 && !answer.isDone()
                    ? send(request, cost, tries - 1, answer)
                    : CompletableFuture.completedFuture(response));
  }

  /** Cancels a step, itself and not what is made of it, with the answer that it is for. */
  @SuppressWarnings("FutureReturnValueIgnored") // it is complete when the answer is
  private static <T> CompletableFuture<T> whileWanted(
      CompletableFuture<?> answer, CompletableFuture<T> step) {
    answer.whenComplete((response, error) -> step.cancel(true));
    return step;
  }

  private CompletableFuture<HttpResponse<String>> sendNow(
      HttpRequest request, Reservation turn, CompletableFuture<?> answer) {
    if (!turn.permitted()) {
      return CompletableFuture.failedFuture(
          new IOException("No turn within " + maxWait + ": " + turn.decision().deniedBy()));
    }
    if (answer.isDone()) { // given up at the moment of its turn
      turn.cancel();
      return CompletableFuture.failedFuture(new CancellationException());
    }
    return whileWanted(answer, http.sendAsync(request, BodyHandlers.ofString()))
        .whenComplete(
            (response, error) -> {
              try (turn) { // what failed stays charged: it may have been counted
                if (response != null) {
                  learn(response);
                  long used = isToComeBack(response) ? 0 : tokensUsed.applyAsLong(response);
                  turn.settle(Cost.units(TOKENS, Math.max(0, used)));
                }
              }
            });
  }

  private static boolean isToComeBack(HttpResponse<String> response) {
    return response.statusCode() == 429 || response.statusCode() == 503;
  }

  private void learn(HttpResponse<String> response) {
    number(response, "x-ratelimit-limit-requests").ifPresent(n -> requests = requests(n, 60));
    number(response, "x-ratelimit-limit-tokens").ifPresent(n -> tokens = tokens(n, 60));
    for (String line : response.headers().allValues("RateLimit-Policy")) {
      Matcher item = ITEM.matcher(line);
      while (item.find()) {
        learn(item.group(1));
      }
    }
    if (isToComeBack(response)) {
      pause(number(response, "Retry-After").orElse(1));
    }
  }

  /** Of a quota policy, {@code ;q=100;w=60;qu="tokens"}; a unit that is not ours is left out. */
  private void learn(String parameters) {
    OptionalLong quota = number(parameters, "q");
    OptionalLong window = number(parameters, "w");
    if (quota.isPresent() && window.isPresent()) {
      if (!parameters.contains("qu=")) {
        requests = requests(quota.getAsLong(), window.getAsLong());
      } else if (parameters.contains("qu=\"" + TOKENS + "\"")) {
        tokens = tokens(quota.getAsLong(), window.getAsLong());
      }
    }
  }

  /** Nobody has a turn for so long; of several pauses the one that ends last counts. */
  private synchronized void pause(long seconds) {
    long now = System.nanoTime();
    long from = pausedUntil - now > 0 ? pausedUntil : now;
    long nanos = TimeUnit.SECONDS.toNanos(seconds) - (from - now);
    if (nanos > 0) {
      long more = (nanos - 1) / TimeUnit.SECONDS.toNanos(1) + 1;
      pausedUntil = from + TimeUnit.SECONDS.toNanos(more);
      secondsOfPauses += more;
      pauses.settle(Cost.units(PAUSE, secondsOfPauses));
    }
  }

  private static OptionalLong number(HttpResponse<String> response, String field) {
    return response
        .headers()
        .firstValue(field)
        .map(ProviderClient::number)
        .orElseGet(OptionalLong::empty);
  }

  private static OptionalLong number(String parameters, String name) {
    Matcher value = Pattern.compile(";\\s*" + name + "=([0-9]+)").matcher(parameters);
    return value.find() ? number(value.group(1)) : OptionalLong.empty();
  }

  /** What is no number of that kind, or out of all proportion, is not believed. */
  private static OptionalLong number(String text) {
    return text.matches("[1-9][0-9]{0,8}")
        ? OptionalLong.of(Long.parseLong(text))
        : OptionalLong.empty();
  }
}
