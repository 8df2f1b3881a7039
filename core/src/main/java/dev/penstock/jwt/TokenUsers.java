package dev.penstock.jwt;

import dev.penstock.Identity;
import java.io.IOException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;
import java.util.function.LongSupplier;
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
  private final InstantSource clock;
  private final SignatureGate gate;
  private final RememberedTokens remembered = new RememberedTokens();
  private final LongAdder signatureChecks = new LongAdder();
  private final MissingClaims missing;

  TokenUsers(
      TokenVerifiers verifiers, ClaimRules rules, InstantSource clock, LongSupplier nanoClock) {
    this.verifiers = verifiers;
    this.rules = rules;
    this.clock = clock;
    this.gate = new SignatureGate(nanoClock);
    this.missing = new MissingClaims(rules);
  }

  /** {@return how many signatures were checked} */
  long signatureChecks() {
    return signatureChecks.sum();
  }

  /** {@return how many characters the signatures have that can be right, ascending} */
  int[] signatureLengths() {
    return verifiers.current().signatureLengths();
  }

  /** {@return whom a token names that was verified within the minute, or null} */
  @Nullable Identity remembered(String token) {
    RememberedTokens.Entry seen = remembered.find(token);
    return seen != null && seen.isCurrent(verifiers.current(), clock.millis())
        ? seen.identity()
        : null;
  }

  /**
   * Verifies a token, unless it is remembered.
   *
   * @param sender who pays for the check of a wrong signature
   */
  TokenOutcome check(String token, Identity sender) {
    TokenVerifier verifier = verifiers.current();
    long now = clock.millis();
    RememberedTokens.Entry seen = remembered.find(token);
    if (seen == null) {
      return checkNew(token, verifier, now, sender);
    }
    if (seen.isCurrent(verifier, now)) {
      return new TokenOutcome.Verified(seen.identity());
    }
    // It was right once, so nobody pays; once it is wrong, it is as new.
    TokenOutcome outcome = check(token, verifier, now, sender, user -> SignatureGate.FREE);
    if (outcome instanceof TokenOutcome.Refused refused
        && refused.fault() == TokenFault.SIGNATURE) {
      remembered.forget(seen);
    }
    return outcome;
  }

  private TokenOutcome checkNew(String token, TokenVerifier verifier, long now, Identity sender) {
    if (!gate.stops(sender)) {
      return check(token, verifier, now, sender, user -> gate.enter(sender, user));
    }
    // Charged in the name of a user before the token is read as it has to be.
    long[] charged =
        rules
            .user(ClaimedNames.of(token, rules::reads))
            .map(user -> gate.enterAsKnown(sender, user))
            .orElse(SignatureGate.NOBODY);
    return charged == SignatureGate.NOBODY
        ? TokenOutcome.Refused.unread(TokenFault.CHECKS_EXHAUSTED)
        : check(token, verifier, now, sender, user -> charged);
  }

  /**
   * Reads a token, and checks its signature where nothing else is wrong with it.
   *
   * @param now in milliseconds since 1970
   * @param fare charges somebody for the check
   */
  private TokenOutcome check(
      String token,
      TokenVerifier verifier,
      long now,
      Identity sender,
      Function<Identity, long[]> fare) {
    if (token.length() > TokenForm.MAX_LENGTH) {
      return TokenOutcome.Refused.unread(TokenFault.TOO_LONG);
    }
    UnverifiedToken content = content(token);
    if (content == null) {
      return TokenOutcome.Refused.unread(TokenFault.MALFORMED);
    }
    Object alg = content.header().get("alg");
    Optional<TokenFault> fault =
        rules
            .fault(content.claims(), Instant.ofEpochMilli(now))
            .or(() -> fault(verifier, content.header()));
    if (fault.isPresent()) {
      if (missing.explains(fault.get(), content.claims())) {
        sayWhatIsMissing(token, content, verifier, sender);
      }
      return new TokenOutcome.Refused(fault.get(), alg);
    }
    Identity user = rules.user(content.claims()).orElseThrow();
    long[] charged = fare.apply(user);
    if (charged == SignatureGate.NOBODY) {
      return new TokenOutcome.Refused(TokenFault.CHECKS_EXHAUSTED, alg);
    }
    if (!isRight(verifier, token)) {
      return new TokenOutcome.Refused(TokenFault.SIGNATURE, alg);
    }
    gate.right(charged, sender, user);
    Instant expiry = ClaimRules.expiry(content.claims()).orElseThrow();
    remembered.add(token, user, verifier, now, expiry.toEpochMilli());
    missing.say(content.claims());
    return new TokenOutcome.Verified(user);
  }

  /** The names in a token that nobody has signed are not for a log. */
  private void sayWhatIsMissing(
      String token, UnverifiedToken content, TokenVerifier verifier, Identity sender) {
    if (verifier.fault(content.header()).isPresent()) {
      return;
    }
    long[] charged = gate.enter(sender, sender);
    if (charged != SignatureGate.NOBODY && isRight(verifier, token)) {
      gate.putBack(charged);
      missing.say(content.claims());
    }
  }

  private static @Nullable UnverifiedToken content(String token) {
    if (!TokenForm.isCompactJws(token)) {
      return null;
    }
    try {
      return UnverifiedToken.of(token);
    } catch (IOException | RuntimeException e) {
      // Jackson refuses in several ways. All mean one thing.
      return null;
    }
  }

  private Optional<TokenFault> fault(TokenVerifier verifier, Map<?, ?> header) {
    Optional<TokenFault> fault = verifier.fault(header);
    if (fault.equals(Optional.of(TokenFault.UNKNOWN_KEY))) {
      verifiers.keyMissing();
    }
    return fault;
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
