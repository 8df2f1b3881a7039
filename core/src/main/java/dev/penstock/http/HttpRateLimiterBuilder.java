package dev.penstock.http;

import dev.penstock.Cost;
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

/** Collects the parts of a {@link HttpRateLimiter}. Not thread-safe. */
public final class HttpRateLimiterBuilder {

  private final List<Rule> rules = new ArrayList<>();
  private final NamedLimits limits = new NamedLimits();
  private Exemptions exemptions = Exemptions.NONE;
  private RateLimiter limiter;
  private IdentityResolver<RequestView> identities = ClientAddress.ofPeer();
  private ResponseStyle responses = ResponseStyle.standard();
  private PatienceByPeer patience = PatienceByPeer.STANDARD;
  private boolean ignoringCase;

  HttpRateLimiterBuilder(RateLimiter limiter) {
    this.limiter = Objects.requireNonNull(limiter, "limiter").listening(new DenialLog());
  }

  /**
   * Says who is charged. Where the resolver cannot tell, or fails, the address of the socket's
   * other end is charged; behind a proxy that is the proxy's, so end the resolver with {@code
   * .orElse(ClientAddress.trusting(...))}. Without this, every request is charged to that address.
   *
   * @param resolver finds the identity of a request
   * @return this builder
   */
  public HttpRateLimiterBuilder identity(IdentityResolver<RequestView> resolver) {
    IdentityResolver<RequestView> chain =
        Objects.requireNonNull(resolver, "resolver").orElse(ClientAddress.ofPeer());
    IdentityResolver<RequestView> guarded =
        request -> chain.resolve(request); // whatever its orElse
    identities = guarded.orElse(ClientAddress.ofPeer());
    return this;
  }

  /**
   * Adds a rule: a request of this pattern costs one request. Rules and exemptions are tried in the
   * order in which they were added, and the first that matches counts.
   *
   * <p>A path that servers may read in different ways, such as {@code /a/..%2Fb}, is charged under
   * every rule of its method whose fixed segments it contains in their order, and under every
   * policy that such a rule may choose, all or nothing. Where these are more than 64 charges that
   * differ, it is rejected with 400.
   *
   * @param pattern a method, a space and a path, such as {@code POST /agents/}&#42;{@code /runs},
   *     or a path alone for every method. A {@code *} and a variable such as {@code {agent_id}} are
   *     exactly one segment and never an empty one; a last {@code **} is any number of segments,
   *     none included; a {@code GET} is also for {@code HEAD}, and each method for any case of it.
   * @param policy which buckets are charged, of one limit or of several that are joined; asked here
   *     for a made-up user and a made-up address, and what it throws then reaches the caller
   * @return this builder
   * @throws IllegalArgumentException if the pattern is none; if the limiter cannot keep the policy,
   *     as one that names no limit, or one twice; or if an earlier rule has a limit of the same
   *     name with other numbers
   */
  public HttpRateLimiterBuilder rule(String pattern, LimitPolicy policy) {
    return rule(pattern, PolicyChoice.only(policy), RequestCost.ONE_REQUEST);
  }

  /**
   * Adds a rule: a request of this pattern costs as much as so many requests.
   *
   * @param pattern as in {@link #rule(String, LimitPolicy)}
   * @param policy as in {@link #rule(String, LimitPolicy)}
   * @param cost requests, at least 1
   * @return this builder
   * @throws IllegalArgumentException as in {@link #rule(String, LimitPolicy)}, if the cost is below
   *     1, or if no limit of the policy counts requests
   */
  public HttpRateLimiterBuilder rule(String pattern, LimitPolicy policy, long cost) {
    return rule(pattern, policy, RequestCost.of(Cost.of(requireRequests("cost", cost))));
  }

