package dev.penstock.http;

import dev.penstock.BucketState;
import dev.penstock.Decision;
import dev.penstock.Identity;
import dev.penstock.TokenBucketLimit;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What the responses of a gate look like: the fields of permitted requests, and the whole of
 * rejections.
 *
 * <p>{@link #standard} is what the standards ask for: {@code RateLimit} fields of draft 10, {@code
 * Retry-After}, and problem details (RFC 9457). A builder changes parts of it; {@code Retry-After},
 * {@code Cache-Control: no-store} and, across origins, {@code Access-Control-Expose-Headers} stay
 * whatever is chosen.
 *
 * <p>Immutable and thread-safe.
 *
 * <pre>{@code
 * ResponseStyle style =
 *     ResponseStyle.builder()
 *         .fieldSyntax(FieldSyntax.LEGACY_EPOCH_SECONDS)
 *         .allowOrigins("https://app.example")
 *         .build();
 * }</pre>
 */
public final class ResponseStyle {

  private static final int BAD_REQUEST = 400;
  private static final int UNAUTHORIZED = 401;
  static final int TOO_MANY_REQUESTS = 429;
  private static final int SERVICE_UNAVAILABLE = 503;
  private static final ResponseStyle STANDARD = builder().build();

  private final FieldSyntax fieldSyntax;
  private final String problemType;
  private final ErrorMember error;
  private final int neverStatus;
  private final double spread;
  private final RetryHints hints;
  private final CrossOrigin crossOrigin;
  private final CustomRejection rejection;
  private final SharedCaches sharedCaches;
  private final InstantSource clock;

  ResponseStyle(
      FieldSyntax fieldSyntax,
      String problemType,
      ErrorMember error,
      int neverStatus,
      double spread,
      RetryHints hints,
      CrossOrigin crossOrigin,
      CustomRejection rejection,
      SharedCaches sharedCaches,
      InstantSource clock) {
    this.fieldSyntax = fieldSyntax;
    this.problemType = problemType;
    this.error = error;
    this.neverStatus = neverStatus;
    this.spread = spread;
    this.hints = hints;
    this.crossOrigin = crossOrigin;
    this.rejection = rejection;
    this.sharedCaches = sharedCaches;
    this.clock = clock;
  }

  /** {@return what the standards ask for} */
  public static ResponseStyle standard() {
    return STANDARD;
  }

  /** {@return a builder that starts from the standard} */
  public static ResponseStyleBuilder builder() {
    return new ResponseStyleBuilder();
  }

  /** Returns the fields of whatever a permitted request is answered. */
  List<HeaderField> fields(RequestView request, Decision decision) {
    return sharedCaches.fields(request, fieldSyntax.fields(decision, clock));
  }

  /** Rejects a request that is denied. */
  Verdict.Reject reject(
      RequestView request,
      Patience patience,
      Identity identity,
      Optional<String> policy,
      Decision decision) {
    RetryAdvice advice = RetryAdvice.of(decision, identity, spread);
    List<HeaderField> sent = new ArrayList<>();
    advice
        .seconds()
        .ifPresent(seconds -> sent.add(new HeaderField("Retry-After", seconds.toString())));
    sent.addAll(hints.fields(advice));
    sent.addAll(fieldSyntax.fields(decision, clock));
    Rejection chosen = chosen(decision, advice);
    return new Verdict.Reject(
        chosen.status(),
        fields(request, chosen, sent),
        chosen.body(),
        patience,
        Optional.of(identity),
        policy,
        Optional.of(decision));
  }

  /** Rejects a request that nobody could decide: nobody knows when to come back, either. */
  Verdict.Reject rejectUndecided(
      RequestView request, Patience patience, Identity identity, Optional<String> policy) {
    String problem = ProblemBody.reducedCapacity(SERVICE_UNAVAILABLE, RetryAdvice.UNKNOWN, error);
    Rejection standard = new Rejection(SERVICE_UNAVAILABLE, ProblemBody.CONTENT_TYPE, problem);
    return new Verdict.Reject(
        SERVICE_UNAVAILABLE,
        fields(request, standard, List.of()),
        problem,
        patience,
        Optional.of(identity),
        policy,
        Optional.empty());
  }

