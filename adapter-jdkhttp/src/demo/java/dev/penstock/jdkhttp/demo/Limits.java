package dev.penstock.jdkhttp.demo;

import dev.penstock.Cost;
import dev.penstock.Limit;
import dev.penstock.LimitPolicy;
import dev.penstock.Metered;
import dev.penstock.RateLimiter;
import dev.penstock.config.PenstockConfig;
import dev.penstock.config.ReloadingGate;
import dev.penstock.http.Gate;
import dev.penstock.http.HttpRateLimiter;
import dev.penstock.http.RequestCost;
import dev.penstock.jwt.JwtIdentityResolver;
import dev.penstock.memory.InMemoryRateLimiter;
import dev.penstock.metrics.Metrics;
import dev.penstock.redis.RedisRateLimiter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What limits the demo: the settings, or the policy file that they name.
 *
 * @param gate before the agents
 * @param limiter who decides
 * @param metrics what is counted of it
 */
record Limits(Gate gate, RateLimiter limiter, Metrics metrics) implements AutoCloseable {

  /**
   * Makes the limits.
   *
   * @throws IllegalArgumentException if Redis refuses, or with all the faults of the policy file
   */
  static Limits of(Settings settings) {
    return settings.policyFile().isPresent()
        ? ofFile(settings.policyFile().get(), settings.environment())
        : ofSettings(settings);
  }

  private static Limits ofFile(Path file, Map<String, String> environment) {
    PenstockConfig config = PenstockConfig.load(file, environment);
    RateLimiter limiter = config.limiter();
    Metrics metrics = metrics(limiter, config.tokens());
    ReloadingGate gate = config.reloading(limiter, each -> each.listener(metrics));
    gate.reloadOnHangup();
    return new Limits(gate, limiter, metrics);
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
    Metrics metrics = metrics(limiter, Optional.of(tokens));
    Gate gate =
        HttpRateLimiter.builder(limiter)
            .identity(tokens.orElse(settings.clientAddress()))
            .rule("POST /agents/*/runs", policy(settings), RequestCost.of(Cost.of(1)).watched())
            .listener(metrics)
            .build();
    return new Limits(gate, limiter, metrics);
  }

  private static Metrics metrics(RateLimiter limiter, Optional<JwtIdentityResolver> tokens) {
    List<Metered> sources = new ArrayList<>(tokens.stream().toList());
    if (limiter instanceof Metered store) {
      sources.add(store);
    }
    return Metrics.of(sources.toArray(Metered[]::new));
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