  /**
   * Adds a rule: a request of this pattern costs this.
   *
   * @param pattern as in {@link #rule(String, LimitPolicy)}
   * @param policy as in {@link #rule(String, LimitPolicy)}
   * @param cost amounts by unit
   * @return this builder
   * @throws IllegalArgumentException as in {@link #rule(String, LimitPolicy)}, or if the cost names
   *     a unit that no limit of the policy counts
   */
  public HttpRateLimiterBuilder rule(String pattern, LimitPolicy policy, Cost cost) {
    return rule(pattern, policy, RequestCost.of(cost));
  }

  /**
   * Adds a rule: a request of this pattern costs as much as so many requests as the function says,
   * or the fallback; see {@link RequestCost#by}, which does the same for several units.
   *
   * @param pattern as in {@link #rule(String, LimitPolicy)}
   * @param policy as in {@link #rule(String, LimitPolicy)}
   * @param cost gives the requests that a request counts for; one that is less than 1 is not known;
   *     thread-safe
   * @param fallback what a request counts for whose cost is not known, at least 1
   * @return this builder
   * @throws IllegalArgumentException as in {@link #rule(String, LimitPolicy)}, if the fallback is
   *     below 1, or if no limit of the policy counts requests
   */
  public HttpRateLimiterBuilder rule(
      String pattern, LimitPolicy policy, ToLongFunction<MatchedRequest> cost, long fallback) {
    Objects.requireNonNull(cost, "cost");
    requireRequests("fallback", fallback);
    return rule(pattern, policy, RequestCost.ofRequests(cost, fallback));
  }

  /**
   * Adds a rule: a request of this pattern costs what is said here, when it comes and in the end.
   *
   * @param pattern as in {@link #rule(String, LimitPolicy)}
   * @param policy as in {@link #rule(String, LimitPolicy)}
   * @param cost amounts by unit
   * @return this builder
   * @throws IllegalArgumentException as in {@link #rule(String, LimitPolicy)}, or if what is known
   *     of the cost names a unit that no limit of the policy counts
   */
  public HttpRateLimiterBuilder rule(String pattern, LimitPolicy policy, RequestCost cost) {
    return rule(pattern, PolicyChoice.only(policy), Objects.requireNonNull(cost, "cost"));
  }

  /**
   * Adds a rule whose policy the path chooses among these: a request of {@code POST
   * /agents/{agent_id}/runs} goes by the policy of its agent. It costs one request. No name in a
   * path ever makes a bucket of its own.
   *
   * @param pattern as in {@link #rule(String, LimitPolicy)}, with exactly one variable
   * @param policies the policies of some values of the variable
   * @param otherwise the policy of all other values
   * @return this builder
   * @throws IllegalArgumentException as in {@link #rule(String, LimitPolicy)}, or if the pattern
   *     has no variable or several
   */
  public HttpRateLimiterBuilder rule(
      String pattern, Map<String, LimitPolicy> policies, LimitPolicy otherwise) {
    return rule(pattern, policies, otherwise, RequestCost.ONE_REQUEST);
  }

  /**
   * Adds a rule whose policy the path chooses, as {@link #rule(String, Map, LimitPolicy)} does, and
   * whose requests cost what is said here.
   *
   * @param pattern as in {@link #rule(String, LimitPolicy)}, with exactly one variable
   * @param policies the policies of some values of the variable
   * @param otherwise the policy of all other values
   * @param cost amounts by unit
   * @return this builder
   * @throws IllegalArgumentException as in {@link #rule(String, Map, LimitPolicy)}, or if what is
   *     known of the cost names a unit that no limit of one of the policies counts
   */
  public HttpRateLimiterBuilder rule(
      String pattern, Map<String, LimitPolicy> policies, LimitPolicy otherwise, RequestCost cost) {
    Objects.requireNonNull(policies, "policies");
    Objects.requireNonNull(otherwise, "otherwise");
    Objects.requireNonNull(cost, "cost");
    String variable = RequestPattern.parse(pattern).onlyVariable();
    return rule(pattern, new PolicyChoice(variable, policies, otherwise), cost);
  }

