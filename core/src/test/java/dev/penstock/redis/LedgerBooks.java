package dev.penstock.redis;

import dev.penstock.Cost;
import dev.penstock.FailoverMode;
import dev.penstock.Identity;
import dev.penstock.PartitionedLimit;
import dev.penstock.base.Inside;
import dev.penstock.bucket.Rooms;
import dev.penstock.redis.Ledger.Debt;
import dev.penstock.redis.wire.AskingTime;
import dev.penstock.redis.wire.KnownBuckets;
import dev.penstock.redis.wire.KnownLevel;
import dev.penstock.redis.wire.RedisKeys;
import dev.penstock.redis.wire.SharedBucket;
import java.util.List;
import java.util.function.LongSupplier;

/** The books of {@link RedisRateLimiter} in the mode {@link FailoverMode#LOCAL}: the real ones. */
final class LedgerBooks implements FleetBooks {

  private record Token(AskingTime asked, Debt debt) {}

  private static final Identity USER = Identity.user("user");
  private static final RedisKeys KEYS = new RedisKeys("test", false);

  private final PartitionedLimit limit;
  private final LongSupplier clock;
  private final KnownBuckets known = new KnownBuckets(1, Rooms.standard());
  private final Ledger ledger;

  LedgerBooks(PartitionedLimit limit, int instances, LongSupplier clock) {
    this.limit = limit;
    this.clock = clock;
    this.ledger = new Ledger(known, new FleetShare(instances), 1, Rooms.standard(), clock);
  }

  private SharedBucket bucket() {
    return SharedBucket.of(limit, USER, KEYS, known);
  }

  @Override
  public Call ask(int epoch) {
    AskingTime asked = new AskingTime(clock.getAsLong(), epoch);
    SharedBucket bucket = bucket();
    ledger.begin(bucket, 1);
    Debt debt = ledger.debt(bucket);
    long carried = known.carriedMicros(bucket.hash(), limit.limit(), asked.at(), epoch);
    return new Call(carried, debt.owedNanos(), debt.reservedNanos(), new Token(asked, debt));
  }

  @Override
  public void answered(Call call, long levelNanos) {
    Token token = (Token) call.token();
    long at = token.asked.at();
    KnownLevel said =
        new KnownLevel(
            at + levelNanos,
            Inside.nanosToFill(limit.limit()),
            at,
            clock.getAsLong(),
            token.asked.epoch());
    known.remember(bucket().hash(), said, at);
    end(token, true);
  }

  @Override
  public void failed(Call call) {
    end((Token) call.token(), false);
  }

  private void end(Token token, boolean charged) {
    ledger.settle(bucket(), token.debt, charged);
    ledger.end(bucket(), 1);
  }

  @Override
  public boolean takeAlone() {
    return ledger.decide(List.of(bucket()), Cost.of(1), true).permitted();
  }

  @Override
  public boolean owes() {
    Debt debt = ledger.debt(bucket());
    ledger.settle(bucket(), debt, false);
    return debt.owedNanos() > 0 || debt.reservedNanos() > 0;
  }
}
