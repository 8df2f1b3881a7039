package dev.penstock.jwt;

import dev.penstock.Identity;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * Tokens whose signature was right, in full: a table of pairs of slots, of which a newcomer takes
 * the one that is over first. At most 16,384 tokens of at most 2048 characters, 34 MB if all were
 * that long.
 *
 * <p>A token counts for itself for a minute, never past its {@code exp}, and only as long as the
 * keys are the ones it was verified with. After that it is still known as one that was right once,
 * until another takes its slot.
 *
 * <p>Tokens are found by the end of their signature, which nobody chooses who cannot sign, and
 * compared in full: no two are taken for each other. Wait-free; of two additions that meet one is
 * lost, and that token is verified once more.
 */
final class RememberedTokens {

  static final long MAX_AGE_MILLIS = 60_000;
  static final int MAX_LENGTH = 2048;

  private static final int SLOTS = 1 << 14;

  /** 192 bits of a signature. */
  private static final int HASHED_CHARACTERS = 32;

  /** A token, and from when to when it counts, in milliseconds since 1970. */
  record Entry(String token, Identity identity, TokenVerifier verifier, long from, long until) {

    /**
     * {@return whether the token needs no verification} A clock that went back to before the last
     * one ends that.
     */
    boolean isCurrent(TokenVerifier current, long now) {
      return verifier == current && from <= now && now < until;
    }
  }

  private final AtomicReferenceArray<@Nullable Entry> slots = new AtomicReferenceArray<>(SLOTS);

  /** {@return what is known of a token, or null} */
  @Nullable Entry find(String token) {
    int slot = slot(token);
    Entry first = slots.get(slot);
    if (first != null && first.token.equals(token)) {
      return first;
    }
    Entry second = slots.get(slot ^ 1);
    return second != null && second.token.equals(token) ? second : null;
  }

  /**
   * Remembers a token that was verified, if it is not too long.
   *
   * @param now when it was verified, in milliseconds since 1970
   * @param expiry its {@code exp}, likewise
   */
  void add(String token, Identity identity, TokenVerifier verifier, long now, long expiry) {
    if (token.length() > MAX_LENGTH) {
      return;
    }
    long until = Math.min(now + MAX_AGE_MILLIS, expiry);
    slots.set(slotFor(token), new Entry(token, identity, verifier, now, until));
  }

  /** Forgets a token whose signature is wrong by the keys of today. */
  void forget(Entry entry) {
    int slot = slot(entry.token);
    if (!slots.compareAndSet(slot, entry, null)) {
      slots.compareAndSet(slot ^ 1, entry, null);
    }
  }

  /** Returns the slot of the token, or of the pair the one that is free or over first. */
  private int slotFor(String token) {
    int slot = slot(token);
    Entry first = slots.get(slot);
    Entry second = slots.get(slot ^ 1);
    if (first == null || first.token.equals(token)) {
      return slot;
    }
    boolean takesSecond =
        second == null || second.token.equals(token) || second.until < first.until;
    return takesSecond ? slot ^ 1 : slot;
  }

  private static int slot(String token) {
    int hash = 0;
    for (int i = Math.max(0, token.length() - HASHED_CHARACTERS); i < token.length(); i++) {
      hash = 31 * hash + token.charAt(i);
    }
    return (hash ^ hash >>> 16) & (SLOTS - 1);
  }
}
