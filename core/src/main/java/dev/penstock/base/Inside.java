package dev.penstock.base;

import org.jspecify.annotations.Nullable;

/** Reads what the words of {@code dev.penstock} show to this library alone. */
public final class Inside {

  private Inside() {}

  /**
   * {@return a 64-bit hash of an identity under a secret of this process: nobody outside can choose
   * identities whose hashes are the same, and two that differ have the same with a probability of
   * 2^-64}
   *
   * @param identity who
   */
  public static long hash(IdentityHashes identity) {
    return identity.own;
  }

  /**
   * {@return the hash of an identity's workspace; its own where it is in none}
   *
   * @param identity who
   */
  public static long workspaceHash(IdentityHashes identity) {
    return identity.ofWorkspace;
  }

  /**
   * {@return a 64-bit hash of the limit's name under a secret of this process}
   *
   * @param limit the limit with its name
   */
  public static long nameHash(NumberedName limit) {
    return limit.nameHash;
  }

  /**
   * {@return the emission interval: the nanoseconds in which one token is gained, at least 1,
   * rounded up}
   *
   * @param limit the numbers of a bucket
   */
  public static long nanosPerToken(RefillNanos limit) {
    return limit.nanosPerToken;
  }

  /**
   * {@return the nanoseconds in which an empty bucket becomes full, at most ten years}
   *
   * @param limit the numbers of a bucket
   */
  public static long nanosToFill(RefillNanos limit) {
    return limit.nanosToFill;
  }

  /**
   * {@return the nanoseconds in which a bucket that owes all it may becomes empty; with the time to
   * fill at most ten years}
   *
   * @param limit the numbers of a bucket
   */
  public static long nanosOfOverdraft(RefillNanos limit) {
    return limit.nanosOfOverdraft;
  }

  /**
   * {@return the windows in which what is taken counts; null of every other kind of limit}
   *
   * @param limit the numbers of a bucket
   */
  public static @Nullable Windows windows(RefillNanos limit) {
    return limit.windows;
  }

  /**
   * {@return whether it is one of the limits that a ban is made of: whoever has no bucket of it
   * shares none with others, and each instance keeps the whole of it where a store is away}
   *
   * @param limit the limit with its name
   */
  public static boolean isBan(NumberedName limit) {
    return limit.kind == NumberedName.BAN;
  }

  /**
   * {@return the number of the time to fill under which buckets of this limit are written, 0 to 7}
   *
   * @param limit the limit with its name
   */
  public static int number(NumberedName limit) {
    return limit.number;
  }

  /**
   * {@return the same number if it stands for this limit's own time to fill, and 8, which no word
   * bears, if it is borrowed from another}
   *
   * @param limit the limit with its name
   */
  public static int ownNumber(NumberedName limit) {
    return limit.ownNumber;
  }

  /**
   * Says that a bucket is written which is so far from full. Its number is kept for as long at
   * least where that is farther than the limit says.
   *
   * @param limit the limit with its name
   * @param nanos until the bucket is full
   */
  public static void written(NumberedName limit, long nanos) {
    if (nanos > limit.lifeNanos) {
      limit.numbers.keep(limit.number, nanos);
    }
  }

  /**
   * {@return the time to fill for which a number stands among limits of this name, in nanoseconds}
   *
   * @param limit the limit with its name
   * @param number 0 to 7, that a word bears
   */
  public static long fill(NumberedName limit, int number) {
    return limit.numbers.fill(number);
  }
}
