package dev.penstock.http;

import dev.penstock.Decision;
import dev.penstock.DenialLog;
import dev.penstock.Identity;
import dev.penstock.IdentityResolver;
import dev.penstock.LimitPolicy;
import dev.penstock.RateLimitListener;
import dev.penstock.RateLimiter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.ToLongFunction;

/**
 * The way of an HTTP request through a rate limiter: the first rule that matches gives the policy,
 * the resolver gives the identity, the limiter decides, and the verdict says what to answer.
 *
 * <p>A rejection is 429 (RFC 6585 section 4) with {@code Retry-After}, {@code RateLimit}, {@code
 * RateLimit-Policy} and problem details (RFC 9457). A permitted request proceeds with the latter
 * two fields on its response; {@link ResponseStyle} changes both. Where a browser asks across
 * origins ({@code Origin}), a rejection names its fields in {@code Access-Control-Expose-Headers}.
 * While a shared store is away, a limit whose operator turns requests away meanwhile is answered
 * with 503 and {@code Retry-After}, and one whose operator lets them pass without any of these
 * fields. A request that no rule matches, one that is exempt, and a CORS preflight proceed
 * untouched.
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

  private final RateLimiter limiter;
  private final IdentityResolver<RequestView> identities;
  private final Rules rules;
  private final Exemptions exemptions;
  private final ResponseStyle responses;

  private HttpRateLimiter(Builder builder) {
    this.limiter = builder.limiter;
    this.identities = builder.identities;
    this.rules = new Rules(builder.rules);
    this.exemptions = builder.exemptions;
    this.responses = builder.responses;
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
    List<Rule.Charge> charges = rules.charges(request);
    if (charges.isEmpty() || isPreflight(request) || exemptions.exempt(request)) {
      return Verdict.Proceed.UNMATCHED;
    }
    Identity identity = identities.resolve(request).orElseThrow();
    if (exemptions.exempt(identity)) {
      return Verdict.Proceed.UNMATCHED;
    }
    Decision decision = take(charges, identity);
    return decision.permitted()
        ? responses.proceed(identity, decision)
        : responses.reject(request, identity, decision);
  }

  /** Takes one charge after the other up to the first denial, and returns the last decision. */
  private Decision take(List<Rule.Charge> charges, Identity identity) {
    Decision decision = take(charges.get(0), identity);
    for (int i = 1; i < charges.size() && decision.permitted(); i++) {
      decision = take(charges.get(i), identity);
    }
    return decision;
  }

  private Decision take(Rule.Charge charge, Identity identity) {
    return limiter.tryAcquire(identity, charge.policy(), charge.cost());
  }

  /** A preflight (WHATWG Fetch, section 4.8) that fails would reach the page as a network error. */
  private static boolean isPreflight(RequestView request) {
    return request.method().equals("OPTIONS")
        && !request.headerLines("Origin").isEmpty()
        && !request.headerLines("Access-Control-Request-Method").isEmpty();
  }

  /** Collects the parts of a gate. Not thread-safe. */
  public static final class Builder {

    private final List<Rule> rules = new ArrayList<>();
    private final NamedLimits limits = new NamedLimits();
    private Exemptions exemptions = Exemptions.NONE;
    private RateLimiter limiter;
    private IdentityResolver<RequestView> identities = ClientAddress.ofPeer();
    private ResponseStyle responses = ResponseStyle.standard();

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
     * Adds a rule: a request of this pattern costs one token. Rules and exemptions are tried in the
     * order in which they were added, and the first that matches counts.
     *
     * <p>A target that servers read in different ways, such as {@code /a/..%2Fb}, is charged under
     * the rule of each reading. Where one of them denies it, what those before it took stays taken.
     *
     * @param pattern a method, a space and a path, such as {@code POST /agents/}&#42;{@code /runs},
     *     or a path alone for every method. A {@code *} and a variable such as {@code {agent_id}}
     *     are exactly one segment and never an empty one; a last {@code **} is any number of
     *     segments, none included; a {@code GET} is also for {@code HEAD}.
     * @param policy which buckets are charged, of one limit or of several that are joined; asked
     *     here for a made-up user and a made-up address
     * @return this builder
     * @throws IllegalArgumentException if the pattern is none; if the limiter cannot keep the
     *     policy; or if an earlier rule has a limit of the same name with other numbers
     */
    public Builder rule(String pattern, LimitPolicy policy) {
      return rule(pattern, policy, 1);
    }

    /**
     * Adds a rule: a request of this pattern costs this many tokens.
     *
     * @param pattern as in {@link #rule(String, LimitPolicy)}
     * @param policy as in {@link #rule(String, LimitPolicy)}
     * @param cost tokens, at least 1
     * @return this builder
     * @throws IllegalArgumentException as in {@link #rule(String, LimitPolicy)}, or if the cost is
     *     below 1
     */
    public Builder rule(String pattern, LimitPolicy policy, long cost) {
      if (cost < 1) {
        throw new IllegalArgumentException("cost must be at least 1: " + cost);
      }
      return rule(pattern, policy, request -> cost);
    }

    /**
     * Adds a rule: a request of this pattern costs what the function says.
     *
     * <p>The function is asked for every such request, and returns at once. What it sees is the
     * client's word: a cost that is too high is denied for ever. Where it fails or returns less
     * than 1, the request costs 1, and a line of the log says so.
     *
     * @param pattern as in {@link #rule(String, LimitPolicy)}
     * @param policy as in {@link #rule(String, LimitPolicy)}
     * @param cost gives the tokens that a request costs, at least 1; thread-safe
     * @return this builder
     * @throws IllegalArgumentException as in {@link #rule(String, LimitPolicy)}
     */
    public Builder rule(String pattern, LimitPolicy policy, ToLongFunction<MatchedRequest> cost) {
      Objects.requireNonNull(cost, "cost");
      RequestPattern parsed = RequestPattern.parse(pattern);
      check(policy);
      rules.add(new Rule.Limited(parsed, request -> policy, cost));
      return this;
    }

    /**
     * Adds a rule whose policy the path chooses among these: a request of {@code POST
     * /agents/{agent_id}/runs} goes by the policy of its agent. It costs one token. No name in a
     * path ever makes a bucket of its own.
     *
     * @param pattern as in {@link #rule(String, LimitPolicy)}, with exactly one variable
     * @param policies the policies of some values of the variable
     * @param otherwise the policy of all other values
     * @return this builder
     * @throws IllegalArgumentException as in {@link #rule(String, LimitPolicy)}, or if the pattern
     *     has no variable or several
     */
    public Builder rule(String pattern, Map<String, LimitPolicy> policies, LimitPolicy otherwise) {
      Map<String, LimitPolicy> prepared = Map.copyOf(Objects.requireNonNull(policies, "policies"));
      Objects.requireNonNull(otherwise, "otherwise");
      RequestPattern parsed = RequestPattern.parse(pattern);
      String variable = parsed.onlyVariable();
      prepared.values().forEach(this::check);
      check(otherwise);
      rules.add(
          new Rule.Limited(
              parsed,
              request -> prepared.getOrDefault(request.variable(variable), otherwise),
              request -> 1));
      return this;
    }

    private void check(LimitPolicy policy) {
      limiter.check(policy);
      limits.add(policy);
    }

    /**
     * Exempts the requests of this pattern from the rules that are added after it. A target that
     * servers may read in different ways is not exempt, whatever it matches: such as one with
     * parameters, dot segments, empty segments or an encoded slash.
     *
     * @param pattern as in {@link #rule(String, LimitPolicy)}
     * @return this builder
     * @throws IllegalArgumentException if the pattern is none
     */
    public Builder exempt(String pattern) {
      rules.add(new Rule.Exempt(RequestPattern.parse(pattern)));
      return this;
    }

    /**
     * Exempts the clients of these addresses from every rule.
     *
     * @param clients finds the client's address; behind a proxy, one that trusts the proxy
     * @param cidrs at least one block such as {@code 192.0.2.0/24}. None may hold a trusted proxy,
     *     whose address stands for clients that it does not name.
     * @return this builder
     * @throws IllegalArgumentException if there is no block, or one is malformed or holds an
     *     address that {@code clients} trusts
     */
    public Builder exemptAddresses(ClientAddress clients, String... cidrs) {
      exemptions = exemptions.and(clients, Arrays.asList(cidrs));
      return this;
    }

    /**
     * Exempts the identities of these kinds from every rule.
     *
     * @param kinds at least one; not {@link Identity.Kind#ADDRESS}, which everybody is who sends no
     *     token
     * @return this builder
     * @throws IllegalArgumentException if there is no kind, or one is that of addresses
     */
    public Builder exemptIdentities(Identity.Kind... kinds) {
      exemptions = exemptions.and(Arrays.asList(kinds));
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
     * Says what responses look like.
     *
     * @param style in place of {@link ResponseStyle#standard}
     * @return this builder
     */
    public Builder responses(ResponseStyle style) {
      responses = Objects.requireNonNull(style, "style");
      return this;
    }

    /**
     * {@return the gate}
     *
     * @throws IllegalStateException if there is no rule, or there are only exemptions
     */
    public HttpRateLimiter build() {
      if (rules.stream().noneMatch(Rule.Limited.class::isInstance)) {
        throw new IllegalStateException(
            "rules must not be empty: add one with rule(pattern, policy)");
      }
      return new HttpRateLimiter(this);
    }
  }
}
