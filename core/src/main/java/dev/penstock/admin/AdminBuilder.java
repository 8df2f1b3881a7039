package dev.penstock.admin;

import dev.penstock.Ban;
import dev.penstock.LimitPolicy;
import dev.penstock.RateLimiter;
import dev.penstock.base.OptionalLibrary;
import dev.penstock.config.ReloadingGate;
import dev.penstock.http.ClientAddress;
import dev.penstock.metrics.DeniedIdentities;
import dev.penstock.metrics.Metrics;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.LongSupplier;

/** Builds an {@link Admin}. Not thread-safe; the admin is. */
public final class AdminBuilder {

  private final AdminToken token;
  private final RateLimiter limiter;
  private final Metrics metrics;
  private final List<ShownPolicy> policies = new ArrayList<>();
  private Optional<ReloadingGate> file = Optional.empty();
  private Optional<Ban> ban = Optional.empty();
  private Optional<DeniedIdentities> denied = Optional.empty();
  private ClientAddress clients = ClientAddress.ofPeer();
  private LongSupplier nanoClock = System::nanoTime;
  private InstantSource clock = InstantSource.system();

  AdminBuilder(AdminToken token, RateLimiter limiter, Metrics metrics) {
    OptionalLibrary.JACKSON_CORE.require("Admin");
    this.token = Objects.requireNonNull(token, "token");
    this.limiter = Objects.requireNonNull(limiter, "limiter");
    this.metrics = Objects.requireNonNull(metrics, "metrics");
  }

  /**
   * Shows the policies of a file with their lines, bans by it, and has it reloaded.
   *
   * @param gate the gate that is made of the file
   * @return this builder
   */
  public AdminBuilder file(ReloadingGate gate) {
    file = Optional.of(Objects.requireNonNull(gate, "gate"));
    return this;
  }

  /**
   * Shows a policy that is built in code.
   *
   * @param policy under its {@linkplain LimitPolicy#name name}; asked here for a made-up user, and
   *     what it throws then reaches the caller
   * @return this builder
   * @throws IllegalArgumentException if there is one of this name already
   */
  public AdminBuilder policy(LimitPolicy policy) {
    ShownPolicy shown = ShownPolicy.of(Objects.requireNonNull(policy, "policy"));
    if (policies.stream().anyMatch(other -> other.name().equals(shown.name()))) {
      throw new IllegalArgumentException("policy must have a name of its own: " + shown.name());
    }
    policies.add(shown);
    return this;
  }

  /**
   * Shows bans that are made in code, and lifts them; those of a file are known.
   *
   * @param ban by which the limiter bans
   * @return this builder
   */
  public AdminBuilder ban(Ban ban) {
    this.ban = Optional.of(Objects.requireNonNull(ban, "ban"));
    return this;
  }

  /**
   * Shows who is denied most.
   *
   * @param denied what has listened to the limiter
   * @return this builder
   */
  public AdminBuilder denied(DeniedIdentities denied) {
    this.denied = Optional.of(Objects.requireNonNull(denied, "denied"));
    return this;
  }

  /**
   * Finds the address of whoever administers, by which wrong tokens are counted and actions logged:
   * the socket's other end unless it is said.
   *
   * @param clients one that trusts the proxies before the port
   * @return this builder
   */
  public AdminBuilder clients(ClientAddress clients) {
    this.clients = Objects.requireNonNull(clients, "clients");
    return this;
  }

  AdminBuilder clocks(LongSupplier nanoClock, InstantSource clock) {
    this.nanoClock = nanoClock;
    this.clock = clock;
    return this;
  }

  /** {@return the admin} */
  public Admin build() {
    return new Admin(
        new Guard(token, clients, nanoClock),
        limiter,
        new KnownPolicies(file, List.copyOf(policies), ban),
        metrics,
        denied,
        clock);
  }
}