  private HttpRateLimiterBuilder rule(String pattern, PolicyChoice policies, RequestCost cost) {
    RequestPattern parsed = RequestPattern.parse(pattern);
    for (LimitPolicy policy : policies.all()) {
      check(policy);
      if (cost != RequestCost.ONE_REQUEST) { // which every policy takes, whatever it counts
        limiter.check(policy, cost.fallback());
      }
      cost.settling().sample().ifPresent(settled -> limiter.check(policy, settled));
    }
    rules.add(new Rule.Limited(parsed, policies, cost));
    return this;
  }

  private static long requireRequests(String parameter, long requests) {
    if (requests < 1) {
      throw new IllegalArgumentException(parameter + " must be at least 1: " + requests);
    }
    return requests;
  }

  private void check(LimitPolicy policy) {
    limiter.check(policy);
    limits.add(policy);
  }

  /**
   * Exempts the requests of this pattern from the rules that are added after it. A path that
   * servers may read in different ways is never exempt: such as one with parameters, dot segments,
   * empty segments or an encoded slash. Nor is a method in another case.
   *
   * @param pattern as in {@link #rule(String, LimitPolicy)}
   * @return this builder
   * @throws IllegalArgumentException if the pattern is none
   */
  public HttpRateLimiterBuilder exempt(String pattern) {
    rules.add(new Rule.Exempt(RequestPattern.parse(pattern)));
    return this;
  }

  /**
   * Lets all patterns ignore the case of letters, for a router that does. Where a variable chooses
   * the policy and its value differs only in case from one that has a policy, both policies are
   * charged: the handler may take them for the same.
   *
   * @return this builder
   */
  public HttpRateLimiterBuilder ignoringCase() {
    ignoringCase = true;
    return this;
  }

  /**
   * Exempts the clients of these addresses from every rule.
   *
   * @param clients finds the client's address; behind a proxy, one that trusts the proxy
   * @param cidrs at least one block such as {@code 192.0.2.0/24}. None may hold a trusted proxy,
   *     whose address stands for clients that it does not name.
   * @return this builder
   * @throws IllegalArgumentException if there is no block, or one is malformed or holds an address
   *     that {@code clients} trusts
   */
  public HttpRateLimiterBuilder exemptAddresses(ClientAddress clients, String... cidrs) {
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
  public HttpRateLimiterBuilder exemptIdentities(Identity.Kind... kinds) {
    exemptions = exemptions.and(Arrays.asList(kinds));
    return this;
  }

  /**
   * Adds a listener that is told of every decision.
   *
   * @param listener who is told
   * @return this builder
   */
  public HttpRateLimiterBuilder listener(RateLimitListener listener) {
    limiter = limiter.listening(listener);
    return this;
  }

  /**
   * Says what responses look like.
   *
   * @param style in place of {@link ResponseStyle#standard}
   * @return this builder
   */
  public HttpRateLimiterBuilder responses(ResponseStyle style) {
    responses = Objects.requireNonNull(style, "style");
    return this;
  }

  /**
   * Says how much is still read of the content of rejected requests, so that a client or a proxy
   * that goes on to send sees the answer.
   *
   * @param patience in place of {@link Patience#standard}
   * @return this builder
   */
  public HttpRateLimiterBuilder patience(Patience patience) {
    this.patience = this.patience.withAll(patience);
    return this;
  }

  /**
   * Says how much is still read of the content of rejected requests that a trusted proxy sends. A
   * proxy reports a failure of its own where the connection closes before it has sent all.
   *
   * @param proxies who is meant: each peer that it trusts
   * @param patience in place of what others get
   * @return this builder
   */
  public HttpRateLimiterBuilder patience(ClientAddress proxies, Patience patience) {
    this.patience = this.patience.withProxies(proxies, patience);
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
    return new HttpRateLimiter(
        identities,
        new Rules(rules, ignoringCase),
        Charges.of(limiter, rules),
        exemptions,
        responses,
        patience);
  }
}
