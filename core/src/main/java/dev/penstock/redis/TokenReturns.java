package dev.penstock.redis;

import dev.penstock.Limit;
import dev.penstock.base.Inside;
import dev.penstock.redis.wire.AskingTime;
import dev.penstock.redis.wire.KnownBuckets;
import dev.penstock.redis.wire.RedisStore;
import dev.penstock.redis.wire.ScriptCall;
import dev.penstock.redis.wire.SharedBucket;

/** Gives leased tokens back to Redis; what it does not take is refilled. Thread-safe. */
final class TokenReturns implements Leases.Returns {

  private final RedisStore store;
  private final KnownBuckets known;

  TokenReturns(RedisStore store, KnownBuckets known) {
    this.store = store;
    this.known = known;
  }

  @Override
  public void giveBack(SharedBucket bucket, long tokens) {
    if (store.isAvailable(bucket)) {
      Limit limit = bucket.limit().limit();
      ScriptCall call = new ScriptCall(ScriptCall.Operation.RETURN);
      call.add(bucket, Math.min(tokens, limit.capacity()) * Inside.nanosPerToken(limit));
      AskingTime asked = new AskingTime(System.nanoTime(), store.epoch());
      store
          .call(call)
          .ifPresent(
              answer -> known.replace(bucket.hash(), asked.known(answer, 0, bucket), asked.at()));
    }
  }
}
