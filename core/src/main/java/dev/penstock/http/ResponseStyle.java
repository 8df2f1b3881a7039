package dev.penstock.http;

import dev.penstock.Decision;
import dev.penstock.Identity;
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

  private static final ResponseStyle STANDARD = builder().build();

  private final QuotaFields quota;
  private final RetryTimes retry;
  private final Problems problems;
  private final CustomRejection rejection;
  private final CrossOrigin crossOrigin;

  ResponseStyle(
      QuotaFields quota,
      RetryTimes retry,
      Problems problems,
      CustomRejection rejection,
      CrossOrigin crossOrigin) {
    this.quota = quota;
    this.retry = retry;
    this.problems = problems;
    this.rejection = rejection;
    this.crossOrigin = crossOrigin;
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
    return quota.ofPermitted(request, decision);
  }

  /** Rejects a request that is denied. */
  Verdict.Reject reject(
      RequestView request,
      Patience patience,
      Identity identity,
      Optional<String> policy,
      Decision decision) {
    RetryAdvice advice = retry.advice(decision, identity);
    List<HeaderField> sent = retry.fields(advice);
    sent.addAll(quota.ofDenied(decision));
    return reject(
        request,
        patience,
        Optional.of(identity),
        policy,
        Optional.of(decision),
        chosen(decision, advice),
        sent);
  }

  /** Rejects a request that nobody could decide: nobody knows when to come back, either. */
  Verdict.Reject rejectUndecided(
      RequestView request, Patience patience, Identity identity, Optional<String> policy) {
    return reject(
        request,
        patience,
        Optional.of(identity),
        policy,
        Optional.empty(),
        problems.undecided(),
        List.of());
  }

  /** Rejects a request whose bearer token is not valid (RFC 6750 section 3). */
  Verdict.Reject rejectUnverified(
      RequestView request, Patience patience, Optional<String> policy, String reason) {
    HeaderField challenge =
        new HeaderField(
            "WWW-Authenticate",
            "Bearer error=\"invalid_token\", error_description=\"" + reason + "\"");
    return reject(
        request,
        patience,
        Optional.empty(),
        policy,
        Optional.empty(),
        problems.unverified(reason),
        List.of(challenge));
  }

  /** Rejects a request of which nobody knows what it is. */
  Verdict.Reject rejectAmbiguous(RequestView request, Patience patience) {
    return reject(
        request,
        patience,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        problems.ambiguous(),
        List.of());
  }

  /**
   * Rejects a request.
   *
   * @param sent what is said beyond what every rejection says
   */
  private Verdict.Reject reject(
      RequestView request,
      Patience patience,
      Optional<Identity> identity,
      Optional<String> policy,
      Optional<Decision> decision,
      Rejection chosen,
      List<HeaderField> sent) {
    List<HeaderField> fields = new ArrayList<>();
    if (!chosen.contentType().isEmpty()) {
      fields.add(new HeaderField("Content-Type", chosen.contentType()));
    }
    fields.add(new HeaderField("Cache-Control", "no-store"));
    fields.addAll(chosen.fields());
    fields.addAll(sent);
    fields.addAll(crossOrigin.fields(request, sent));
    return new Verdict.Reject(
        chosen.status(), fields, chosen.body(), patience, identity, policy, decision);
  }

  /** A problem that is left as it is says the status that is sent (RFC 9457 section 3.1.2). */
  private Rejection chosen(Decision decision, RetryAdvice advice) {
    Rejection standard = problems.denied(decision, advice);
    Rejection chosen = rejection.apply(decision, standard);
    return chosen.status() != standard.status() && chosen.body().equals(standard.body())
        ? new Rejection(
            chosen.status(),
            chosen.contentType(),
            problems.problem(chosen.status(), decision, advice),
            chosen.fields())
        : chosen;
  }
}
