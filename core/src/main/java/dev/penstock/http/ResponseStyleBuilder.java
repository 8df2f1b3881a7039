package dev.penstock.http;

import dev.penstock.Decision;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import java.util.function.BiFunction;

/** Collects the parts of a {@link ResponseStyle}. Not thread-safe. */
public final class ResponseStyleBuilder {

  private static final int CONTENT_TOO_LARGE = 413;
  private static final int UNPROCESSABLE_CONTENT = 422;

  /** Further than any limit tells. */
  private static final Duration FAR = Duration.ofDays(100_000);

  private FieldSyntax fieldSyntax = FieldSyntax.DRAFT_10;
  private String problemType = ProblemType.QUOTA_EXCEEDED.uri();
  private ErrorMember error = ErrorMember.NONE;
  private int neverStatus = Problems.TOO_MANY_REQUESTS;
  private double spread;
  private RetryHints hints = RetryHints.NONE;
  private CrossOrigin crossOrigin = CrossOrigin.UNSAID;
  private CustomRejection rejection = CustomRejection.STANDARD;
  private SharedCaches sharedCaches = SharedCaches.BY_AUTHORIZATION;
  private InstantSource clock = InstantSource.system();

  ResponseStyleBuilder() {}

  /**
   * Sets how responses say what is left.
   *
   * @param syntax in place of {@link FieldSyntax#DRAFT_10}
   * @return this builder
   */
  public ResponseStyleBuilder fieldSyntax(FieldSyntax syntax) {
    fieldSyntax = Objects.requireNonNull(syntax, "syntax");
    return this;
  }

  /**
   * Sets the problem type of 429 (RFC 9457 section 3.1.1), in place of the registered {@code
   * https://iana.org/assignments/http-problem-types#quota-exceeded}. The registered {@code
   * #abnormal-usage-detected} brings its own title; it is that of whoever is {@linkplain
   * Decision#banned banned}, whatever is set here.
   *
   * @param type an absolute URI, or a reference
   * @return this builder
   * @throws IllegalArgumentException if it is no URI
   */
  public ResponseStyleBuilder problemType(String type) {
    Objects.requireNonNull(type, "type");
    try {
      problemType = new URI(type).toString();
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException("type must be a URI: \"" + type + "\"", e);
    }
    return this;
  }

  /**
   * Adds to the problem of 429 the member by which clients of SlowAPI know a rejection: {@code
   * "error":"Rate limit exceeded: 10 per 1 minute"}. In place of {@link #errorObject}.
   *
   * @return this builder
   */
  public ResponseStyleBuilder slowApiError() {
    error = ErrorMember.SLOW_API;
    return this;
  }

  /**
   * Adds to every problem the member that clients of OpenAI and Anthropic show to their users:
   * {@code "error":{"message":...,"type":"rate_limit_error","code":"rate_limit_exceeded"}}, with
   * the problem's {@code detail} as the message. Without it OpenAI's say that there is no body. In
   * place of {@link #slowApiError}.
   *
   * @return this builder
   */
  public ResponseStyleBuilder errorObject() {
    error = ErrorMember.OBJECT;
    return this;
  }

  /**
   * Adds what the SDKs of OpenAI and Anthropic read besides {@code Retry-After}: {@code
   * Retry-After-Ms}, and {@code X-Should-Retry: false} where waiting never helps or takes longer
   * than this. Without the latter some wait in silence for as long as they are told, a day if it is
   * a day, before their user hears of it.
   *
   * @param longest what a client may wait for by itself, above zero
   * @return this builder
   * @throws IllegalArgumentException if it is not above zero
   */
  public ResponseStyleBuilder retryHints(Duration longest) {
    Objects.requireNonNull(longest, "longest");
    if (longest.isNegative() || longest.isZero()) {
      throw new IllegalArgumentException("longest must be above zero: " + longest);
    }
    boolean isFar = longest.compareTo(FAR) > 0;
    hints = new RetryHints(true, isFar ? Long.MAX_VALUE : longest.toNanos());
    return this;
  }

  /**
   * Tells some of those who are denied to come back later than they could, so that many who are
   * denied by one bucket at once do not all come back in the same second: {@code Retry-After} and
   * whatever else says the time is longer by up to this fraction, for each identity by a share of
   * its own that is always the same.
   *
   * @param fraction from 0, which is the standard, to 1
   * @return this builder
   * @throws IllegalArgumentException if it is out of range
   */
  public ResponseStyleBuilder spreadRetryAfter(double fraction) {
    if (!(fraction >= 0 && fraction <= 1)) {
      throw new IllegalArgumentException("fraction must be from 0 to 1: " + fraction);
    }
    spread = fraction;
    return this;
  }

  /**
   * Sets the status of a request that can {@linkplain Decision#never never} pass, in place of 429,
   * which many clients try again: {@code 413 Content Too Large} or {@code 422 Unprocessable
   * Content} (RFC 9110 section 15.5).
   *
   * @param status 413 or 422
   * @return this builder
   * @throws IllegalArgumentException if it is another
   */
  public ResponseStyleBuilder neverStatus(int status) {
    if (status != CONTENT_TOO_LARGE && status != UNPROCESSABLE_CONTENT) {
      throw new IllegalArgumentException("status must be 413 or 422: " + status);
    }
    neverStatus = status;
    return this;
  }

  /**
   * Lets pages of these origins read rejections: {@code Access-Control-Allow-Origin}, in place of
   * one that is there, and {@code Vary: Origin}. Permitted requests are answered by the service,
   * and so by its own rule of origins; a second answer to that question would make browsers refuse
   * both.
   *
   * @param origins each as a browser sends it, such as {@code https://app.example} or {@code
   *     http://localhost:3000}; compared exactly
   * @return this builder
   * @throws IllegalArgumentException if there is none, or one of them is no origin
   */
  public ResponseStyleBuilder allowOrigins(String... origins) {
    crossOrigin = CrossOrigin.of(List.of(origins));
    return this;
  }

  /**
   * Lets pages of every origin read rejections, as {@link #allowOrigins} does for some.
   *
   * @return this builder
   */
  public ResponseStyleBuilder allowAnyOrigin() {
    crossOrigin = CrossOrigin.ANY;
    return this;
  }

  /**
   * Sets another status, content type or content of the rejections of denied requests. Where the
   * function throws anything or returns null, the standard rejection is sent, and at most 10 lines
   * a second of the system logger {@code dev.penstock.http.ResponseStyle} say so. It is not asked
   * where there is no decision: about a 401, or where a policy has failed.
   *
   * @param function is given the decision and the standard rejection, and returns what to send;
   *     called on the threads of requests, several at once
   * @return this builder
   */
  public ResponseStyleBuilder rejection(BiFunction<Decision, Rejection, Rejection> function) {
    rejection = new CustomRejection(Objects.requireNonNull(function, "function"));
    return this;
  }

  /**
   * Sets what permitted responses say where clients share a cache.
   *
   * @param choice in place of {@link SharedCaches#BY_AUTHORIZATION}
   * @return this builder
   */
  public ResponseStyleBuilder sharedCaches(SharedCaches choice) {
    sharedCaches = Objects.requireNonNull(choice, "choice");
    return this;
  }

  ResponseStyleBuilder clock(InstantSource source) {
    clock = source;
    return this;
  }

  /** {@return the style} */
  public ResponseStyle build() {
    return new ResponseStyle(
        new QuotaFields(fieldSyntax, sharedCaches, clock),
        new RetryTimes(spread, hints),
        new Problems(problemType, error, neverStatus),
        rejection,
        crossOrigin);
  }
}
