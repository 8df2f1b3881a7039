package dev.penstock.jwt;

import dev.penstock.Identity;
import java.io.IOException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The users that tokens name, found with the least work: a token that was verified within the
 * minute is looked up; one that cannot be valid whatever its signature is refused unverified; and
 * the signatures of others are checked as far as the {@link SignatureGate} lets their sender in.
 */
final class TokenUsers {

  private final TokenVerifiers verifiers;
  private final ClaimRules rules;
  private final InstantSource clock;
  private final SignatureGate gate;
  private final RememberedTokens remembered = new RememberedTokens();
  private final LongAdder signatureChecks = new LongAdder();

  TokenUsers(
      TokenVerifiers verifiers, ClaimRules rules, InstantSource clock, LongSupplier nanoClock) {
    this.verifiers = verifiers;
    this.rules = rules;
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
    Instant time = Instant.ofEpochMilli(now);
    Optional<UnverifiedToken> content = content(token);
    Optional<Identity> user = content.flatMap(read -> rules.identity(read.claims(), time));
    if (user.isEmpty() || !hasKey(verifier, content.get().header())) {
      return Optional.empty();
    }
    boolean right =
        seen == null
            ? isRightAtTheGate(verifier, token, payer.get(), user.get())
            : isRight(verifier, token);
    if (right) {
      Instant expiry = ClaimRules.expiry(content.get().claims()).orElseThrow();
      remembered.add(token, user.get(), verifier, now, expiry.toEpochMilli());
      return user;
    }
    if (seen != null) {
      remembered.forget(seen);
    }
    return Optional.empty();
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

  private boolean isRightAtTheGate(
      TokenVerifier verifier, String token, Optional<Identity> payer, Identity claimed) {
    if (payer.isEmpty()) {
      return isRight(verifier, token);
    }
    OptionalLong charged = gate.enter(payer.get(), claimed);
    if (charged.isEmpty() || !isRight(verifier, token)) {
      return false;
    }
    gate.right(charged.getAsLong(), payer.get(), claimed);
    return true;
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
