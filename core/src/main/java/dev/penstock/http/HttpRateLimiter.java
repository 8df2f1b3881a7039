package dev.penstock.http;

import dev.penstock.Decision;
import dev.penstock.DenialLog;
import dev.penstock.Identity;
import dev.penstock.IdentityResolver;
import dev.penstock.RateLimiter;
import dev.penstock.UnverifiedIdentityException;
import dev.penstock.base.BoundedLog;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * The way of an HTTP request through a rate limiter: the first rule that matches gives the policy
 * (where servers may read the path in different ways, each rule that may match), the resolver gives
 * the identity, the limiter decides, and the verdict says what to answer.
 *
 * <p>A rejection is 429 (RFC 6585 section 4) with {@code Retry-After}, {@code RateLimit}, {@code
 * RateLimit-Policy} and problem details (RFC 9457). A permitted request proceeds with the latter
 * two fields on its response where no cache hands them to others ({@link SharedCaches}); {@link
 * ResponseStyle} changes both. Where a browser asks across origins ({@code Origin}), a rejection
 * names its fields in {@code Access-Control-Expose-Headers}. While a shared store is away, a limit
 * whose operator rejects requests meanwhile is answered with 503 and {@code Retry-After}, and one
 * whose operator lets them proceed without any of these fields; a cost that only the whole limit
 * can pay, and not an instance's share, with 503 and no {@code Retry-After}, as nobody knows when.
 * A path that servers may read in different ways, and so many that it could be charged in more than
 * 64 ways, is answered with 400. A request that no rule matches, and one that is exempt, proceed
 * untouched. So does a CORS preflight unless a rule is for {@code OPTIONS}, as one for every method
 * is.
 *
 * <p>An identity that cannot be found is charged to the client's address, never unlimited. Where a
 * resolver says {@link UnverifiedIdentityException}, the request is rejected with 401 (RFC 6750
 * section 3) and problem details, and nobody is charged. Every denial is logged as {@link
 * DenialLog} says.
 *
 * <p>Whatever a function of the application's does, the request is answered. Where a policy throws,
 * or names no limits, or a limiter of the application's own throws, that is 503 without {@code
 * Retry-After}, and at most 10 lines a second of the system logger {@code
 * dev.penstock.http.HttpRateLimiter} say why. A resolver that throws knows nobody, a cost function
 * that throws costs its rule's fallback, what a response tells wrongly leaves the estimate charged,
 * and a listener that throws changes nothing. An {@link Error} is no exception to this.
 *
 * <p>What a permitted request has taken is a {@link dev.penstock.Reservation} in its verdict: the
 * application settles it, or the rule does by the response ({@link RequestCost}).
 *
 * <p>Immutable and thread-safe. Servers use it through an adapter; the same gate may serve several.
 *
 * <pre>
 * HttpRateLimiter gate = HttpRateLimiter.builder(InMemoryRateLimiter.create())
 *     .identity(JwtIdentityResolver.hmac(secret).orElse(ClientAddress.trusting("10.0.0.0/8")))
 *     .rule("POST /agents/&#42;/runs", runs)
 *     .build();
 * </pre>
 */
public final class HttpRateLimiter implements Gate {

  private static final String WITHOUT_DETAILS =
      "a decision without details, so a request is answered without fields";

  private final BoundedLog failures = new BoundedLog(HttpRateLimiter.class);
  private final IdentityResolver<RequestView> identities;
  private final Rules rules;
  private final Charges charges;
  private final Exemptions exemptions;
  private final ResponseStyle responses;
  private final PatienceByPeer patience;

  HttpRateLimiter(
      IdentityResolver<RequestView> identities,
      Rules rules,
      Charges charges,
      Exemptions exemptions,
      ResponseStyle responses,
      PatienceByPeer patience) {
    this.identities = identities;
    this.rules = rules;
    this.charges = charges;
    this.exemptions = exemptions;
    this.responses = responses;
    this.patience = patience;
  }

  /**
   * Starts a gate before this limiter.
   *
   * @param limiter who decides
   * @return a builder
   */
  public static HttpRateLimiterBuilder builder(RateLimiter limiter) {
    return new HttpRateLimiterBuilder(limiter);
  }

  @Override
  public Verdict decide(RequestView request) {
    Objects.requireNonNull(request, "request");
    List<Rule.Charge> due = rules.charges(request);
    if (due.isEmpty() || exemptions.exempt(request)) {
      return Verdict.Proceed.unlimited();
    }
    if (due.size() > Rules.MOST_CHARGES) {
      return responses.rejectAmbiguous(request, patience.with(request));
    }
    Optional<String> policy = nameOf(due);
    Identity identity;
    try {
      identity = identities.resolve(request).orElseThrow();
    } catch (UnverifiedIdentityException e) {
      return responses.rejectUnverified(request, patience.with(request), policy, e.reason());
    }
    if (exemptions.exempt(identity)) {
      return Verdict.Proceed.unlimited();
    }
    Paid paid;
    try {
      paid = charges.take(identity, due);
    } catch (Throwable e) { // of the application's, an Error as well: unanswered, it would be lost
      failures.error("no decision, so a request is rejected with 503", e);
      return responses.rejectUndecided(request, patience.with(request), identity, policy);
    }
    Decision decision = paid.decision();
    return decision.permitted()
        ? Verdict.Proceed.of(fields(request, decision), identity, policy, paid)
        : reject(request, identity, policy, decision);
  }

  /** The name of a policy may be the application's, and is for nobody but the application. */
  private Optional<String> nameOf(List<Rule.Charge> due) {
    try {
      return Optional.of(Charges.policyName(due));
    } catch (Throwable e) {
      failures.error("a policy without a name", e);
      return Optional.empty();
    }
  }

  /** The details of a decision may be the application's, too, and are worked out here. */
  private List<HeaderField> fields(RequestView request, Decision decision) {
    try {
      return responses.fields(request, decision);
    } catch (Throwable e) {
      failures.error(WITHOUT_DETAILS, e);
      return List.of();
    }
  }

  private Verdict reject(
      RequestView request, Identity identity, Optional<String> policy, Decision decision) {
    try {
      return responses.reject(request, patience.with(request), identity, policy, decision);
    } catch (Throwable e) {
      failures.error(WITHOUT_DETAILS, e);
      return responses.rejectUndecided(request, patience.with(request), identity, policy);
    }
  }
}
