package dev.penstock;

import dev.penstock.base.BoundedLog;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * A limiter that asks a bucket for bans in every decision, counts denials, and tells of decisions
 * as if it had not asked: but of whoever is banned, of whom it tells nothing else.
 */
final class BanningRateLimiter implements RateLimiter {

  private static final BoundedLog LOG = new BoundedLog(Ban.class);
  private static final int SLOTS = 1 << 8;

  private final RateLimiter limiter;
  private final Ban ban;
  private final Executor counting;

  /**
   * Policies that are the same for everybody, with the ban: of each slot the last one. Races on a
   * slot are benign: it holds a whole pair or null, since a record's fields are final, and a pair
   * that is lost or not seen yet is made once more.
   */
  private final @Nullable Joined[] joined = new Joined[SLOTS];

  /**
   * @param counting runs what counts a denial
   */
  BanningRateLimiter(RateLimiter limiter, Ban ban, Executor counting) {
    this.limiter = limiter;
    this.ban = ban;
    this.counting = counting;
  }

  /** What one request is charged, besides what its policy names. */
  private record WithBan(LimitPolicy policy, List<PartitionedLimit> limits) implements LimitPolicy {

    @Override
    public List<PartitionedLimit> limits(Identity identity) {
      return limits;
    }

    @Override
    public String name() {
      return policy.name();
    }
  }

  private record Joined(PreparedPolicy policy, PreparedPolicy withBan) {}

  private LimitPolicy withBan(Identity identity, LimitPolicy policy) {
    if (policy instanceof PreparedPolicy prepared) {
      return withBan(prepared);
    }
    return new WithBan(policy, withBan(LimiterArguments.requireLimits(identity, policy)));
  }

  @SuppressWarnings("ReferenceEquality") // to compare all that it holds takes longer
  private PreparedPolicy withBan(PreparedPolicy policy) {
    int slot = System.identityHashCode(policy) & (SLOTS - 1);
    Joined known = joined[slot];
    if (known == null || known.policy != policy) {
      known = new Joined(policy, PreparedPolicy.of(policy.name(), withBan(policy.prepared())));
      joined[slot] = known;
    }
    return known.withBan;
  }

  private List<PartitionedLimit> withBan(List<PartitionedLimit> limits) {
    List<PartitionedLimit> all = new ArrayList<>(limits);
    all.add(ban.bans());
    return all;
  }

  @Override
  public Decision tryAcquire(Identity identity, LimitPolicy policy, Cost cost) {
    LimitPolicy all = withBan(identity, policy);
    return counted(identity, all, limiter.tryAcquire(identity, all, cost));
  }

  @Override
  public Reservation reserve(Identity identity, LimitPolicy policy, Cost cost) {
    LimitPolicy all = withBan(identity, policy);
    return told(identity, all, limiter.reserve(identity, all, cost));
  }

  @Override
  public CompletableFuture<Decision> tryAcquireAsync(
      Identity identity, LimitPolicy policy, Cost cost) {
    LimitPolicy all = withBan(identity, policy);
    return LaterStep.of(
        limiter.tryAcquireAsync(identity, all, cost),
        decision -> counted(identity, all, decision),
        failure -> {},
        decision -> {});
  }

  @Override
  public CompletableFuture<Reservation> reserveAsync(
      Identity identity, LimitPolicy policy, Cost cost) {
    LimitPolicy all = withBan(identity, policy);
    return told(identity, all, limiter.reserveAsync(identity, all, cost));
  }

  @Override
  public Reservation acquire(Identity identity, LimitPolicy policy, Cost cost, Duration maxWait)
      throws InterruptedException {
    LimitPolicy all = withBan(identity, policy);
    return told(identity, all, limiter.acquire(identity, all, cost, maxWait));
  }

  @Override
  public CompletableFuture<Reservation> acquireAsync(
      Identity identity, LimitPolicy policy, Cost cost, Duration maxWait) {
    LimitPolicy all = withBan(identity, policy);
    return told(identity, all, limiter.acquireAsync(identity, all, cost, maxWait));
  }

  private Reservation told(Identity identity, LimitPolicy all, Reservation reservation) {
    return new ToldReservation(reservation, counted(identity, all, reservation.decision()));
  }

