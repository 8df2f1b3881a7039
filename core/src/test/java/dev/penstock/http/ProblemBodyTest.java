package dev.penstock.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.penstock.BucketState;
import dev.penstock.Decision;
import dev.penstock.Limit;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class ProblemBodyTest {

  private static final ObjectMapper JSON = new ObjectMapper();

  @Test
  void quotaExceeded_hasTheRegisteredMembersAndTheNumbers() {
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
  void quotaExceeded_never_hasNoTime() throws IOException {
    BucketState bucket = new BucketState("a", Limit.perMinute(10), false, 10, BucketState.NEVER, 0);
    JsonNode problem = json(bucket);
    assertThat(problem.has("retry_after_ms")).isFalse();
    assertThat(problem.get("policies").get(0).has("reset_seconds")).isFalse();
    assertThat(problem.get("detail").asText()).endsWith("and can never pass.");
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

  private static JsonNode json(BucketState... buckets) throws IOException {
    return JSON.readTree(body(buckets));
  }

  private static String body(BucketState... buckets) {
    return ProblemBody.quotaExceeded(
        ProblemBody.QUOTA_EXCEEDED, 429, Decision.of(Decision.Source.MEMORY, List.of(buckets)));
  }
}
