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
 * verified for the same address before; that user at that address has a budget too. So a sender
 * behind a shared address stops others only by name, and only those who are known there.
 *
 * <p>The users that are known are 65,536 numbers in a table in which a newer one takes the place of
 * an older: memory is fixed, and who is forgotten is known again with the next right signature.
 */
final class SignatureGate {

  private static final int KNOWN = 1 << 16;

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
    return known.get(place(user)) == user && budget.take(user)
        ? OptionalLong.of(user)
        : OptionalLong.empty();
  }

  /** Gives back what a check has cost, as the signature was right, and knows the user from now. */
  void right(long charged, Identity payer, Identity user) {
    budget.giveBack(charged);
    long number = digest.of(payer, user);
    known.set(place(number), number);
  }

  private static int place(long user) {
    return (int) (user >>> 32) & (KNOWN - 1);
  }
}
