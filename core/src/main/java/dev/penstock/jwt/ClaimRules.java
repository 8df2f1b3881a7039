package dev.penstock.jwt;

import dev.penstock.Identity;
import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What the claims of a token must be, and whom they name. Pure, as far as functions of the
 * application's are: the time is a parameter.
 *
 * <p>A claim that is {@code null} counts as absent.
 *
 * @param issuer what {@code iss} must be, or null for anything
 * @param audience what {@code aud} must be or contain, or null for anything
 * @param clockSkew how far the issuer's clock may be off in either direction
 * @param workspaceClaim what names the workspace
 * @param workspaceRequired whether a token must name one
 * @param userClaims what names the user; the first that is there counts
 * @param planClaim what names the plan, or null for nothing
 * @param reservedPrefixes how the names begin that no user has
 */
record ClaimRules(
    @Nullable String issuer,
    @Nullable String audience,
    Duration clockSkew,
    ClaimSource workspaceClaim,
    boolean workspaceRequired,
    List<ClaimSource> userClaims,
    @Nullable ClaimSource planClaim,
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
  Optional<TokenFault> fault(Map<String, ?> claims, Instant now) {
    return faultOfTime(claims, now)
        .or(() -> isFromIssuer(claims) ? Optional.empty() : Optional.of(TokenFault.ISSUER))
        .or(() -> isForAudience(claims) ? Optional.empty() : Optional.of(TokenFault.AUDIENCE))
        .or(() -> faultOfNames(claims));
  }

  /** {@return the time that {@code exp} names, or empty where it names none} */
  static Optional<Instant> expiry(Map<String, ?> claims) {
    return time(claims.get("exp"));
  }

  /** RFC 7519, sections 4.1.4 and 4.1.5, and {@code exp} is required. */
  private Optional<TokenFault> faultOfTime(Map<String, ?> claims, Instant now) {
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

  private boolean isFromIssuer(Map<String, ?> claims) {
    return issuer == null || issuer.equals(claims.get("iss"));
  }

  /** RFC 7519, section 4.1.3: one text, or a list of them. */
  private boolean isForAudience(Map<String, ?> claims) {
    Object aud = claims.get("aud");
    return audience == null
        || audience.equals(aud)
        || (aud instanceof List<?> audiences && audiences.contains(audience));
  }

  /** {@return whether a claim of this name has a part in whom a token names} */
  boolean reads(String claim) {
    if (claim.equals("sub") || claim.equals("iss") || workspaceClaim.reads(claim)) {
      return true;
    }
    for (ClaimSource source :
        userClaims) { // a stream would cost forged tokens more than their JSON
      if (source.reads(claim)) {
        return true;
      }
    }
    return false;
  }

  private Optional<TokenFault> faultOfNames(Map<String, ?> claims) {
    return Optional.ofNullable(named(claims).fault);
  }

  /** {@return whom claims name, current and meant for here or not; or empty where nobody} */
  Optional<Identity> user(Map<String, ?> claims) {
    return Optional.ofNullable(named(claims).user);
  }

  /**
   * {@return what the operator has named and claims have not, as a log calls it; or empty} Only
   * paths: a function has its reasons.
   */
  Optional<String> missing(Map<String, ?> claims) {
    if (workspaceClaim instanceof ClaimPath path
        && (path.ofOne() || workspaceRequired)
        && path.value(claims) == null) {
      return Optional.of("workspaceClaim " + path.name());
    }
    boolean named = userClaims.stream().anyMatch(each -> each instanceof ClaimPath p && p.ofOne());
    return named && userClaims.stream().allMatch(source -> source.value(claims) == null)
        ? Optional.of(
            userClaims.stream()
                .map(source -> source instanceof ClaimPath path ? path.name() : "")
                .collect(Collectors.joining(", ", "userClaims ", "")))
        : Optional.empty();
  }

  /** Either of two. */
  private record Named(@Nullable Identity user, @Nullable TokenFault fault) {

    static Named not(TokenFault fault) {
      return new Named(null, fault);
    }
  }

  /**
   * Finds the user. A claim that could name someone must be a name even where another claim is the
   * one used.
   */
  private Named named(Map<String, ?> claims) {
    Object sub = claims.get("sub");
    Object issuer = claims.get("iss");
    Object workspace = workspaceClaim.value(claims);
    if (!isNameOrNone(sub) || !isNameOrNone(workspace) || !isTextOrNone(issuer)) {
      return Named.not(TokenFault.CLAIMS);
    }
    Optional<String> user = Optional.empty();
    for (ClaimSource userClaim : userClaims) {
      Object value = userClaim.value(claims);
      if (!isNameOrNone(value)) {
        return Named.not(TokenFault.CLAIMS);
      }
      user = user.or(() -> name(value));
    }
    if (user.isEmpty()) {
      return Named.not(TokenFault.CLAIMS);
    }
    if (isReserved(user.get()) || name(sub).filter(this::isReserved).isPresent()) {
      return Named.not(TokenFault.RESERVED_NAME);
    }
    if (workspaceRequired && name(workspace).isEmpty()) {
      return Named.not(TokenFault.NO_WORKSPACE);
    }
    Object plan = planClaim == null ? null : planClaim.value(claims);
    if (!isNameOrNone(plan)) {
      return Named.not(TokenFault.CLAIMS);
    }
    Identity named = Identity.user(text(issuer), name(workspace), user.get());
    return new Named(name(plan).map(named::withPlan).orElse(named), null);
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
