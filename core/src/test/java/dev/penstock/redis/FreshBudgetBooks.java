package dev.penstock.redis;

import dev.penstock.Identity;
import dev.penstock.LimitPolicy;
import dev.penstock.PartitionedLimit;
import dev.penstock.memory.InMemoryRateLimiter;
import java.util.List;
import java.util.function.LongSupplier;

/**
 * How limiters without books go on: each time Redis goes away, a fresh share in memory, forgotten
 * when it is back.
 */
final class FreshBudgetBooks implements FleetBooks {

  private static final Identity USER = Identity.user("user");
  private static final Call NOTHING_KNOWN = new Call(0, 0, 0, "");

  private final LimitPolicy share;
  private final LongSupplier clock;
  private InMemoryRateLimiter memory;
  private boolean spent;

  FreshBudgetBooks(PartitionedLimit limit, int instances, LongSupplier clock) {
    PartitionedLimit part = new FleetShare(instances).of(limit);
    this.share = who -> List.of(part);
    this.clock = clock;
    this.memory = InMemoryRateLimiter.create(1, clock);
  }

  @Override
  public Call ask(int epoch) {
    return NOTHING_KNOWN;
  }

  @Override
  public void answered(Call call, long levelNanos) {
    if (spent) {
      memory = InMemoryRateLimiter.create(1, clock);
      spent = false;
    }
  }

  @Override
  public void failed(Call call) {}

  @Override
  public boolean takeAlone() {
    boolean permitted = memory.tryAcquire(USER, share).permitted();
    spent |= permitted;
    return permitted;
  }

  @Override
  public boolean owes() {
    return spent;
  }
}
