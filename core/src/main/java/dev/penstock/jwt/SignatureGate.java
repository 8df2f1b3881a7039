package dev.penstock.jwt;

import dev.penstock.Identity;
import dev.penstock.Limit;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.function.LongSupplier;

/**
 * Keeps the senders of wrong signatures from the work of checking them, and nobody else.
 *
 * <p>The sender of a token, an address, has a {@link SignatureBudget}. When that is spent, a token
 * is checked only if it claims a user who was verified before: one of this address by a budget of
 * that user there, and by one that all such users of the address share; one of other addresses by a
 * budget that all such visitors share. So a sender behind a shared address stops others only by
 * name; and whatever names it knows, the wrong signatures of one address are bounded.
 *
 * <p>The users that are known are 131,072 numbers, two of each, in a table in which a newer one
 * takes the place of an older: memory is fixed, and who is forgotten is known again with the next
 * right signature.
 */
final class SignatureGate {

  static final Limit AT_ONCE = SignatureBudget.limit(30);
  static final Limit AT_ONCE_OF_VISITORS = SignatureBudget.limit(20);
  static final Limit AT_ONCE_OF_A_USER = SignatureBudget.limit(10);
  static final Limit AT_ONCE_OF_USERS = SignatureBudget.limit(30);

  /** Who was charged where nothing must be checked: this array itself. */
  static final long[] NOBODY = {};

  /** Who was charged where a check costs nothing. */
  static final long[] FREE = {};

  private static final int KNOWN = 1 << 17;

  private final SignatureBudget budget;
  private final SenderDigest digest = new SenderDigest();
  private final AtomicLongArray known = new AtomicLongArray(KNOWN);

  SignatureGate(LongSupplier nanoClock) {
    this.budget = new SignatureBudget(nanoClock);
  }

  /** {@return whether the tokens of this sender are checked only for users who are known} */
  boolean stops(Identity sender) {
    return budget.isSpent(digest.of(sender), AT_ONCE);
  }

  /**
   * Charges one check.
   *
   * @param sender who is charged if the token is not valid
   * @param claimed whom the token names
   * @return who was charged, for {@link #right}; {@link #NOBODY} where nothing must be checked
   */
  long[] enter(Identity sender, Identity claimed) {
    long address = digest.of(sender);
    return budget.take(address, AT_ONCE) ? new long[] {address} : enterAsKnown(sender, claimed);
  }

  /** Likewise, without the sender's own budget. */
  long[] enterAsKnown(Identity sender, Identity claimed) {
    long user = digest.of(sender, claimed);
    if (isKnown(user)) {
      return takeOfUser(user, digest.ofUsers(sender));
    }
    return isKnown(digest.of(claimed)) ? takeOfVisitors(digest.ofVisitors(sender)) : NOBODY;
  }

  private long[] takeOfUser(long user, long users) {
    if (!budget.take(user, AT_ONCE_OF_A_USER)) {
      return NOBODY;
    }
    if (!budget.take(users, AT_ONCE_OF_USERS)) {
      budget.putBack(user);
      return NOBODY;
    }
    return new long[] {user, users};
  }

  private long[] takeOfVisitors(long visitors) {
    return budget.take(visitors, AT_ONCE_OF_VISITORS) ? new long[] {visitors} : NOBODY;
  }

  /** Gives back what a check has cost, as the signature was right, and knows the user from now. */
  void right(long[] charged, Identity sender, Identity user) {
    putBack(charged);
    know(digest.of(sender, user));
    know(digest.of(user));
  }

  /** Gives back what a check has cost. */
  void putBack(long[] charged) {
    for (long number : charged) {
      budget.putBack(number);
    }
  }

  private void know(long user) {
    known.set(place(user), user);
  }

  private boolean isKnown(long user) {
    return known.get(place(user)) == user;
  }

  private static int place(long user) {
    return (int) (user >>> 32) & (KNOWN - 1);
  }
}
