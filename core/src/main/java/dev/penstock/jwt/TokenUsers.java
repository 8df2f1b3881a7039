package dev.penstock.jwt;

import dev.penstock.Identity;
import java.io.IOException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The users that tokens name, found with the least work: a token that was verified within the
 * minute is looked up; one that cannot be valid whatever its signature is refused unverified; and
 * the signatures of others are checked as far as the {@link SignatureGate} lets their sender in. Of
 * a sender whom it stops, a token is not even read, but for whom it names.
 */
final class TokenUsers {

  private final TokenVerifiers verifiers;
  private final ClaimRules rules;
  private final Set<String> names;
  private final InstantSource clock;
  private final SignatureGate gate;
  private final RememberedTokens remembered = new RememberedTokens();
  private final LongAdder signatureChecks = new LongAdder();

  TokenUsers(
      TokenVerifiers verifiers, ClaimRules rules, InstantSource clock, LongSupplier nanoClock) {
    this.verifiers = verifiers;
    this.rules = rules;
    this.names = rules.names();
    this.clock = clock;
    this.gate = new SignatureGate(nanoClock);
  }

  /** {@return how many signatures were checked} */
  long signatureChecks() {
    return signatureChecks.sum();
  }

  /**
   * {@return whom a token names, or empty where it is not valid}
   *
   * @param payer finds who is charged if it is not valid; nobody where that is not known, and the
   *     checks are then not limited
   */
  Optional<Identity> user(String token, Supplier<Optional<Identity>> payer) {
    TokenVerifier verifier = verifiers.current();
    long now = clock.millis();
    RememberedTokens.Entry seen = remembered.find(token);
    if (seen != null && seen.isCurrent(verifier, now)) {
      return Optional.of(seen.identity());
    }
    return verified(token, verifier, seen, now, payer);
  }

  /**
   * Verifies a token.
   *
   * @param seen what is remembered of the token, though it does not count now; or null
   * @param now in milliseconds since 1970
   */
  private Optional<Identity> verified(
      String token,
      TokenVerifier verifier,
      RememberedTokens.@Nullable Entry seen,
      long now,
      Supplier<Optional<Identity>> payer) {
    Optional<Identity> sender = seen == null ? payer.get() : Optional.empty();
    boolean stopped = sender.filter(gate::stops).isPresent();
    long[] charged = stopped ? enterUnread(sender.get(), token) : SignatureGate.NOBODY;
    if (stopped && charged.length == 0) {
      return Optional.empty();
    }
    Optional<UnverifiedToken> content = content(token);
    Optional<Identity> user =
        content.flatMap(read -> rules.identity(read.claims(), Instant.ofEpochMilli(now)));
    if (user.isEmpty() || !hasKey(verifier, content.get().header())) {
      return Optional.empty();
    }
    if (sender.isPresent() && !stopped) {
      charged = gate.enter(sender.get(), user.get());
      if (charged.length == 0) {
        return Optional.empty();
      }
    }
    if (!isRight(verifier, token)) {
      if (seen != null) {
        remembered.forget(seen);
      }
      return Optional.empty();
    }
    if (sender.isPresent()) {
      gate.right(charged, sender.get(), user.get());
    }
    Instant expiry = ClaimRules.expiry(content.get().claims()).orElseThrow();
    remembered.add(token, user.get(), verifier, now, expiry.toEpochMilli());
    return user;
  }

  /** Charges a check in the name of a user before the token is read as it has to be. */
  private long[] enterUnread(Identity sender, String token) {
    return rules
        .user(ClaimedNames.of(token, names))
        .map(user -> gate.enterAsKnown(sender, user))
        .orElse(SignatureGate.NOBODY);
  }

  private static Optional<UnverifiedToken> content(String token) {
    if (!TokenForm.isCompactJws(token)) {
      return Optional.empty();
    }
    try {
      return Optional.of(UnverifiedToken.of(token));
    } catch (IOException | RuntimeException e) {
      // Jackson refuses in several ways. All mean one thing.
      return Optional.empty();
    }
  }

  private boolean hasKey(TokenVerifier verifier, Map<?, ?> header) {
    if (verifier.lacksKeyOf(header)) {
      verifiers.keyMissing();
    }
    return verifier.key(header) != null;
  }

  private boolean isRight(TokenVerifier verifier, String token) {
    signatureChecks.increment();
    try {
      verifier.verify(token);
      return true;
    } catch (RuntimeException e) {
      // jjwt and the security providers each refuse in their own ways. All mean one thing.
      return false;
    }
  }
}