  /** Rejects a request whose bearer token is not valid (RFC 6750 section 3). */
  Verdict.Reject rejectUnverified(
      RequestView request, Patience patience, Optional<String> policy, String reason) {
    HeaderField challenge =
        new HeaderField(
            "WWW-Authenticate",
            "Bearer error=\"invalid_token\", error_description=\"" + reason + "\"");
    Rejection standard =
        new Rejection(
            UNAUTHORIZED,
            ProblemBody.CONTENT_TYPE,
            ProblemBody.unauthorized(UNAUTHORIZED, reason, error));
    return new Verdict.Reject(
        UNAUTHORIZED,
        fields(request, standard, List.of(challenge)),
        standard.body(),
        patience,
        Optional.empty(),
        policy,
        Optional.empty());
  }

  /** Rejects a request of which nobody knows what it is (RFC 9110 section 15.5.1). */
  Verdict.Reject rejectAmbiguous(RequestView request, Patience patience) {
    Rejection standard =
        new Rejection(
            BAD_REQUEST, ProblemBody.CONTENT_TYPE, ProblemBody.ambiguous(BAD_REQUEST, error));
    return new Verdict.Reject(
        BAD_REQUEST,
        fields(request, standard, List.of()),
        standard.body(),
        patience,
        Optional.empty(),
        Optional.empty(),
        Optional.empty());
  }

  private List<HeaderField> fields(RequestView request, Rejection chosen, List<HeaderField> sent) {
    List<HeaderField> fields = new ArrayList<>();
    if (!chosen.contentType().isEmpty()) {
      fields.add(new HeaderField("Content-Type", chosen.contentType()));
    }
    fields.add(new HeaderField("Cache-Control", "no-store"));
    fields.addAll(chosen.fields());
    fields.addAll(sent);
    fields.addAll(crossOrigin.fields(request, sent));
    return fields;
  }

  /** A problem that is left as it is says the status that is sent (RFC 9457 section 3.1.2). */
  private Rejection chosen(Decision decision, RetryAdvice advice) {
    int status = status(decision);
    String problem = problem(status, decision, advice);
    Rejection standard = new Rejection(status, ProblemBody.CONTENT_TYPE, problem);
    Rejection chosen = rejection.apply(decision, standard);
    return chosen.status() != status && chosen.body().equals(problem)
        ? new Rejection(
            chosen.status(),
            chosen.contentType(),
            problem(chosen.status(), decision, advice),
            chosen.fields())
        : chosen;
  }

  private int status(Decision decision) {
    if (isOurs(decision)) {
      return SERVICE_UNAVAILABLE;
    }
    return decision.never() ? neverStatus : TOO_MANY_REQUESTS;
  }

  /**
   * Whether it is the service that falls short, and not the client that asks for too much: the
   * store is away, and nobody decides, or this instance's share can never pay what the limit can.
   */
  private static boolean isOurs(Decision decision) {
    boolean shareTooSmall =
        decision.source() == Decision.Source.LOCAL
            && !decision.never()
            && decision.deniedBy().stream().anyMatch(ResponseStyle::isWithoutTime);
    return decision.source() == Decision.Source.CLOSED || shareTooSmall;
  }

  /** Of a slot it is not known, either, but that is the client's own doing. */
  private static boolean isWithoutTime(BucketState denied) {
    return denied.limit() instanceof TokenBucketLimit && denied.retryAfter().isEmpty();
  }

  private String problem(int status, Decision decision, RetryAdvice advice) {
    if (isOurs(decision)) {
      return ProblemBody.reducedCapacity(status, advice, error);
    }
    return decision.banned()
        ? ProblemBody.abnormalUsage(status, decision, advice, error)
        : ProblemBody.quotaExceeded(problemType, status, decision, advice, error);
  }
}
