package dev.penstock.http;

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
   * Adds a rule: a request of this pattern costs one token. Rules and exemptions are tried in the
   * order in which they were added, and the first that matches counts.
   *
   * <p>A path that servers may read in different ways, such as {@code /a/..%2Fb}, is charged under
   * every rule of its method whose fixed segments it contains in their order, and under every
   * policy that such a rule may choose. Equal costs are one decision, all or nothing, where the
   * limiter can join the policies; else what was taken before a denial stays taken.
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
  public HttpRateLimiterBuilder rule(String pattern, LimitPolicy policy, long cost) {
    if (cost < 1) {
      throw new IllegalArgumentException("cost must be at least 1: " + cost);
    }
    return rule(pattern, policy, request -> cost, cost);
  }

  /**
   * Adds a rule: a request of this pattern costs what the function says.
   *
   * <p>The function is asked for every such request, and returns at once. What it sees is the
   * client's word: a cost that is too high is denied for ever. Where it throws anything or returns
   * less than 1, the request costs the fallback, and a line of the log says so. A client that can
   * make the function fail chooses between both costs, so the fallback is no less than what most
   * requests cost; one above a capacity has all such requests denied. Of a path that servers may
   * read in different ways it is asked once for each rule, and cannot know a variable.
   *
   * @param pattern as in {@link #rule(String, LimitPolicy)}
   * @param policy as in {@link #rule(String, LimitPolicy)}
   * @param cost gives the tokens that a request costs, at least 1; thread-safe
   * @param fallback tokens that a request costs whose cost is not known, at least 1
   * @return this builder
   * @throws IllegalArgumentException as in {@link #rule(String, LimitPolicy)}, or if the fallback
   *     is below 1
   */
  public HttpRateLimiterBuilder rule(
      String pattern, LimitPolicy policy, ToLongFunction<MatchedRequest> cost, long fallback) {
    Objects.requireNonNull(cost, "cost");
    if (fallback < 1) {
      throw new IllegalArgumentException("fallback must be at least 1: " + fallback);
    }
    RequestPattern parsed = RequestPattern.parse(pattern);
    check(policy);
    rules.add(new Rule.Limited(parsed, PolicyChoice.only(policy), cost, fallback));
    return this;
  }

  /**
   * Adds a rule whose policy the path chooses among these: a request of {@code POST
   * /agents/{agent_id}/runs} goes by the policy of its agent. It costs one token. No name in a path
   * ever makes a bucket of its own.
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
    Objects.requireNonNull(policies, "policies");
    Objects.requireNonNull(otherwise, "otherwise");
    RequestPattern parsed = RequestPattern.parse(pattern);
    PolicyChoice choice = new PolicyChoice(parsed.onlyVariable(), policies, otherwise);
    choice.all().forEach(this::check);
    rules.add(new Rule.Limited(parsed, choice, request -> 1, 1));
    return this;
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
        responses);
  }
}
