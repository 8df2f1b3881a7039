package dev.penstock.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.penstock.BucketState;
import dev.penstock.CapturedLog;
import dev.penstock.Decision;
import dev.penstock.Identity;
import dev.penstock.Limit;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ResponseStyleTest {

  private static final Identity USER = Identity.user("acme", "u1");
  private static final Optional<String> POLICY = Optional.of("p");
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Decision DENIED =
      Decision.of(
          Decision.Source.MEMORY,
          List.of(new BucketState("p", Limit.perMinute(1), false, 0, 6_000_000_000L, 6)));
  private static final Decision CLOSED = Decision.closed(Duration.ofSeconds(2));

  @Test
  void point01_problemType_isConfigurable() throws IOException {
    String type = "https://example.org/p?a=\u20ac";
    JsonNode problem = problem(ResponseStyle.builder().problemType(type), DENIED);
    assertThat(problem.get("type").asText()).isEqualTo(type);
    assertThat(problem.get("title").asText()).isEqualTo("Quota Exceeded");
  }

  @ParameterizedTest
  @CsvSource({
    "quota-exceeded, Quota Exceeded",
    "temporary-reduced-capacity, Temporary Reduced Capacity",
    "abnormal-usage-detected, Abnormal Usage Detected"
  })
  void point01_registeredType_bringsItsTitle(String fragment, String title) throws IOException {
    String type = "https://iana.org/assignments/http-problem-types#" + fragment;
    JsonNode problem = problem(ResponseStyle.builder().problemType(type), DENIED);
    assertThat(problem.get("type").asText()).isEqualTo(type);
    assertThat(problem.get("title").asText()).isEqualTo(title);
    assertThat(problem.get("status").asInt()).isEqualTo(429);
  }

  @Test
  void problemType_noUri_isRefused() {
    assertThatThrownBy(() -> ResponseStyle.builder().problemType("not a uri"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("type must be a URI: \"not a uri\"");
  }

  @Test
  void slowApiError_isAMemberOf429Only() throws IOException {
    ResponseStyleBuilder style = ResponseStyle.builder().slowApiError();
    assertThat(problem(style, DENIED).get("error").asText())
        .isEqualTo("Rate limit exceeded: 1 per 1 minute");
    BucketState slots = new BucketState("p", Limit.inFlight(4), false, 0, BucketState.UNKNOWN, 0);
    Decision noSlot = Decision.of(Decision.Source.MEMORY, List.of(slots));
    assertThat(problem(style, noSlot).get("error").asText())
        .isEqualTo("Rate limit exceeded: 4 at a time");
    assertThat(problem(style, CLOSED).has("error")).isFalse();
    assertThat(problem(ResponseStyle.builder(), DENIED).has("error")).isFalse();
  }

  /** The client asks for no more than the limit: it is this instance's share that is too small. */
  @Test
  void point07_shareTooSmall_isReducedCapacityWithoutATime() throws IOException {
    BucketState share = new BucketState("p", Limit.perMinute(3), false, 3, BucketState.UNKNOWN, 0);
    Decision decision = Decision.of(Decision.Source.LOCAL, List.of(share));
    Verdict.Reject reject = ResponseStyle.standard().reject(post(), USER, POLICY, decision);
    assertThat(reject.status()).isEqualTo(503);
    assertThat(reject.fields())
        .extracting(HeaderField::name)
        .contains("RateLimit-Policy", "RateLimit")
        .doesNotContain("Retry-After");
    assertThat(reject.fields()).contains(new HeaderField("RateLimit", "\"p\";r=3"));
    JsonNode problem = problem(ResponseStyle.builder(), decision);
    assertThat(problem.get("type").asText()).endsWith("#temporary-reduced-capacity");
    assertThat(problem.get("status").asInt()).isEqualTo(503);
    assertThat(problem.get("detail").asText())
        .isEqualTo("The service takes no such requests at the moment.");
    assertThat(problem.has("retry_after_ms")).isFalse();
  }

  /** A denial without a time is the client's own where nothing is away, and so is never. */
  @Test
  void timeNotKnown_nothingIsAway_isTooManyRequestsWithoutATime() {
    BucketState slots =
        new BucketState("p", Limit.inFlight(3), false, 0, BucketState.UNKNOWN, BucketState.UNKNOWN);
    BucketState never = new BucketState("p", Limit.perMinute(3), false, 3, BucketState.NEVER, 0);
    for (Decision decision :
        List.of(
            Decision.of(Decision.Source.REDIS, List.of(slots)),
            Decision.of(Decision.Source.LOCAL, List.of(slots)),
            Decision.of(Decision.Source.LOCAL, List.of(never)))) {
      Verdict.Reject reject = ResponseStyle.standard().reject(post(), USER, POLICY, decision);
      assertThat(reject.status()).isEqualTo(429);
      assertThat(reject.fields()).extracting(HeaderField::name).doesNotContain("Retry-After");
    }
  }

  @Test
  void point06_fieldSyntax_isThatOfBothVerdicts() {
    ResponseStyle style =
        ResponseStyle.builder()
            .fieldSyntax(FieldSyntax.LEGACY_EPOCH_SECONDS)
            .clock(() -> Instant.ofEpochSecond(100))
            .build();
    HeaderField limit = new HeaderField("X-RateLimit-Limit", "1");
    assertThat(style.reject(post(), USER, POLICY, DENIED).fields())
        .contains(limit, new HeaderField("X-RateLimit-Reset", "106"));
    Decision permitted =
        Decision.of(
            Decision.Source.MEMORY,
            List.of(new BucketState("p", Limit.perMinute(1), true, 0, 0, 60_000_000_000L)));
    assertThat(style.fields(permitted))
        .containsExactly(
            limit,
            new HeaderField("X-RateLimit-Remaining", "0"),
            new HeaderField("X-RateLimit-Reset", "160"));
  }

  @Test
  void rejection_otherStatus_standardBodySaysIt() throws IOException {
    ResponseStyleBuilder style =
        ResponseStyle.builder()
            .rejection((decision, it) -> new Rejection(503, it.contentType(), it.body()));
    assertThat(reject(style, DENIED).status()).isEqualTo(503);
    assertThat(problem(style, DENIED).get("status").asInt()).isEqualTo(503);
    ResponseStyleBuilder teapot =
        ResponseStyle.builder()
            .rejection((decision, it) -> new Rejection(418, it.contentType(), it.body()));
    assertThat(problem(teapot, CLOSED).get("status").asInt()).isEqualTo(418);
  }

  @Test
  void rejection_isGivenTheDecisionAndTheStandardOne() {
    ResponseStyleBuilder style =
        ResponseStyle.builder()
            .rejection(
                (decision, it) ->
                    new Rejection(
                        400, "a/b", decision.deniedBy().get(0).name() + it.status() + it.body()));
    Verdict.Reject reject = reject(style, DENIED);
    assertThat(reject.status()).isEqualTo(400);
    assertThat(reject.body()).startsWith("p429{\"type\":");
    assertThat(reject.fields())
        .containsExactly(
            new HeaderField("Content-Type", "a/b"),
            new HeaderField("Cache-Control", "no-store"),
            new HeaderField("Retry-After", "6"),
            new HeaderField("RateLimit-Policy", "\"p\";q=1;w=60"),
            new HeaderField("RateLimit", "\"p\";r=0;t=6"));
  }

  @Test
  void rejection_withoutContent_hasNoContentType() {
    ResponseStyleBuilder style =
        ResponseStyle.builder().rejection((decision, it) -> new Rejection(429, "", ""));
    assertThat(reject(style, DENIED).fields())
        .extracting(HeaderField::name)
        .containsExactly("Cache-Control", "Retry-After", "RateLimit-Policy", "RateLimit");
  }

  @Test
  void rejection_thatFails_isTheStandardOne_loggedWithoutItsMessage() {
    assertStandardAndLogged(
        (decision, it) -> {
          throw new IllegalStateException("a secret of the request");
        },
        " failed, the standard rejection is sent: java.lang.IllegalStateException at "
            + ResponseStyleTest.class.getName());
  }

  @Test
  @SuppressWarnings("NullAway") // null is what is tested
  void rejection_thatReturnsNull_isTheStandardOne_logged() {
    assertStandardAndLogged(
        (decision, it) -> null, " returned null, the standard rejection is sent");
  }

  private static void assertStandardAndLogged(
      BiFunction<Decision, Rejection, Rejection> function, String logged) {
    try (CapturedLog log = new CapturedLog(ResponseStyle.class)) {
      ResponseStyle style = ResponseStyle.builder().rejection(function).build();
      Verdict.Reject standard = ResponseStyle.standard().reject(post(), USER, POLICY, DENIED);
      assertThat(style.reject(post(), USER, POLICY, DENIED)).isEqualTo(standard);
      assertThat(log.records()).hasSize(1);
      assertThat(log.records().get(0).getMessage())
          .startsWith(function.getClass().getName() + logged)
          .doesNotContain("secret");
      assertThat(log.records().get(0).getThrown()).isNull();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {399, 200, 600, -1})
  void rejection_statusOfNoError_isRefused(int status) {
    assertThatThrownBy(() -> new Rejection(status, "", ""))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("status must be from 400 to 599: " + status);
  }

  @ParameterizedTest
  @ValueSource(strings = {"a/b\r\nX: y", "\u00e9", "\u007f"})
  void rejection_contentTypeThatIsNoField_isRefused(String contentType) {
    assertThatThrownBy(() -> new Rejection(429, contentType, ""))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("contentType must be printable ASCII: \"" + contentType + "\"");
  }

  @Test
  @SuppressWarnings("NullAway") // null is what is tested
  void nulls_nameTheParameter() {
    assertThatNullPointerException()
        .isThrownBy(() -> ResponseStyle.builder().fieldSyntax(null))
        .withMessage("syntax");
    assertThatNullPointerException()
        .isThrownBy(() -> ResponseStyle.builder().problemType(null))
        .withMessage("type");
    assertThatNullPointerException()
        .isThrownBy(() -> ResponseStyle.builder().rejection(null))
        .withMessage("function");
    assertThatNullPointerException()
        .isThrownBy(() -> new Rejection(429, null, ""))
        .withMessage("contentType");
    assertThatNullPointerException()
        .isThrownBy(() -> new Rejection(429, "", null))
        .withMessage("body");
  }

  private static JsonNode problem(ResponseStyleBuilder style, Decision decision)
      throws IOException {
    return JSON.readTree(reject(style, decision).body());
  }

  private static Verdict.Reject reject(ResponseStyleBuilder style, Decision decision) {
    return style.build().reject(post(), USER, POLICY, decision);
  }

  private static RequestView post() {
    return new FakeRequest("POST", "/", Map.of(), "192.0.2.1");
  }
}