  private CompletableFuture<Reservation> told(
      Identity identity, LimitPolicy all, CompletableFuture<Reservation> later) {
    return LaterStep.of(
        later, reservation -> told(identity, all, reservation), failure -> {}, LaterStep::putBack);
  }

  @Override
  public Decision peek(Identity identity, LimitPolicy policy, Cost cost) {
    return told(limiter.peek(identity, withBan(identity, policy), cost));
  }

  @Override
  public void reset(Identity identity, LimitPolicy policy) {
    limiter.reset(identity, policy);
  }

  @Override
  public void check(LimitPolicy policy) {
    Objects.requireNonNull(policy, "policy");
    for (LimitPolicy choice : policy.choices().values()) {
      limiter.check(identity -> withBan(identity, choice).limits(identity));
    }
  }

  @Override
  public void check(LimitPolicy policy, Cost cost) {
    limiter.check(policy, cost);
    check(policy);
  }

  private Decision counted(Identity identity, LimitPolicy all, Decision decision) {
    Decision told = told(decision);
    if (!told.permitted() && !told.banned() && isOwnDoing(identity, all.limits(identity), told)) {
      try {
        counting.execute(() -> count(identity));
      } catch (Throwable e) { // of an executor with too much to do, or the application's
        LOG.warn("a denial is not counted", e);
      }
    }
    return told;
  }

  private void count(Identity identity) {
    try {
      if (ban.count(limiter, identity)) {
        LOG.info("banned: identity=" + identity.kind() + " for=" + ban.lasting());
      }
    } catch (Throwable e) { // an Error, too: the denial stands, and is answered
      LOG.warn("a denial is not counted", e);
    }
  }

  private static boolean isOwnDoing(
      Identity identity, List<PartitionedLimit> limits, Decision denial) {
    for (BucketState denied : denial.deniedBy()) {
      for (PartitionedLimit limit : limits) {
        if (limit.name().equals(denied.name())
            && !limit.isShadow()
            && isOwn(identity, limit.partition())
            && !isShareTooSmall(denied)) {
          return true;
        }
      }
    }
    return false;
  }

  /** Whoever is in no workspace has that bucket alone. */
  private static boolean isOwn(Identity identity, Partition partition) {
    return partition == Partition.IDENTITY
        || identity.partitionKey(partition).equals(identity.partitionKey(Partition.IDENTITY));
  }

  /** Of a bucket of tokens the time is not known where only the whole limit could pay. */
  private static boolean isShareTooSmall(BucketState denied) {
    return !(denied.limit() instanceof InFlightLimit)
        && denied.retryAfterNanos() == BucketState.UNKNOWN;
  }

  private Decision told(Decision decision) {
    List<BucketState> all = decision.buckets();
    if (all.isEmpty()) {
      return decision;
    }
    if (!decision.permitted()) {
      List<BucketState> banned = decision.deniedBy().stream().filter(this::isBan).toList();
      if (!banned.isEmpty()) {
        return Decision.of(decision.source(), banned);
      }
    } else if (all.size() == 1 && decision.shadow().isEmpty()) {
      return Decision.open(); // of all others nobody is asked while the store is away
    }
    Decision told = Decision.of(decision.source(), decision.permitted(), () -> withoutBan(all));
    return decision.shadow().map(told::withShadow).orElse(told);
  }

  private List<BucketState> withoutBan(List<BucketState> all) {
    return all.stream().filter(bucket -> !isBan(bucket)).toList();
  }

  private boolean isBan(BucketState bucket) {
    return bucket.name().equals(ban.bans().name());
  }

  /** A reservation that tells of its decision what the limiter does. */
  private record ToldReservation(Reservation reservation, Decision decision)
      implements Reservation {

    @Override
    public boolean holdsSlots() {
      return reservation.holdsSlots();
    }

    @Override
    public void settle(Cost total) {
      reservation.settle(total);
    }

    @Override
    public CompletableFuture<Void> settleAsync(Cost total) {
      return reservation.settleAsync(total);
    }

    @Override
    public void cancel() {
      reservation.cancel();
    }

    @Override
    public void onClientGone(Runnable task) {
      reservation.onClientGone(task);
    }

    @Override
    public void clientGone() {
      reservation.clientGone();
    }

    @Override
    public void close() {
      reservation.close();
    }
  }
}
