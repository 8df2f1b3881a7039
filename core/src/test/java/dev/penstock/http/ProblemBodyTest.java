package dev.penstock.http;

import static dev.penstock.http.ErrorMember.OBJECT;
import static dev.penstock.http.ErrorMember.SLOW_API;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.penstock.Ban;
import dev.penstock.BucketState;
import dev.penstock.CalendarUnit;
import dev.penstock.Decision;
import dev.penstock.Identity;
import dev.penstock.Limit;
import java.io.IOException;
import java.time.Duration;
import java.time.ZoneId;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProblemBodyTest {

  private static final ObjectMapper JSON = new ObjectMapper();

  @Test
  void point01_quotaExceeded_hasTheRegisteredMembersAndTheNumbers() {
    BucketState bucket =
        new BucketState("agent-runs", Limit.perMinute(10), false, 0, 11_419_000_001L, 1);
    assertThat(body(bucket))
        .isEqualTo(
            "{\"type\":\"https://iana.org/assignments/http-problem-types#quota-exceeded\","
                + "\"title\":\"Quota Exceeded\",\"status\":429,"
                + "\"detail\":\"Policy agent-runs allows 10 requests per 60 seconds."
                + " Retry in 12 seconds.\","
                + "\"violated-policies\":[\"agent-runs\"],\"retry_after_ms\":11420,"
                + "\"policies\":[{\"name\":\"agent-runs\",\"quota\":10,\"window_seconds\":60,"
                + "\"remaining\":0,\"reset_seconds\":12}]}");
  }

  @Test
  void quotaExceeded_severalPolicies_namesThoseThatSaidNo() throws IOException {
    JsonNode problem =
        json(
            new BucketState("a", Limit.perSecond(1), false, 0, 1, 1),
            new BucketState("b", Limit.perMinute(1), true, 1, 0, 0),
            new BucketState("c", Limit.per(3, Duration.ofMillis(100)), false, 0, 5, 5));
    assertThat(problem.get("violated-policies")).isEqualTo(JSON.readTree("[\"a\",\"c\"]"));
    assertThat(problem.get("detail").asText())
        .isEqualTo(
            "Policy a allows 1 request per 1 second. Policy c allows 3 requests per 100"
                + " milliseconds. Retry in 1 second.");
    assertThat(problem.get("policies").get(1).has("window_seconds")).isFalse();
  }

  @Test
  void quotaExceeded_windows_areSaidAsTheyAre() throws IOException {
    Limit day = Limit.fixedWindow(5, CalendarUnit.DAY, ZoneId.of("Europe/Berlin"));
    Limit last = Limit.slidingWindow(7, Duration.ofSeconds(90));
    JsonNode problem =
        json(
            new BucketState("day", day, false, 0, 7_200_000_000_000L, 7_200_000_000_000L),
            new BucketState("last", last, false, 0, 1, 1));
    assertThat(problem.get("detail").asText())
        .isEqualTo(
            "Policy day allows 5 requests per day (Europe/Berlin). Policy last allows 7 requests"
                + " per 90 seconds. Retry in 7200 seconds.");
    assertThat(problem.get("policies").get(0).get("window_seconds").asLong()).isEqualTo(86_400);
    assertThat(problem.get("policies").get(0).get("reset_seconds").asLong()).isEqualTo(7_200);
  }

  @Test
  void quotaExceeded_otherUnit_isSaid() throws IOException {
    Limit budget = Limit.perMinute(100_000).withUnit("model-tokens").withOverdraft(50_000);
    JsonNode problem = json(new BucketState("budget", budget, false, 0, 600_000, 90_000_000_000L));
    assertThat(problem.get("detail").asText())
        .isEqualTo("Policy budget allows 100000 model-tokens per 60 seconds. Retry in 1 second.");
    assertThat(problem.get("policies").get(0).get("unit").asText()).isEqualTo("model-tokens");
    JsonNode requests = json(new BucketState("a", Limit.perMinute(1), false, 0, 1, 1));
    assertThat(requests.get("policies").get(0).has("unit")).isFalse();
  }

  @Test
  void quotaExceeded_never_hasNoTime() throws IOException {
    BucketState bucket = new BucketState("a", Limit.perMinute(10), false, 10, BucketState.NEVER, 0);
    JsonNode problem = json(bucket);
    assertThat(problem.has("retry_after_ms")).isFalse();
    assertThat(problem.get("policies").get(0).has("reset_seconds")).isFalse();
    assertThat(problem.get("detail").asText()).endsWith("and can never pass.");
  }

  @Test
  void quotaExceeded_timeNotKnown_hasNoTimeAndDoesNotSayNever() throws IOException {
    BucketState bucket = new BucketState("a", Limit.perMinute(3), false, 3, BucketState.UNKNOWN, 0);
    JsonNode problem = json(bucket);
    assertThat(problem.has("retry_after_ms")).isFalse();
    assertThat(problem.get("policies").get(0).has("reset_seconds")).isFalse();
    assertThat(problem.get("detail").asText())
        .isEqualTo("Policy a allows 3 requests per 60 seconds.");
  }

  @Test
  void quotaExceeded_anyName_isEscaped() throws IOException {
    StringBuilder name = new StringBuilder();
    for (char c = 0x20; c < 0x7F; c++) {
      name.append(c);
    }
    JsonNode problem = json(new BucketState(name.toString(), Limit.perMinute(10), false, 0, 1, 1));
    assertThat(problem.get("violated-policies").get(0).asText()).isEqualTo(name.toString());
    assertThat(problem.get("policies").get(0).get("name").asText()).isEqualTo(name.toString());
  }

  @Test
  void quotaExceeded_anyName_endsNoScriptAround() throws IOException {
    BucketState bucket = new BucketState("</script>", Limit.perMinute(10), false, 0, 1, 1);
    assertThat(body(bucket)).doesNotContain("<").contains("\"\\u003c/script>\"");
    assertThat(json(bucket).get("violated-policies").get(0).asText()).isEqualTo("</script>");
  }

  @Test
  void quotaExceeded_controlCharacters_areEscaped() throws IOException {
    BucketState bucket = new BucketState("a\n\u001f", Limit.perMinute(10), false, 0, 1, 1);
    assertThat(json(bucket).get("violated-policies").get(0).asText()).isEqualTo("a\n\u001f");
  }

  @ParameterizedTest
  @CsvSource({
    "10/minute, 10 per 1 minute",
    "5 per 2 hours, 5 per 2 hour",
    "1/second, 1 per 1 second",
    "7 per 90 seconds, 7 per 90 second",
    "5000/day, 5000 per 1 day",
    "5 per 100 ms, 5 per 100 millisecond"
  })
  void quotaExceeded_slowApiError_isWrittenAsSlowApiDoes(String rate, String written)
      throws IOException {
    BucketState passing = new BucketState("p", Limit.perMinute(99), true, 1, 0, 1);
    BucketState failing = new BucketState("q", Limit.parse(rate), false, 0, 1, 1);
    Decision decision = Decision.of(Decision.Source.MEMORY, List.of(passing, failing));
    String type = ProblemType.QUOTA_EXCEEDED.uri();
    JsonNode problem = JSON.readTree(body(type, decision, ErrorMember.SLOW_API));
    assertThat(problem.get("error").asText()).isEqualTo("Rate limit exceeded: " + written);
    assertThat(problem.get("status").asInt()).isEqualTo(429);
    assertThat(problem.get("detail").asText()).startsWith("Policy q allows ");
    JsonNode without = JSON.readTree(body(type, decision, ErrorMember.NONE));
    assertThat(without.has("error")).isFalse();
  }

  private static JsonNode json(BucketState... buckets) throws IOException {
    return JSON.readTree(body(buckets));
  }

  private static String body(BucketState... buckets) {
    return body(
        ProblemType.QUOTA_EXCEEDED.uri(),
        Decision.of(Decision.Source.MEMORY, List.of(buckets)),
        ErrorMember.NONE);
  }

  private static String body(String type, Decision decision, ErrorMember error) {
    RetryAdvice advice = RetryAdvice.of(decision, Identity.user("acme", "u1"), 0);
    return ProblemBody.quotaExceeded(type, 429, decision, advice, error);
  }

  @Test
  void abnormalUsage_errorMembers_sayWhatItIs() throws IOException {
    Limit bans = Limit.perHour(1).withUnit(Ban.UNIT);
    Decision banned =
        Decision.of(
            Decision.Source.REDIS,
            List.of(new BucketState("ban", bans, false, 0, 90_000_000_000L, 1)));
    RetryAdvice advice = RetryAdvice.of(banned, Identity.user("acme", "u1"), 0);
    assertThat(banned.banned()).isTrue();
    JsonNode slow = JSON.readTree(ProblemBody.abnormalUsage(429, banned, advice, SLOW_API));
    assertThat(slow.get("error").asText())
        .isEqualTo("Rate limit exceeded: Abnormal Usage Detected");
    JsonNode object = JSON.readTree(ProblemBody.abnormalUsage(429, banned, advice, OBJECT));
    assertThat(object.get("error").get("code").asText()).isEqualTo("abnormal_usage_detected");
    assertThat(object.get("error").get("message").asText())
        .isEqualTo("Too many requests were denied before this one. Retry in 90 seconds.");
    assertThat(object.get("retry_after_ms").asLong()).isEqualTo(90_000);
  }

  @Test
  void quotaExceeded_inFlight_saysAtATimeAndNotWhen() {
    long unknown = BucketState.UNKNOWN;
    BucketState slots = new BucketState("runs", Limit.inFlight(4), false, 0, unknown, unknown);
    assertThat(body(slots))
        .isEqualTo(
            "{\"type\":\"https://iana.org/assignments/http-problem-types#quota-exceeded\","
                + "\"title\":\"Quota Exceeded\",\"status\":429,"
                + "\"detail\":\"Policy runs allows 4 requests at a time.\","
                + "\"violated-policies\":[\"runs\"],"
                + "\"policies\":[{\"name\":\"runs\",\"quota\":4,\"unit\":\"concurrent-requests\","
                + "\"remaining\":0}]}");
    Limit gpus = Limit.inFlight(8).withUnit("gpus");
    assertThat(body(new BucketState("pool", gpus, false, 0, unknown, unknown)))
        .contains("Policy pool allows 8 gpus at a time.");
  }
}
