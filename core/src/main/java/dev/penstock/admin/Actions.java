package dev.penstock.admin;

import dev.penstock.Ban;
import dev.penstock.Decision;
import dev.penstock.Identity;
import dev.penstock.LimitPolicy;
import dev.penstock.PartitionedLimit;
import dev.penstock.RateLimiter;
import dev.penstock.config.ReloadRefusal;
import dev.penstock.config.ReloadingGate;
import java.io.IOException;
import java.io.InputStream;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What concerns one identity, or changes something. Each is one line of the log, which says who by
 * their address, what, and the kind of the identity; never the identity.
 */
final class Actions {

  private static final Logger LOG = System.getLogger(Admin.class.getName());

  private static final List<String> PEEK = Parameters.withIdentity("policy");
  private static final List<String> RESET = Parameters.withIdentity("policy", "limit");
  private static final List<String> LIFT = Parameters.withIdentity();

  private final RateLimiter limiter;
  private final KnownPolicies policies;

  Actions(RateLimiter limiter, KnownPolicies policies) {
    this.limiter = limiter;
    this.policies = policies;
  }

  /** {@return how the buckets of an identity stand} Takes nothing and creates nothing. */
  JsonWriter peek(String by, InputStream content) throws IOException {
    Parameters given = Parameters.read(content, PEEK);
    ShownPolicy policy = policies.named(given.required("policy"));
    Identity identity = policies.planned(given.identity());
    log("peek: by=" + by + " policy=" + policy.name() + " identity=" + identity.kind());
    Decision decision = limiter.peek(identity, policy.policy());
    return Views.buckets(decision, policies.ban().flatMap(ban -> rest(ban, identity, policy)));
  }

  /** Of whoever is banned, the ban alone denies, and what it says is how long it goes on. */
  private Optional<Duration> rest(Ban ban, Identity identity, ShownPolicy policy) {
    Decision decision = limiter.banning(ban).peek(identity, policy.policy());
    return decision.banned() ? decision.retryAfter() : Optional.empty();
  }

  /** Fills the buckets of a policy, or of one of its limits: also those that others share. */
  JsonWriter reset(String by, InputStream content) throws IOException {
    Parameters given = Parameters.read(content, RESET);
    ShownPolicy policy = policies.named(given.required("policy"));
    Identity identity = policies.planned(given.identity());
    Optional<String> limit = given.optional("limit");
    LimitPolicy filled = limit.map(name -> only(name, identity, policy)).orElseGet(policy::policy);
    log(
        "reset: by="
            + by
            + " policy="
            + policy.name()
            + limit.map(name -> " limit=" + name).orElse("")
            + " identity="
            + identity.kind());
    limiter.reset(identity, filled);
    return done();
  }

  private static LimitPolicy only(String name, Identity identity, ShownPolicy policy) {
    PartitionedLimit[] named =
        policy.policy().limits(identity).stream()
            .filter(limit -> limit.name().equals(name))
            .toArray(PartitionedLimit[]::new);
    if (named.length == 0) {
      throw Refusal.bad("limit must be one of the policy " + policy.name(), name);
    }
    return LimitPolicy.of(name, named);
  }

  /** Lifts a ban, and forgets the denials that led to it. */
  JsonWriter lift(String by, InputStream content) throws IOException {
    Identity identity = Parameters.read(content, LIFT).identity();
    Ban ban = policies.ban().orElseThrow(() -> Refusal.notFound("there are no bans here"));
    log("lift: by=" + by + " identity=" + identity.kind());
    ban.lift(limiter, identity);
    return done();
  }

  /** Reads the policy file again, and says what is wrong with it, if anything is. */
  JsonWriter reload(String by, InputStream content) throws IOException {
    Parameters.read(content, List.of());
    ReloadingGate file =
        policies.file().orElseThrow(() -> Refusal.notFound("no policy file is in force here"));
    log("reload: by=" + by);
    Optional<ReloadRefusal> refusal = file.reload();
    JsonWriter json = new JsonWriter().begin().member("done", refusal.isEmpty());
    json.beginList("faults");
    refusal.ifPresent(why -> why.faults().forEach(json::item));
    return json.endList().end();
  }

  private static JsonWriter done() {
    return new JsonWriter().begin().member("done", true).end();
  }

  /** Not bounded: only whoever has the token writes here. */
  private static void log(String line) {
    LOG.log(Level.INFO, line);
  }
}
