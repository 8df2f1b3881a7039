package dev.penstock.redis;

import dev.penstock.Identity;
import dev.penstock.PartitionedLimit;
import dev.penstock.memory.Rooms;
import dev.penstock.redis.KnownBuckets.Known;
import dev.penstock.redis.Ledger.Debt;
import java.util.List;
import java.util.function.LongSupplier;

/** The books of {@link RedisRateLimiter} in the mode {@link FailoverMode#LOCAL}: the real ones. */
final class LedgerBooks implements FleetBooks {

  private record Token(Asked asked, Debt debt) {}

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

  private Question question() {
    return Question.of(limit, USER, KEYS, known);
  }

  @Override
  public Call ask(int epoch) {
    Asked asked = new Asked(clock.getAsLong(), epoch);
    Question question = question();
    ledger.begin(question, 1);
    Debt debt = ledger.debt(USER, question);
    long carried = known.carriedMicros(question.bucket(), asked.at(), epoch);
    return new Call(carried, debt.owedNanos(), debt.reservedNanos(), new Token(asked, debt));
  }

  @Override
  public void answered(Call call, long levelNanos) {
    Token token = (Token) call.token();
    long at = token.asked.at();
    Known said = new Known(at + levelNanos, at, clock.getAsLong(), token.asked.epoch());
    known.remember(question().bucket(), said, at);
    end(token, true);
  }

  @Override
  public void failed(Call call) {
    end((Token) call.token(), false);
  }

  private void end(Token token, boolean charged) {
    ledger.settle(USER, question(), token.debt, charged);
    ledger.end(question(), 1);
  }

  @Override
  public boolean takeAlone() {
    return ledger.decide(USER, List.of(question()), 1, true).permitted();
  }

  @Override
  public boolean owes() {
    Debt debt = ledger.debt(USER, question());
    ledger.settle(USER, question(), debt, false);
    return debt.owedNanos() > 0 || debt.reservedNanos() > 0;
  }
}
