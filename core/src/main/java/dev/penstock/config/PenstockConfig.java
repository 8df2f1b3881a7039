package dev.penstock.config;

import dev.penstock.Ban;
import dev.penstock.Identity;
import dev.penstock.RateLimiter;
import dev.penstock.http.Gate;
import dev.penstock.http.HttpRateLimiter;
import dev.penstock.http.HttpRateLimiterBuilder;
import dev.penstock.jwt.JwtIdentityResolver;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/**
 * A policy file: limits, rules, plans and all else that a gate is made of, written by an operator
 * in YAML or JSON. What each member means stands in {@code docs/policy-file.md}.
 *
 * <p>A file is taken as a whole or refused with everything that is wrong in it, each with its
 * place, the value, and what would be right. There is no default that lets more pass: a file
 * without rules, a rule that is never reached, a unit that is misspelled, a file of which the end
 * is missing are refused.
 *
 * <p>Needs {@code com.fasterxml.jackson.core:jackson-core} for JSON, and {@code org.yaml:snakeyaml}
 * for YAML, which {@code jackson-dataformat-yaml} and Spring Boot bring; and what the file asks
 * for: jjwt for {@code jwt}, jedis for {@code redis}. A library that is missing is named.
 *
 * <p>Immutable and thread-safe.
 *
 * <pre>{@code
 * HttpRateLimiter gate = PenstockConfig.load(Path.of("policy.yaml")).gate();
 * }</pre>
 */
public final class PenstockConfig {

  private final GateParts parts;
  private final Supplier<RateLimiter> store;
  private final Path file;
  private final Map<String, String> environment;

  PenstockConfig(
      GateParts parts, Supplier<RateLimiter> store, Path file, Map<String, String> environment) {
    this.parts = parts;
    this.store = store;
    this.file = file;
    this.environment = environment;
  }

  /**
   * Reads a file, and what it refers to in the environment of this process and in other files.
   *
   * @param file a policy file, called {@code .yaml}, {@code .yml} or {@code .json}, of at most 4
   *     MiB
   * @return what it says
   * @throws PolicyFileException with all that is wrong in it, or if it cannot be read
   * @throws IllegalStateException if the library that reads its format is missing
   */
  public static PenstockConfig load(Path file) {
    return load(file, System.getenv());
  }

  /**
   * Reads a file, as {@link #load(Path)} does, with another environment.
   *
   * @param file a policy file
   * @param environment the variables that {@code env:} refers to
   * @return what it says
   * @throws PolicyFileException with all that is wrong in it, or if it cannot be read
   * @throws IllegalStateException if the library that reads its format is missing
   */
  public static PenstockConfig load(Path file, Map<String, String> environment) {
    Objects.requireNonNull(file, "file");
    Map<String, String> variables = Map.copyOf(environment);
    Faults faults = new Faults(file.toString());
    Optional<byte[]> content =
        faults.attempt(Where.FILE, () -> FileContent.read(file, PolicyText.MOST_BYTES));
    faults.refuse();
    return PolicyFile.read(file, content.orElseThrow(), variables);
  }

  /**
   * Reads a file and says what is wrong with it. Nothing is started: no keys are fetched, and Redis
   * is not called.
   *
   * @param file a policy file
   * @return all faults in the order of the file; none where {@link #load(Path)} takes it
   * @throws IllegalStateException if the library that reads its format is missing
   */
  public static List<PolicyFault> check(Path file) {
    try {
      load(file);
      return List.of();
    } catch (PolicyFileException e) {
      return e.faults();
    }
  }

  /**
   * {@return a gate with a limiter of its own} One on Redis lives as long as the process: to close
   * it, make it by {@link #limiter()}.
   *
   * @throws IllegalArgumentException if Redis refuses, as {@code RedisRateLimiterBuilder.build}
   *     says
   */
  public HttpRateLimiter gate() {
    return gate(limiter());
  }

  /**
   * Makes a gate before a limiter, which may be that of an earlier version of the file: its buckets
   * go on.
   *
   * @param limiter who decides
   * @return the gate
   * @throws PolicyFileException if the limiter cannot keep a policy
   */
  public HttpRateLimiter gate(RateLimiter limiter) {
    return builder(limiter).build();
  }

  /**
   * Begins a gate before a limiter, to which an application adds what no file says, such as
   * listeners, or another resolver of identities.
   *
   * @param limiter who decides
   * @return a builder with all that the file says
   * @throws PolicyFileException if the limiter cannot keep a policy
   */
  public HttpRateLimiterBuilder builder(RateLimiter limiter) {
    Objects.requireNonNull(limiter, "limiter");
    Faults faults = new Faults(file.toString());
    HttpRateLimiterBuilder gate = parts.gate(limiter, faults);
    faults.refuse();
    return gate;
  }

  /**
   * {@return a new limiter, in memory or on Redis, as the file says} One on Redis is a {@code
   * RedisRateLimiter}, to be closed.
   *
   * @throws IllegalArgumentException if Redis refuses, as {@code RedisRateLimiterBuilder.build}
   *     says
   */
  public RateLimiter limiter() {
    return store.get();
  }

  /**
   * Watches the file of this, from now on, and goes by what it says: see {@link ReloadingGate}.
   * What is not of a gate is as it was at the start: {@code redis} and {@code maxBuckets}.
   *
   * @param limiter who decides, for as long as the gate lives
   * @param additions adds to each gate what no file says, such as listeners
   * @return the gate, to be closed
   * @throws PolicyFileException if the file is not good any more
   */
  public ReloadingGate reloading(
      RateLimiter limiter, UnaryOperator<HttpRateLimiterBuilder> additions) {
    Objects.requireNonNull(limiter, "limiter");
    Objects.requireNonNull(additions, "additions");
    AtomicReference<PenstockConfig> inForce = new AtomicReference<>(this);
    return ReloadingGate.of(
        file,
        content -> {
          PenstockConfig changed =
              PolicyFile.read(file, content, environment)
                  .reusing(Objects.requireNonNull(inForce.get()));
          Gate gate = additions.apply(changed.builder(limiter)).build();
          inForce.set(changed);
          return gate;
        },
        () -> Optional.of(Objects.requireNonNull(inForce.get())));
  }

  /** {@return a gate that watches the file of this, with a limiter of its own} */
  public ReloadingGate reloading() {
    return reloading(limiter(), gate -> gate);
  }

  /** {@return the resolver of tokens, as for the metrics of it; empty where the file has no jwt} */
  public Optional<JwtIdentityResolver> tokens() {
    return parts.identities().tokens().map(Tokens::resolver);
  }

  /** {@return the policies that rules name, in the order of the file, for whoever shows them} */
  public List<FilePolicy> policies() {
    return parts.policies();
  }

  /** {@return who is banned, and for how long; empty where the file bans nobody} */
  public Optional<Ban> ban() {
    return parts.ban();
  }

  /**
   * {@return the identity with the plan that the file gives it, or else its workspace; as it is
   * where it gives none}
   *
   * @param identity who is charged
   */
  public Identity planned(Identity identity) {
    return parts.plans().planned(Objects.requireNonNull(identity, "identity"));
  }

  /**
   * {@return this file with the resolver of another, where both describe it alike} A changed file
   * then knows the keys that were fetched, and whom they verified.
   */
  PenstockConfig reusing(PenstockConfig earlier) {
    return new PenstockConfig(parts.reusing(earlier.parts), store, file, environment);
  }
}
