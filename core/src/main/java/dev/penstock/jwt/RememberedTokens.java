package dev.penstock.jwt;

import dev.penstock.Identity;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * Tokens whose signature was right, in full: a table of pairs of slots, of which a newcomer takes
 * the one that is over first. At most 16,384 tokens, and at most 33,554,432 characters of them: as
 * many tokens as there are slots where they have 2048 characters, a quarter of that where they all
 * have 8192. What is more makes room by leaving, one slot after the other in turn.
 *
 * <p>A token counts for itself for a minute, never past its {@code exp}, and only as long as the
 * keys are the ones it was verified with. After that it is still known as one that was right once,
 * until another takes its slot.
 *
 * <p>Tokens are found by the end of their signature, which nobody chooses who cannot sign, and
 * compared in full: no two are taken for each other. Lock-free; of two additions that meet one is
 * lost, and that token is verified once more.
 *
 * <p>Each change of a slot is one atomic exchange, and whoever made it counts the difference, so
 * the count is right once all are through. Meanwhile there may be one token too many for each
 * thread.
 */
final class RememberedTokens {

  static final long MAX_AGE_MILLIS = 60_000;

  /** The most characters that are remembered in all; one byte each. */
  static final int MAX_CHARACTERS = 1 << 25;

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
  private final AtomicInteger characters = new AtomicInteger();

  /** Where the next one leaves that has to; only the low bits count. */
  private final AtomicInteger hand = new AtomicInteger();

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
   * Remembers a token that was verified.
   *
   * @param now when it was verified, in milliseconds since 1970
   * @param expiry its {@code exp}, likewise
   */
  void add(String token, Identity identity, TokenVerifier verifier, long now, long expiry) {
    long until = Math.min(now + MAX_AGE_MILLIS, expiry);
    int slot = slotFor(token);
    replace(slot, new Entry(token, identity, verifier, now, until));
    while (characters.get() > MAX_CHARACTERS) {
      int next = hand.getAndIncrement() & (SLOTS - 1);
      if (next != slot) {
        replace(next, null);
      }
    }
  }

  /** {@return how many characters are remembered} */
  int characters() {
    return characters.get();
  }

  private void replace(int slot, @Nullable Entry entry) {
    int before = length(slots.getAndSet(slot, entry));
    characters.addAndGet(length(entry) - before);
  }

  private static int length(@Nullable Entry entry) {
    return entry == null ? 0 : entry.token.length();
  }

  /** Forgets a token whose signature is wrong by the keys of today. */
  void forget(Entry entry) {
    int slot = slot(entry.token);
    if (slots.compareAndSet(slot, entry, null) || slots.compareAndSet(slot ^ 1, entry, null)) {
      characters.addAndGet(-length(entry));
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
