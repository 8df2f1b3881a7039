package com.example;

import dev.penstock.Limit;
import dev.penstock.LimitPolicy;
import dev.penstock.http.ClientAddress;
import dev.penstock.http.Gate;
import dev.penstock.http.HttpRateLimiter;
import dev.penstock.memory.InMemoryRateLimiter;
import jakarta.servlet.FilterConfig;
import java.util.function.Function;

/** The README's maker of the gate of a filter that is declared. */
public final class RunLimits implements Function<FilterConfig, Gate> {
  @Override
  public Gate apply(FilterConfig config) {
    Limit runs = Limit.parse(config.getInitParameter("runs"));
    return HttpRateLimiter.builder(InMemoryRateLimiter.create())
        .identity(ClientAddress.ofPeer())
        .rule("POST /agents/*/runs", LimitPolicy.perIdentity("agent-runs", runs))
        .build();
  }
}
