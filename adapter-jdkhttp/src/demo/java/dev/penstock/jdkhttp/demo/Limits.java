package dev.penstock.jdkhttp.demo;

import dev.penstock.Cost;
import dev.penstock.Limit;
import dev.penstock.LimitPolicy;
import dev.penstock.Metered;
import dev.penstock.MetricFamily;
import dev.penstock.RateLimiter;
import dev.penstock.admin.Admin;
import dev.penstock.admin.AdminBuilder;
import dev.penstock.admin.AdminToken;
import dev.penstock.config.PenstockConfig;
import dev.penstock.config.ReloadingGate;
import dev.penstock.http.Gate;
import dev.penstock.http.HttpRateLimiter;
import dev.penstock.http.HttpRateLimiterBuilder;
import dev.penstock.http.RequestCost;
import dev.penstock.jwt.JwtIdentityResolver;
import dev.penstock.memory.InMemoryRateLimiter;
import dev.penstock.metrics.DeniedIdentities;
import dev.penstock.metrics.Metrics;
import dev.penstock.redis.RedisRateLimiter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What limits the demo: the settings, or the policy file that they name.
 *
 * @param gate before the agents
 * @param limiter who decides
 * @param metrics what is counted of it
 * @param policy what the settings limit; empty where a file does
 * @param denied who is denied most, where there is somebody to show it to
 */
record Limits(
    Gate gate,
    RateLimiter limiter,
    Metrics metrics,
    Optional<LimitPolicy> policy,
    Optional<DeniedIdentities> denied)
    implements AutoCloseable {

  private static final int MOST_DENIED = 100;

  /**
   * Makes the limits.
   *
   * @throws IllegalArgumentException if Redis refuses or the policy file does not know it, or with
   *     all the faults of the policy file
   */
  static Limits of(Settings settings) {
    return settings.policyFile().isPresent()
        ? ofFile(settings.policyFile().get(), settings)
        : ofSettings(settings);
  }

  private static Limits ofFile(Path file, Settings settings) {
    PenstockConfig config = PenstockConfig.load(file, settings.environment());
    RateLimiter limiter = config.limiter();
    if (settings.redisUrl().isPresent() && !(limiter instanceof RedisRateLimiter)) {
      throw new IllegalArgumentException(
          "REDIS_URL must not be set where POLICY_FILE names no Redis, as by redis: {url:"
              + " env:REDIS_URL}: "
              + file);
    }
    InForce inForce = new InForce();
    Metrics metrics = metrics(limiter, inForce);
    Optional<DeniedIdentities> denied = denied(settings);
    ReloadingGate gate = config.reloading(limiter, each -> listened(each, metrics, denied));
    inForce.gate = gate;
    gate.reloadOnHangup();
    return new Limits(gate, limiter, metrics, Optional.empty(), denied);
  }

  private static Limits ofSettings(Settings settings) {
    RateLimiter limiter =
        settings
            .redisUrl()
            .<RateLimiter>map(Limits::connect)
            .orElseGet(InMemoryRateLimiter::create);
    JwtIdentityResolver tokens =
        JwtIdentityResolver.builder()
            .hmac(settings.secret().getEncoded())
            .reservedPrefixes("sa:", "__scheduler__", "__oauth__:")
            .senders(settings.clientAddress())
            .build();
    Metrics metrics = metrics(limiter, tokens);
    Optional<DeniedIdentities> denied = denied(settings);
    LimitPolicy policy = policy(settings);
    HttpRateLimiterBuilder gate =
        HttpRateLimiter.builder(limiter)
            .identity(tokens.orElse(settings.clientAddress()))
            .rule("POST /agents/*/runs", policy, RequestCost.of(Cost.of(1)).watched());
    return new Limits(
        listened(gate, metrics, denied).build(), limiter, metrics, Optional.of(policy), denied);
  }

  private static Optional<DeniedIdentities> denied(Settings settings) {
    return settings.admin().map(port -> DeniedIdentities.byName(MOST_DENIED));
  }

  private static HttpRateLimiterBuilder listened(
      HttpRateLimiterBuilder gate, Metrics metrics, Optional<DeniedIdentities> denied) {
    gate.listener(metrics);
    denied.ifPresent(gate::listener);
    return gate;
  }

  /** {@return what whoever has this token sees of the limits, and may do to them} */
  Admin admin(AdminToken token) {
    AdminBuilder admin = Admin.builder(token, limiter, metrics);
    if (gate instanceof ReloadingGate file) {
      admin.file(file);
    }
    policy.ifPresent(admin::policy);
    denied.ifPresent(admin::denied);
    return admin.build();
  }

  /** The numbers of a gate that follows a file, and of whoever reads tokens for it by now. */
  private static final class InForce implements Metered {

    private volatile @Nullable ReloadingGate gate;

    @Override
    public List<MetricFamily> metrics() {
      ReloadingGate present = gate;
      if (present == null) {
        return List.of();
      }
      List<MetricFamily> all = new ArrayList<>(present.metrics());
      present
          .config()
          .flatMap(PenstockConfig::tokens)
          .ifPresent(tokens -> all.addAll(tokens.metrics()));
      return all;
    }
  }

  private static Metrics metrics(RateLimiter limiter, Metered others) {
    return limiter instanceof Metered store ? Metrics.of(others, store) : Metrics.of(others);
  }

  private static RedisRateLimiter connect(String url) {
    try {
      return RedisRateLimiter.builder(url).build();
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("REDIS_URL cannot be used: " + e.getMessage(), e);
    }
  }

  private static LimitPolicy policy(Settings settings) {
    LimitPolicy policy =
        LimitPolicy.perIdentity("agent-runs", settings.limits().toArray(new Limit[0]));
    if (settings.inFlight().isPresent()) {
      policy = policy.and(LimitPolicy.perIdentity("in-flight", settings.inFlight().get()));
    }
    if (settings.modelTokens().isPresent()) {
      policy =
          policy.and(
              LimitPolicy.perWorkspace(AgentHandler.MODEL_TOKENS, settings.modelTokens().get()));
    }
    return policy;
  }

  @Override
  public void close() {
    if (gate instanceof ReloadingGate reloading) {
      reloading.close();
    }
    if (limiter instanceof RedisRateLimiter redis) {
      redis.close();
    }
  }
}
