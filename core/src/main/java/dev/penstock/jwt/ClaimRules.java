package dev.penstock.jwt;

import dev.penstock.Identity;
import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What the claims of a token must be, and whom they name. Pure: the time is a parameter.
 *
 * <p>A claim that is {@code null} counts as absent.
 *
 * @param issuer what {@code iss} must be, or null for anything
 * @param audience what {@code aud} must be or contain, or null for anything
 * @param clockSkew how far the issuer's clock may be off in either direction
 * @param workspaceClaim the claim that names the workspace
 * @param userClaims the claims that name the user; the first that is there counts
 * @param reservedPrefixes how the names begin that no user has
 */
record ClaimRules(
    @Nullable String issuer,
    @Nullable String audience,
    Duration clockSkew,
    String workspaceClaim,
    List<String> userClaims,
    List<String> reservedPrefixes) {

  /** The longest name that a claim may give, in UTF-16 code units. */
  static final int MAX_NAME_LENGTH = 256;

  /** The end of the year 9999, in seconds since 1970: no clock is asked about a later time. */
  private static final double MAX_SECONDS = 253_402_300_799.0;

  ClaimRules {
    userClaims = List.copyOf(userClaims);
    reservedPrefixes = List.copyOf(reservedPrefixes);
  }

  /** {@return which rule claims break, or empty where they name a user} */
  Optional<TokenFault> fault(Map<?, ?> claims, Instant now) {
    return faultOfTime(claims, now)
        .or(() -> isFromIssuer(claims) ? Optional.empty() : Optional.of(TokenFault.ISSUER))
        .or(() -> isForAudience(claims) ? Optional.empty() : Optional.of(TokenFault.AUDIENCE))
        .or(() -> faultOfNames(claims));
  }

  /** {@return the time that {@code exp} names, or empty where it names none} */
  static Optional<Instant> expiry(Map<?, ?> claims) {
    return time(claims.get("exp"));
  }

  /** RFC 7519, sections 4.1.4 and 4.1.5, and {@code exp} is required. */
  private Optional<TokenFault> faultOfTime(Map<?, ?> claims, Instant now) {
    Optional<Instant> end = expiry(claims);
    Object nbf = claims.get("nbf");
    Optional<Instant> start = time(nbf);
    if (end.isEmpty() || (nbf != null && start.isEmpty())) {
      return Optional.of(TokenFault.CLAIMS);
    }
    if (!end.get().isAfter(now.minus(clockSkew))) {
      return Optional.of(TokenFault.EXPIRED);
    }
    return start.filter(now.plus(clockSkew)::isBefore).map(late -> TokenFault.NOT_YET_VALID);
  }

  private boolean isFromIssuer(Map<?, ?> claims) {
    return issuer == null || issuer.equals(claims.get("iss"));
  }

  /** RFC 7519, section 4.1.3: one text, or a list of them. */
  private boolean isForAudience(Map<?, ?> claims) {
    Object aud = claims.get("aud");
    return audience == null
        || audience.equals(aud)
        || (aud instanceof List<?> audiences && audiences.contains(audience));
  }

  /** {@return the claims that say whom a token names} */
  Set<String> names() {
    return Stream.concat(Stream.of("sub", "iss", workspaceClaim), userClaims.stream())
        .collect(Collectors.toUnmodifiableSet());
  }

  private Optional<TokenFault> faultOfNames(Map<?, ?> claims) {
    if (subject(claims).isEmpty()) {
      return Optional.of(TokenFault.CLAIMS);
    }
    return user(claims).isPresent() ? Optional.empty() : Optional.of(TokenFault.RESERVED_NAME);
  }

  /** {@return whom claims name, current and meant for here or not; or empty where nobody} */
  Optional<Identity> user(Map<?, ?> claims) {
    return subject(claims)
        .filter(user -> !isReserved(user))
        .filter(user -> name(claims.get("sub")).filter(this::isReserved).isEmpty())
        .map(
            user -> Identity.user(text(claims.get("iss")), name(claims.get(workspaceClaim)), user));
  }

  /**
   * Returns the user's name, reserved or not. A claim that could name someone must be a name even
   * where another claim is the one used.
   */
  private Optional<String> subject(Map<?, ?> claims) {
    if (!isNameOrNone(claims.get("sub"))
        || !isNameOrNone(claims.get(workspaceClaim))
        || !isTextOrNone(claims.get("iss"))) {
      return Optional.empty();
    }
    Optional<String> user = Optional.empty();
    for (String userClaim : userClaims) {
      Object value = claims.get(userClaim);
      if (!isNameOrNone(value)) {
        return Optional.empty();
      }
      user = user.or(() -> name(value));
    }
    return user;
  }

  /**
   * Reads a NumericDate (RFC 7519, section 2), which may have a fraction. Whole seconds are exact
   * in a double; of a fraction, a tenth of a millisecond is.
   */
  private static Optional<Instant> time(@Nullable Object value) {
    if (!(value instanceof Number number)) {
      return Optional.empty();
    }
    double seconds = number.doubleValue();
    if (!(seconds >= 0 && seconds <= MAX_SECONDS)) {
      return Optional.empty();
    }
    long whole = (long) seconds;
    return Optional.of(Instant.ofEpochSecond(whole, (long) ((seconds - whole) * 1e9)));
  }

  /** Returns a text as it is, and a JSON integer as it is written: 12345 is the name "12345". */
  private static Optional<String> name(@Nullable Object value) {
    return isInteger(value) ? Optional.of(String.valueOf(value)) : text(value);
  }

  /** Returns the text as it is: a name with spaces around it is another name. */
  private static Optional<String> text(@Nullable Object value) {
    return value instanceof String text && !text.isBlank() ? Optional.of(text) : Optional.empty();
  }

  private static boolean isNameOrNone(@Nullable Object value) {
    return isInteger(value) ? isText(String.valueOf(value)) : isTextOrNone(value);
  }

  private static boolean isTextOrNone(@Nullable Object value) {
    return value == null || (value instanceof String text && isText(text));
  }

  private static boolean isInteger(@Nullable Object value) {
    return value instanceof Integer || value instanceof Long || value instanceof BigInteger;
  }

  /**
   * {@return whether a text is short enough and has only characters that a name may have} U+FFFD is
   * refused since it is what a decoder makes of all bytes that are not UTF-8: different names would
   * become one.
   */
  static boolean isText(String text) {
    if (text.length() > MAX_NAME_LENGTH) {
      return false;
    }
    int c;
    for (int i = 0; i < text.length(); i += Character.charCount(c)) {
      c = text.codePointAt(i);
      if (Character.isISOControl(c) || Character.getType(c) == Character.SURROGATE || c == 0xFFFD) {
        return false;
      }
    }
    return true;
  }

  private boolean isReserved(String name) {
    return reservedPrefixes.stream().anyMatch(name::startsWith);
  }
}
