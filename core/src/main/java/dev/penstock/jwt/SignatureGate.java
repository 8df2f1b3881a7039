package dev.penstock.jwt;

import dev.penstock.Identity;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.function.LongSupplier;

/**
 * Keeps the senders of wrong signatures from the work of checking them, and nobody else.
 *
 * <p>Who is charged where a token is not valid, an address as a rule, has a {@link
 * SignatureBudget}. When that is spent, a token is checked only if it claims a user who was
 * verified before: one of this address by a budget of that user there, one of other addresses by a
 * budget that all such visitors of the address share. So a sender behind a shared address stops
 * others only by name, and only those who are known there, or visitors if it knows one by name.
 *
 * <p>The users that are known are 131,072 numbers, two of each, in a table in which a newer one
 * takes the place of an older: memory is fixed, and who is forgotten is known again with the next
 * right signature.
 */
final class SignatureGate {

  private static final int KNOWN = 1 << 17;

  private final SignatureBudget budget;
  private final SenderDigest digest = new SenderDigest();
  private final AtomicLongArray known = new AtomicLongArray(KNOWN);

  SignatureGate(LongSupplier nanoClock) {
    this.budget = new SignatureBudget(nanoClock);
  }

  /**
   * Charges one check.
   *
   * @param payer who is charged if the token is not valid
   * @param claimed whom the token names
   * @return who was charged, for {@link #right}; empty where nothing must be checked
   */
  OptionalLong enter(Identity payer, Identity claimed) {
    long address = digest.of(payer);
    if (budget.take(address)) {
      return OptionalLong.of(address);
    }
    long user = digest.of(payer, claimed);
    if (isKnown(user)) {
      return take(user);
    }
    return isKnown(digest.of(claimed)) ? take(digest.ofVisitors(payer)) : OptionalLong.empty();
  }

  private OptionalLong take(long sender) {
    return budget.take(sender) ? OptionalLong.of(sender) : OptionalLong.empty();
  }

  /** Gives back what a check has cost, as the signature was right, and knows the user from now. */
  void right(long charged, Identity payer, Identity user) {
    budget.giveBack(charged);
    know(digest.of(payer, user));
    know(digest.of(user));
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
