package dev.penstock.bucket;

import dev.penstock.Identity;
import dev.penstock.Partition;
import java.util.Arrays;
import java.util.Locale;
import java.util.Objects;

/**
 * How full a bounded store may be for a newcomer of each kind to find room, so that whoever needs
 * no token cannot crowd out those who have one. For whoever writes a store.
 *
 * <p>A newcomer finds room while less than its kind's share of the bound is taken, by whomever: for
 * {@link Identity.Kind#ADDRESS} three quarters, and all of it for the others, unless another share
 * is said. So what kinds of a smaller share take never reaches the rest of the bound, and whoever
 * may have all of it is not kept from what nobody needs.
 *
 * <p>The kind is that of the key which is charged: under a limit per workspace a user's is {@link
 * Identity.Kind#WORKSPACE}, and an address's its own. A bucket that everyone shares is of no kind;
 * callers without a token make it, too, and it finds room up to half of what addresses leave.
 *
 * <p>Immutable and thread-safe.
 */
public final class Rooms {

  /** One for each kind of identity, and one for the buckets that everyone shares. */
  static final int COUNT = 5;

  private static final int EVERYONE = 4;
  private static final long MARK = 0b111;
  private static final Rooms STANDARD = ofWhole().with(Identity.Kind.ADDRESS, 0.75);

  private final double[] shares;

  private Rooms(double[] shares) {
    this.shares = shares;
  }

  /** {@return three quarters for addresses, and the whole for all others} */
  public static Rooms standard() {
    return STANDARD;
  }

  private static Rooms ofWhole() {
    double[] shares = new double[EVERYONE];
    Arrays.fill(shares, 1);
    return new Rooms(shares);
  }

  /**
   * Returns these with another share for one kind.
   *
   * @param kind the kind of the key that is charged
   * @param share 0 to 1, of the bound
   * @return the rooms
   * @throws IllegalArgumentException if the share is out of range
   */
  public Rooms with(Identity.Kind kind, double share) {
    Objects.requireNonNull(kind, "kind");
    if (!(share >= 0 && share <= 1)) {
      throw new IllegalArgumentException("share must be from 0 to 1: " + share);
    }
    double[] changed = shares.clone();
    changed[room(kind)] = share;
    return new Rooms(changed);
  }

  /**
   * {@return the hash with the kind of what it stands for in its last three bits, for a store that
   * knows entries by their hashes alone}
   *
   * @param hash of a bucket
   * @param identity whose bucket
   * @param partition by which of its keys
   */
  public static long mark(long hash, Identity identity, Partition partition) {
    return (hash & ~MARK) | room(identity, partition);
  }

  /**
   * {@return how many entries may be held, by whomever, for one more to find room, rounded down}
   *
   * @param marked what {@link #mark} has returned
   * @param bound how many entries there may be at all
   */
  public int most(long marked, int bound) {
    return most((int) (marked & MARK), bound);
  }

  int most(int room, int bound) {
    return room == EVERYONE
        ? bound - (bound - most(room(Identity.Kind.ADDRESS), bound)) / 2
        : (int) (shares[room] * bound);
  }

  /** Returns the room of the bucket that a limit of this partition charges, below the count. */
  static int room(Identity identity, Partition partition) {
    return switch (partition) {
      case IDENTITY -> room(identity.kind());
      case WORKSPACE ->
          room(identity.workspace().isPresent() ? Identity.Kind.WORKSPACE : identity.kind());
      case EVERYONE -> EVERYONE;
    };
  }

  /** Returns what a room is called: the kind of those who charge it. */
  static String name(int room) {
    for (Identity.Kind kind : Identity.Kind.values()) {
      if (room(kind) == room) {
        return kind.name().toLowerCase(Locale.ROOT);
      }
    }
    return "everyone";
  }

  static int room(Identity.Kind kind) {
    return switch (kind) {
      case USER -> 0;
      case WORKSPACE -> 1;
      case ADDRESS -> 2;
      case NAMED -> 3;
    };
  }
}
