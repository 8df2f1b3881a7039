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
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ResponseStyleTest {

  private static final Identity USER = Identity.user("acme", "u1");
  private static final Patience PATIENCE = Patience.least();
  private static final Optional<String> POLICY = Optional.of("p");
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Decision DENIED =
      Decision.of(
          Decision.Source.MEMORY,
          List.of(new BucketState("p", Limit.perMinute(1), false, 0, 6_000_000_000L, 6)));
  private static final Decision NEVER =
      Decision.of(
          Decision.Source.MEMORY,
          List.of(new BucketState("p", Limit.perMinute(1), false, 1, BucketState.NEVER, 0)));
  private static final HeaderField SHOULD_NOT_RETRY = new HeaderField("X-Should-Retry", "false");
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

  @ParameterizedTest
  @CsvSource({"6000, false", "5999, true"})
  void retryHints_sayMillisAndWhoShouldNotTryAgain(long longestMillis, boolean isBeyond) {
    ResponseStyleBuilder style =
        ResponseStyle.builder().retryHints(Duration.ofMillis(longestMillis));
    assertThat(reject(style, DENIED).fields())
        .contains(new HeaderField("Retry-After", "6"), new HeaderField("Retry-After-Ms", "6000"));
    assertThat(reject(style, DENIED).fields().contains(SHOULD_NOT_RETRY)).isEqualTo(isBeyond);
    assertThat(names(reject(ResponseStyle.builder(), DENIED)))
        .doesNotContain("Retry-After-Ms", "X-Should-Retry");
  }

  @Test
  void retryHints_never_isNotToBeTriedAgain_butAnUnknownTimeMay() {
    ResponseStyleBuilder style = ResponseStyle.builder().retryHints(Duration.ofDays(365_000));
    assertThat(reject(style, NEVER).fields()).contains(SHOULD_NOT_RETRY);
    assertThat(names(reject(style, NEVER))).doesNotContain("Retry-After", "Retry-After-Ms");
    BucketState slots = new BucketState("p", Limit.inFlight(4), false, 0, BucketState.UNKNOWN, 0);
    Decision noSlot = Decision.of(Decision.Source.MEMORY, List.of(slots));
    assertThat(names(reject(style, noSlot))).doesNotContain("Retry-After-Ms", "X-Should-Retry");
  }

  /** A float has 24 bits: an hour in it, and a day, must not end before that time. */
  @ParameterizedTest
  @ValueSource(longs = {3_600_001, 86_400_001, 73_728_001})
  void retryHints_millisAsAFloat_areNotTooShort(long millis) {
    long nanos = millis * 1_000_000;
    Decision denied =
        Decision.of(
            Decision.Source.MEMORY,
            List.of(new BucketState("p", Limit.perDay(1), false, 0, nanos, nanos)));
    ResponseStyleBuilder style = ResponseStyle.builder().retryHints(Duration.ofDays(2));
    String told =
        reject(style, denied).fields().stream()
            .filter(field -> field.name().equals("Retry-After-Ms"))
            .findAny()
            .orElseThrow()
            .value();
    assertThat((long) (Float.parseFloat(told) * 1e6f)).isBetween(nanos, nanos + nanos / 500_000);
  }

  /** Node's timers count milliseconds in 31 bits, and end at once beyond. */
  @Test
  void farTime_isToldAsFarAsTimersReach() throws IOException {
    long tenYears = Duration.ofDays(3_650).toNanos();
    Decision far =
        Decision.of(
            Decision.Source.MEMORY,
            List.of(new BucketState("p", Limit.perDay(1), false, 0, tenYears, tenYears)));
    ResponseStyleBuilder style = ResponseStyle.builder().retryHints(Duration.ofDays(1));
    assertThat(reject(style, far).fields())
        .contains(
            new HeaderField("Retry-After", "2147483"),
            new HeaderField("Retry-After-Ms", "2147483000"),
            SHOULD_NOT_RETRY);
    assertThat(problem(style, far).get("retry_after_ms").asLong()).isEqualTo(315_360_000_000L);
  }

  @Test
  void retryHints_acrossOrigins_areReadable() {
    ResponseStyle style = ResponseStyle.builder().retryHints(Duration.ofSeconds(1)).build();
    RequestView page =
        new FakeRequest("POST", "/", Map.of("Origin", List.of("https://app.example")), "192.0.2.1");
    assertThat(style.reject(page, PATIENCE, USER, POLICY, DENIED).fields())
        .filteredOn(field -> field.name().equals("Access-Control-Expose-Headers"))
        .singleElement()
        .satisfies(field -> assertThat(field.value()).contains("Retry-After-Ms", "X-Should-Retry"));
  }

  @ParameterizedTest
  @ValueSource(longs = {0, -1})
  void retryHints_noTime_isRefused(long millis) {
    assertThatThrownBy(() -> ResponseStyle.builder().retryHints(Duration.ofMillis(millis)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("longest must be above zero: " + Duration.ofMillis(millis));
  }

  @Test
  void errorObject_isAMemberOfEveryProblem_withItsDetail() throws IOException {
    ResponseStyleBuilder style = ResponseStyle.builder().slowApiError().errorObject();
    assertError(problem(style, DENIED), "rate_limit_error", "rate_limit_exceeded");
    assertError(problem(style, NEVER), "request_too_large", "request_too_large");
    assertError(problem(style, CLOSED), "overloaded_error", "overloaded");
    Verdict.Reject undecided = style.build().rejectUndecided(post(), PATIENCE, USER, POLICY);
    assertError(JSON.readTree(undecided.body()), "overloaded_error", "overloaded");
    Verdict.Reject invalid =
        style.build().rejectUnverified(post(), PATIENCE, POLICY, "The token expired");
    assertError(JSON.readTree(invalid.body()), "authentication_error", "invalid_token");
    Verdict.Reject ambiguous = style.build().rejectAmbiguous(post(), PATIENCE);
    assertError(JSON.readTree(ambiguous.body()), "invalid_request_error", "ambiguous_path");
  }

  private static void assertError(JsonNode problem, String type, String code) {
    JsonNode error = problem.get("error");
    assertThat(error.get("message").asText()).isEqualTo(problem.get("detail").asText());
    assertThat(error.get("type").asText()).isEqualTo(type);
    assertThat(error.get("code").asText()).isEqualTo(code);
  }

  @ParameterizedTest
  @ValueSource(ints = {413, 422})
  void neverStatus_isThatOfNeverAlone(int status) throws IOException {
    ResponseStyleBuilder style = ResponseStyle.builder().neverStatus(status);
    assertThat(reject(style, NEVER).status()).isEqualTo(status);
    assertThat(problem(style, NEVER).get("status").asInt()).isEqualTo(status);
    assertThat(reject(style, DENIED).status()).isEqualTo(429);
    assertThat(reject(style, CLOSED).status()).isEqualTo(503);
    assertThat(reject(ResponseStyle.builder(), NEVER).status()).isEqualTo(429);
  }

  @ParameterizedTest
  @ValueSource(ints = {429, 400, 0})
  void neverStatus_another_isRefused(int status) {
    assertThatThrownBy(() -> ResponseStyle.builder().neverStatus(status))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("status must be 413 or 422: " + status);
  }

  @ParameterizedTest
  @ValueSource(doubles = {-0.1, 1.1, Double.NaN})
  void spreadRetryAfter_noFraction_isRefused(double fraction) {
    assertThatThrownBy(() -> ResponseStyle.builder().spreadRetryAfter(fraction))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("fraction must be from 0 to 1: " + fraction);
  }

  @Test
  void spreadRetryAfter_isLaterForSome_andTheSameEachTime() throws IOException {
    ResponseStyleBuilder style =
        ResponseStyle.builder().spreadRetryAfter(0.5).retryHints(Duration.ofDays(1));
    Set<Long> told = new TreeSet<>();
    for (int i = 0; i < 100; i++) {
      Identity user = Identity.user("acme", "u" + i);
      Verdict.Reject reject = style.build().reject(post(), PATIENCE, user, POLICY, DENIED);
      assertThat(style.build().reject(post(), PATIENCE, user, POLICY, DENIED)).isEqualTo(reject);
      long millis = JSON.readTree(reject.body()).get("retry_after_ms").asLong();
      assertThat(reject.fields())
          .contains(
              new HeaderField("Retry-After-Ms", Long.toString(millis)),
              new HeaderField("Retry-After", Long.toString((millis + 999) / 1000)),
              new HeaderField("RateLimit", "\"p\";r=0;t=6"));
      told.add(millis);
    }
    assertThat(told).hasSizeGreaterThan(90).allMatch(millis -> millis >= 6_000 && millis < 9_001);
    assertThat(told.stream().mapToLong(millis -> millis / 500).distinct()).hasSize(6);
  }

  /** The client asks for no more than the limit: it is this instance's share that is too small. */
  @Test
  void point07_shareTooSmall_isReducedCapacityWithoutATime() throws IOException {
    BucketState share = new BucketState("p", Limit.perMinute(3), false, 3, BucketState.UNKNOWN, 0);
    Decision decision = Decision.of(Decision.Source.LOCAL, List.of(share));
    Verdict.Reject reject =
        ResponseStyle.standard().reject(post(), PATIENCE, USER, POLICY, decision);
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
      Verdict.Reject reject =
          ResponseStyle.standard().reject(post(), PATIENCE, USER, POLICY, decision);
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
    assertThat(style.reject(post(), PATIENCE, USER, POLICY, DENIED).fields())
        .contains(limit, new HeaderField("X-RateLimit-Reset", "106"));
    Decision permitted =
        Decision.of(
            Decision.Source.MEMORY,
            List.of(new BucketState("p", Limit.perMinute(1), true, 0, 0, 60_000_000_000L)));
    assertThat(style.fields(post(), permitted))
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
      Verdict.Reject standard =
          ResponseStyle.standard().reject(post(), PATIENCE, USER, POLICY, DENIED);
      assertThat(style.reject(post(), PATIENCE, USER, POLICY, DENIED)).isEqualTo(standard);
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
  @ValueSource(
      strings = {
        "a/b\r\nX: y",
        "\u00e9/b",
        "a/\u007f",
        "json",
        "a/",
        "/b",
        "a/b/c",
        "a/b;",
        "a/b; c",
        "a/b;c=",
        "a /b",
        "a/b;c=\"d",
        " a/b"
      })
  void rejection_noMediaType_isRefused(String contentType) {
    assertThatThrownBy(() -> new Rejection(429, contentType, ""))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("contentType must be type/subtype, or empty: \"" + contentType + "\"");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "text/plain",
        "application/problem+json",
        "text/html; charset=utf-8",
        "a/b;c=\"d; e\" ; f=g"
      })
  void rejection_mediaType_isKept(String contentType) {
    assertThat(new Rejection(429, contentType, "").contentType()).isEqualTo(contentType);
  }

  @Test
  void rejection_addsFields_andLosesNoneOfOurs() {
    HeaderField link = new HeaderField("Link", "</limits>; rel=\"help\"");
    ResponseStyleBuilder style =
        ResponseStyle.builder()
            .rejection((decision, it) -> new Rejection(430, "", "", List.of(link)));
    assertThat(names(reject(style, DENIED)))
        .containsExactly("Cache-Control", "Link", "Retry-After", "RateLimit-Policy", "RateLimit");
    ResponseStyleBuilder withProblem =
        ResponseStyle.builder()
            .rejection(
                (decision, it) -> new Rejection(430, it.contentType(), it.body(), List.of(link)));
    assertThat(reject(withProblem, DENIED).fields()).contains(link);
    assertThat(reject(withProblem, DENIED).body()).contains("\"status\":430");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Retry-After", "retry-after", "RETRY-AFTER-MS", "RateLimit", "ratelimit-policy",
        "X-RateLimit-Reset", "x-should-retry", "Cache-Control", "Content-Type", "Content-Length",
        "Transfer-Encoding", "Connection", "Access-Control-Allow-Origin"
      })
  void rejection_fieldThatIsSentAnyway_isRefused(String name) {
    List<HeaderField> fields = List.of(new HeaderField(name, "1"));
    assertThatThrownBy(() -> new Rejection(429, "", "", fields))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("fields must name none that is sent anyway: " + name);
  }

  @ParameterizedTest
  @CsvSource({"'a b', c", "'', c", "a\u00e9, c", "a, '\u00e9'", "a, ' b'", "a, 'b '"})
  void rejection_noField_isRefused(String name, String value) {
    List<HeaderField> fields = List.of(new HeaderField(name, value));
    assertThatThrownBy(() -> new Rejection(429, "", "", fields))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "fields must each be a token and printable ASCII: \"" + name + ": " + value + "\"");
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
    assertThatNullPointerException()
        .isThrownBy(() -> new Rejection(429, "", "", null))
        .withMessage("fields");
    assertThatNullPointerException()
        .isThrownBy(() -> ResponseStyle.builder().retryHints(null))
        .withMessage("longest");
  }

  private static JsonNode problem(ResponseStyleBuilder style, Decision decision)
      throws IOException {
    return JSON.readTree(reject(style, decision).body());
  }

  private static Verdict.Reject reject(ResponseStyleBuilder style, Decision decision) {
    return style.build().reject(post(), PATIENCE, USER, POLICY, decision);
  }

  private static List<String> names(Verdict.Reject reject) {
    return reject.fields().stream().map(HeaderField::name).toList();
  }

  private static RequestView post() {
    return new FakeRequest("POST", "/", Map.of(), "192.0.2.1");
  }
}
