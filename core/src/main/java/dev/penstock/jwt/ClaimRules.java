package dev.penstock.jwt;

import dev.penstock.Identity;
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
 */
record ClaimRules(
    @Nullable String issuer,
    @Nullable String audience,
    Duration clockSkew,
    String workspaceClaim,
    List<String> userClaims) {

  /** The longest name that a claim may give, in UTF-16 code units. */
  static final int MAX_NAME_LENGTH = 256;

  /** The end of the year 9999, in seconds since 1970: no clock is asked about a later time. */
  private static final double MAX_SECONDS = 253_402_300_799.0;

  /** AgentOS keeps these for service accounts, its scheduler and its OAuth clients. */
  private static final List<String> RESERVED_PREFIXES =
      List.of("sa:", "__scheduler__", "__oauth__:");

  ClaimRules {
    userClaims = List.copyOf(userClaims);
  }

  /** {@return whom verified claims name, or empty where a rule is broken} */
  Optional<Identity> identity(Map<?, ?> claims, Instant now) {
    return isCurrent(claims, now) && isFromIssuer(claims) && isForAudience(claims)
        ? user(claims)
        : Optional.empty();
  }

  /** {@return the time that {@code exp} names, or empty where it names none} */
  static Optional<Instant> expiry(Map<?, ?> claims) {
    return time(claims.get("exp"));
  }

  /** RFC 7519, sections 4.1.4 and 4.1.5, and {@code exp} is required. */
  private boolean isCurrent(Map<?, ?> claims, Instant now) {
    Instant latestStart = now.plus(clockSkew);
    Instant earliestEnd = now.minus(clockSkew);
    Object nbf = claims.get("nbf");
    return expiry(claims).filter(earliestEnd::isBefore).isPresent()
        && (nbf == null || time(nbf).filter(start -> !start.isAfter(latestStart)).isPresent());
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

  /**
   * {@return whom claims name, current and meant for here or not; or empty where they name nobody}
   * A claim that could name someone must be a name even where another claim is the one used.
   */
  Optional<Identity> user(Map<?, ?> claims) {
    Object subject = claims.get("sub");
    Object workspace = claims.get(workspaceClaim);
    Object issuedBy = claims.get("iss");
    if (!isNameOrNone(subject) || !isNameOrNone(workspace) || !isNameOrNone(issuedBy)) {
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
    if (name(subject).filter(ClaimRules::isReserved).isPresent()) {
      return Optional.empty();
    }
    return user.filter(name -> !isReserved(name))
        .map(name -> Identity.user(name(issuedBy), name(workspace), name));
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

  /** Returns the text as it is: a name with spaces around it is another name. */
  private static Optional<String> name(@Nullable Object value) {
    return value instanceof String text && !text.isBlank() ? Optional.of(text) : Optional.empty();
  }

  private static boolean isNameOrNone(@Nullable Object value) {
    return value == null || (value instanceof String text && isText(text));
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

  private static boolean isReserved(String name) {
    return RESERVED_PREFIXES.stream().anyMatch(name::startsWith);
  }
}
