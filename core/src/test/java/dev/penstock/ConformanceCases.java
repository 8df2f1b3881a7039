package dev.penstock;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;

/**
 * The cases of {@code vectors/conformance.json}, run against a store. All run on one limiter, so
 * every case has names of its own.
 */
final class ConformanceCases {

  private static final Set<String> EXPECTATIONS =
      Set.of("allowed", "remaining", "wait", "impossible", "blocked_by");

  private final StoreUnderTest store;
  private final Map<Identity, Reservation> reserved = new HashMap<>();

  private ConformanceCases(StoreUnderTest store) {
    this.store = store;
  }

  static Stream<DynamicTest> of(StoreUnderTest store) {
    ConformanceCases cases = new ConformanceCases(store);
    List<DynamicTest> tests = new ArrayList<>();
    for (JsonNode node : read().path("cases")) {
      String id = node.path("id").asText();
      tests.add(
          DynamicTest.dynamicTest(
              id + " " + node.path("title").asText(), () -> cases.run(id, node)));
    }
    assertThat(tests).isNotEmpty();
    return tests.stream();
  }

  private static JsonNode read() {
    try {
      return new ObjectMapper().readTree(TruthTable.text("/vectors/conformance.json"));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  private void run(String id, JsonNode node) {
    LimitPolicy policy = policy(id, node.path("limits"));
    Duration time = Duration.ZERO;
    int number = 0;
    for (JsonNode step : node.path("steps")) {
      Duration next = seconds(step.path("t").asText());
      store.advance(next.minus(time));
      time = next;
      check("step " + ++number + " of " + id, id, step, policy);
    }
    assertThat(number).isPositive();
  }

  /** The first limit of a case is each identity's own, every further one is everyone's. */
  private static LimitPolicy policy(String id, JsonNode limits) {
    LimitPolicy policy = null;
    for (JsonNode node : limits) {
      String name = id + "-" + node.path("name").asText();
      Limit limit =
          Limit.of(
              node.path("capacity").asLong(),
              node.path("limit").asLong(),
              seconds(node.path("per_s").asText()));
      policy =
          policy == null
              ? LimitPolicy.perIdentity(name, limit)
              : policy.and(LimitPolicy.everyone(name, limit));
    }
    if (policy == null) {
      throw new IllegalArgumentException(id + " has no limit");
    }
    return policy;
  }

  private void check(String where, String id, JsonNode step, LimitPolicy policy) {
    JsonNode key = step.path("key");
    Identity identity = Identity.named(id, (key.isArray() ? key.get(0) : key).asText());
    long cost = step.path("cost").asLong();
    JsonNode expected = step.path("expect");
    for (Iterator<String> names = expected.fieldNames(); names.hasNext(); ) {
      assertThat(names.next()).as(where).isIn(EXPECTATIONS);
    }
    Decision decision = perform(where, step.path("op").asText(), identity, policy, cost);
    if (expected.has("allowed")) {
      assertThat(decision.permitted()).as(where).isEqualTo(expected.get("allowed").asBoolean());
      assertThat(decision.never()).as(where).isEqualTo(expected.path("impossible").asBoolean());
    }
    if (expected.has("remaining")) {
      assertThat(decision.buckets())
          .as(where)
          .extracting(BucketState::remaining)
          .isEqualTo(longs(expected.get("remaining")));
    }
    if (expected.has("wait")) {
      assertThat(decision.retryAfter()).as(where).contains(seconds(expected.get("wait").asText()));
    }
    if (expected.has("blocked_by")) {
      assertThat(decision.deniedBy())
          .as(where)
          .extracting(BucketState::name)
          .containsExactly(id + "-" + expected.get("blocked_by").asText());
    }
  }

  private Decision perform(
      String where, String op, Identity identity, LimitPolicy policy, long cost) {
    RateLimiter limiter = store.limiter();
    switch (op) {
      case "hit" -> {
        return limiter.tryAcquire(identity, policy, cost);
      }
      case "test" -> {
        return limiter.peek(identity, policy, cost);
      }
      case "reserve" -> {
        Reservation reservation = limiter.reserve(identity, policy, Cost.of(cost));
        reserved.put(identity, reservation);
        return reservation.decision();
      }
      case "settle" -> Objects.requireNonNull(reserved.get(identity)).settle(Cost.of(cost));
      case "reset" -> limiter.reset(identity, policy);
      case "peek" -> {}
      default -> throw new IllegalArgumentException(where + " has an unknown op: " + op);
    }
    return limiter.peek(identity, policy);
  }

  private static List<Long> longs(JsonNode node) {
    List<Long> longs = new ArrayList<>();
    if (node.isArray()) {
      node.forEach(element -> longs.add(element.asLong()));
    } else {
      longs.add(node.asLong());
    }
    return longs;
  }

  private static Duration seconds(String text) {
    return Duration.ofNanos(new BigDecimal(text).movePointRight(9).longValueExact());
  }
}
