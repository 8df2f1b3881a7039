package dev.penstock.servlet;

import dev.penstock.Cost;
import dev.penstock.Identity;
import dev.penstock.Limit;
import dev.penstock.LimitPolicy;
import dev.penstock.RateLimiter;
import dev.penstock.Reservation;
import dev.penstock.http.HttpRateLimiter;
import dev.penstock.http.RequestCost;
import dev.penstock.http.ResponseView;
import dev.penstock.memory.InMemoryRateLimiter;
import dev.penstock.redis.Await;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/** A limit of requests under way at once: who holds it, and how each response was said to end. */
final class Slots {

  /** How many there are by default. */
  static final int ALL = 2;

  /** The field of the response that says what a request has cost, which no client sees. */
  static final String TOKENS = "X-Model-Tokens";

  /** For what a container does in its own time. */
  private static final Duration DEADLINE = Duration.ofSeconds(20);

  private static final Identity ANYBODY = Identity.named("test", "anybody");

  private static final long A_DAY = 1_000;
  private static final LimitPolicy BUDGET =
      LimitPolicy.everyone(
          "budget", Limit.perDay(A_DAY), Limit.perDay(A_DAY).withUnit("model-tokens"));

  /** What a response said of itself when it had ended. */
  record End(int status, List<String> tokens, List<String> others) {
    private static End of(ResponseView response) {
      return new End(
          response.status(), response.headerLines(TOKENS), response.headerLines("X-Other"));
    }
  }

  private final int all;
  private final LimitPolicy policy;
  private final RateLimiter limiter = InMemoryRateLimiter.create();
  private final AtomicInteger abandoned = new AtomicInteger();
  private final ConcurrentLinkedQueue<End> ends = new ConcurrentLinkedQueue<>();

  Slots() {
    this(ALL);
  }

  Slots(int all) {
    this.all = all;
    this.policy = LimitPolicy.everyone("runs-at-once", Limit.inFlight(all));
  }

  /** Returns a gate that lets in as many requests at once to these paths. */
  HttpRateLimiter gate(String pattern) {
    return HttpRateLimiter.builder(limiter)
        .rule(
            pattern,
            policy,
            RequestCost.of(Cost.units(Cost.CONCURRENT_REQUESTS, 1))
                .settledBy(
                    response -> {
                      ends.add(End.of(response));
                      return Cost.units(Cost.CONCURRENT_REQUESTS, 1);
                    }))
        .build();
  }

  /** Returns a gate whose requests are settled by a field that no client sees. */
  HttpRateLimiter gateOfTokens(String pattern) {
    return HttpRateLimiter.builder(limiter)
        .rule(
            pattern,
            BUDGET,
            RequestCost.of(Cost.of(1)).settledByHiddenField(TOKENS, "model-tokens"))
        .build();
  }

  /** Returns how many tokens have been settled. */
  long tokens() {
    return A_DAY - limiter.peek(ANYBODY, BUDGET).buckets().get(1).remaining();
  }

  long held() {
    return all - limiter.peek(ANYBODY, policy).buckets().get(0).remaining();
  }

  /** Returns how each response has ended, whose end was told. */
  List<End> ends() {
    return List.copyOf(ends);
  }

  /** Has it counted when the client of this request goes away. */
  void count(Reservation reservation) {
    reservation.onClientGone(abandoned::incrementAndGet);
  }

  int abandoned() {
    return abandoned.get();
  }

  void awaitHeld(int count) {
    Await.until(count + " slots held", DEADLINE, () -> held() == count);
  }

  void awaitEnds(int count) {
    Await.until(count + " ends", DEADLINE, () -> ends.size() == count);
  }

  static void await(String what, Await.Condition condition) {
    Await.until(what, DEADLINE, condition);
  }
}
