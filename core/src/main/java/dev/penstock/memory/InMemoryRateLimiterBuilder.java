package dev.penstock.memory;

import dev.penstock.Identity;
import dev.penstock.bucket.Buckets;
import dev.penstock.bucket.Rooms;
import java.time.InstantSource;
import java.util.Objects;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** Collects the parts of an {@link InMemoryRateLimiter}. Not thread-safe. */
public final class InMemoryRateLimiterBuilder {

  private int maxBuckets = InMemoryRateLimiter.DEFAULT_MAX_BUCKETS;
  private Rooms rooms = Rooms.standard();
  private @Nullable LongSupplier nanoClock;
  private InstantSource wallClock = InstantSource.system();

  InMemoryRateLimiterBuilder() {}

  /**
   * Sets for how many buckets there is room: one for each identity and limit that is not full, and
   * so at most this many identities; {@link InMemoryRateLimiter#DEFAULT_MAX_BUCKETS} otherwise.
   *
   * @param maxBuckets 1 to 268,435,456; a bucket takes 21 to 32 bytes, taken as buckets come
   * @return this builder
   * @throws IllegalArgumentException if it is out of range
   */
  public InMemoryRateLimiterBuilder maxBuckets(int maxBuckets) {
    this.maxBuckets = InMemoryRateLimiter.requireBound(maxBuckets);
    return this;
  }

  /**
   * Sets how full the limiter may be for a newcomer of this kind to find room; 0.75 for {@link
   * Identity.Kind#ADDRESS} and 1 for the others otherwise. Who finds none shares the overflow
   * bucket of that kind. Set a share below 1 for every kind that a caller can make up: for {@link
   * Identity.Kind#NAMED}, if the application names what nobody has verified.
   *
   * @param kind the kind of the key that a limit charges: under a limit per workspace, a user's is
   *     the workspace, an address's the address
   * @param share 0 to 1, of {@link #maxBuckets}, rounded down to a bucket
   * @return this builder
   * @throws IllegalArgumentException if the share is out of range
   */
  public InMemoryRateLimiterBuilder share(Identity.Kind kind, double share) {
    rooms = rooms.with(kind, share);
    return this;
  }

  /**
   * Sets another clock for token buckets and slots, for tests and simulations; {@link
   * System#nanoTime} otherwise.
   *
   * @param nanoClock nanoseconds from any origin, thread-safe; where it goes back, time stands
   *     still until it has caught up
   * @return this builder
   */
  public InMemoryRateLimiterBuilder clock(LongSupplier nanoClock) {
    this.nanoClock = Objects.requireNonNull(nanoClock, "nanoClock");
    return this;
  }

  /**
   * Sets another clock for {@linkplain dev.penstock.WindowLimit windows}, for tests and
   * simulations; the system's otherwise.
   *
   * @param wallClock the time of day, thread-safe
   * @return this builder
   */
  public InMemoryRateLimiterBuilder wallClock(InstantSource wallClock) {
    this.wallClock = Objects.requireNonNull(wallClock, "wallClock");
    return this;
  }

  /** {@return the limiter} */
  public InMemoryRateLimiter build() {
    return new InMemoryRateLimiter(
        nanoClock == null
            ? Buckets.onSystemClock(maxBuckets, rooms, wallClock)
            : Buckets.onClock(maxBuckets, rooms, nanoClock, wallClock));
  }
}
