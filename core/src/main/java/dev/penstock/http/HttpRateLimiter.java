package dev.penstock.http;

import dev.penstock.Decision;
import dev.penstock.DenialLog;
import dev.penstock.Identity;
import dev.penstock.IdentityResolver;
import dev.penstock.LimitPolicy;
import dev.penstock.RateLimitListener;
import dev.penstock.RateLimiter;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The way of an HTTP request through a rate limiter: the first rule that matches gives the policy,
 * the resolver gives the identity, the limiter decides, and the verdict says what to answer.
 *
 * <p>A rejection is 429 (RFC 6585 section 4) with {@code Retry-After}, {@code RateLimit}, {@code
 * RateLimit-Policy} and problem details (RFC 9457). A permitted request proceeds with the latter
 * two fields on its response. Where a browser asks across origins ({@code Origin}), a rejection
 * names its fields in {@code Access-Control-Expose-Headers}. While a shared store is away, a limit
 * whose operator turns requests away meanwhile is answered with 503 and {@code Retry-After}, and
 * one whose operator lets them pass without any of these fields. A request that no rule matches,
 * and a CORS preflight, proceeds untouched.
 *
 * <p>An identity that cannot be found is charged to the client's address, never let pass. Every
 * denial is logged as {@link DenialLog} says.
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
public final class HttpRateLimiter {

  private static final int TOO_MANY_REQUESTS = 429;
  private static final int SERVICE_UNAVAILABLE = 503;

  private final RateLimiter limiter;
  private final IdentityResolver<RequestView> identities;
  private final List<Rule> rules;
  private final String problemType;

  private HttpRateLimiter(Builder builder) {
    this.limiter = builder.limiter;
    this.identities = builder.identities;
    this.rules = List.copyOf(builder.rules);
    this.problemType = builder.problemType;
  }

  /**
   * Starts a gate before this limiter.
   *
   * @param limiter who decides
   * @return a builder
   */
  public static Builder builder(RateLimiter limiter) {
    return new Builder(limiter);
  }

  /**
   * Decides one request, and takes its cost where it may pass. To be called once for each request,
   * before anything else is done for it.
   *
   * @param request the request
   * @return what to do with it
   */
  public Verdict decide(RequestView request) {
    Objects.requireNonNull(request, "request");
    Rule rule = firstMatch(request);
    if (rule == null || isPreflight(request)) {
      return Verdict.Proceed.UNMATCHED;
    }
    Identity identity = identities.resolve(request).orElseThrow();
    Decision decision = limiter.tryAcquire(identity, rule.policy(), rule.cost());
    return decision.permitted()
        ? new Verdict.Proceed(RateLimitFields.permitted(decision), Optional.of(identity))
        : reject(request, identity, decision);
  }

  private @Nullable Rule firstMatch(RequestView request) {
    RequestPath path = RequestPath.of(request.target());
    String method = request.method();
    for (Rule rule : rules) {
      if (rule.pattern().matches(method, path)) {
        return rule;
      }
    }
    return null;
  }

  /** A preflight (WHATWG Fetch, section 4.8) that fails would reach the page as a network error. */
  private static boolean isPreflight(RequestView request) {
    return request.method().equals("OPTIONS")
        && !request.headerLines("Origin").isEmpty()
        && !request.headerLines("Access-Control-Request-Method").isEmpty();
  }

  private Verdict reject(RequestView request, Identity identity, Decision decision) {
    List<HeaderField> fields = new ArrayList<>();
    fields.add(new HeaderField("Content-Type", ProblemBody.CONTENT_TYPE));
    fields.add(new HeaderField("Cache-Control", "no-store"));
    fields.addAll(RateLimitFields.denied(decision));
    if (!request.headerLines("Origin").isEmpty()) {
      fields.add(RateLimitFields.EXPOSED);
    }
    boolean storeAway = decision.source() == Decision.Source.CLOSED;
    int status = storeAway ? SERVICE_UNAVAILABLE : TOO_MANY_REQUESTS;
    String body = "";
    if (!request.method().equals("HEAD")) {
      body =
          storeAway
              ? ProblemBody.reducedCapacity(status, decision)
              : ProblemBody.quotaExceeded(problemType, status, decision);
    }
    return new Verdict.Reject(status, fields, body, Optional.of(identity));
  }

  /** Collects the parts of a gate. Not thread-safe. */
  public static final class Builder {

    private final List<Rule> rules = new ArrayList<>();
    private RateLimiter limiter;
    private IdentityResolver<RequestView> identities = ClientAddress.ofPeer();
    private String problemType = ProblemBody.QUOTA_EXCEEDED;

    private Builder(RateLimiter limiter) {
      this.limiter = Objects.requireNonNull(limiter, "limiter").listening(new DenialLog());
    }

    /**
     * Says who is charged. Where the resolver cannot tell, or fails, the address of the socket's
     * other end is charged; behind a proxy that is the proxy's, so end the resolver with {@code
     * .orElse(ClientAddress.trusting(...))}. Without this, every request is charged to that
     * address.
     *
     * @param resolver finds the identity of a request
     * @return this builder
     */
    public Builder identity(IdentityResolver<RequestView> resolver) {
      identities = Objects.requireNonNull(resolver, "resolver").orElse(ClientAddress.ofPeer());
      return this;
    }

    /**
     * Adds a rule: a request of this pattern costs one token. Rules are tried in the order in which
     * they were added, and the first that matches counts.
     *
     * @param pattern a method, a space and a path, such as {@code POST /agents/}&#42;{@code /runs},
     *     or a path alone for every method. A {@code *} is exactly one segment and never an empty
     *     one; a {@code GET} is also for {@code HEAD}.
     * @param policy which buckets are charged
     * @return this builder
     * @throws IllegalArgumentException if the pattern is none
     */
    public Builder rule(String pattern, LimitPolicy policy) {
      return rule(pattern, policy, 1);
    }

    /**
     * Adds a rule: a request of this pattern costs this many tokens.
     *
     * @param pattern as in {@link #rule(String, LimitPolicy)}
     * @param policy which buckets are charged
     * @param cost tokens, at least 1
     * @return this builder
     * @throws IllegalArgumentException if the pattern is none, or the cost is below 1
     */
    public Builder rule(String pattern, LimitPolicy policy, long cost) {
      limiter.check(policy);
      rules.add(new Rule(RequestPattern.parse(pattern), policy, cost));
      return this;
    }

    /**
     * Adds a listener that is told of every decision.
     *
     * @param listener who is told
     * @return this builder
     */
    public Builder listener(RateLimitListener listener) {
      limiter = limiter.listening(listener);
      return this;
    }

    /**
     * Sets the problem type of rejections (RFC 9457 section 3.1.1), in place of the registered
     * {@code https://iana.org/assignments/http-problem-types#quota-exceeded}.
     *
     * @param type an absolute URI, or a reference
     * @return this builder
     * @throws IllegalArgumentException if it is no URI
     */
    public Builder problemType(String type) {
      Objects.requireNonNull(type, "type");
      try {
        problemType = new URI(type).toString();
      } catch (URISyntaxException e) {
        throw new IllegalArgumentException("type must be a URI: \"" + type + "\"", e);
      }
      return this;
    }

    /**
     * {@return the gate}
     *
     * @throws IllegalStateException if there is no rule
     */
    public HttpRateLimiter build() {
      if (rules.isEmpty()) {
        throw new IllegalStateException(
            "rules must not be empty: add one with rule(pattern, policy)");
      }
      return new HttpRateLimiter(this);
    }
  }
}
