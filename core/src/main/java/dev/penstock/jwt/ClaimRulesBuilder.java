package dev.penstock.jwt;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Collects the parts of {@link ClaimRules}, and refuses what no claim can be. Where nothing is set,
 * the user is named by {@code user_id} or {@code sub}, in the workspace of {@code workspace_id}.
 */
final class ClaimRulesBuilder {

  private static final Duration MAX_CLOCK_SKEW = Duration.ofMinutes(5);

  private @Nullable String issuer;
  private @Nullable String audience;
  private Duration clockSkew = Duration.ofSeconds(10);
  private ClaimSource workspace = ClaimPath.plain("workspace_id");
  private boolean workspaceRequired;
  private List<ClaimSource> users = List.of(ClaimPath.plain("user_id"), ClaimPath.plain("sub"));
  private @Nullable ClaimSource plan;
  private List<String> reservedPrefixes = List.of();

  void issuer(String name) {
    issuer = requireName("issuer", name);
  }

  void audience(String name) {
    audience = requireName("audience", name);
  }

  void clockSkew(Duration skew) {
    Objects.requireNonNull(skew, "clockSkew");
    if (skew.isNegative() || skew.compareTo(MAX_CLOCK_SKEW) > 0) {
      throw new IllegalArgumentException("clockSkew must be 0 to 5 minutes: " + skew);
    }
    clockSkew = skew;
  }

  void workspace(ClaimSource source) {
    workspace = source;
  }

  void workspaceRequired() {
    workspaceRequired = true;
  }

  /** Sets the claims of which the first that is there names the user. */
  void users(String... claims) {
    Objects.requireNonNull(claims, "userClaims");
    if (claims.length == 0) {
      throw new IllegalArgumentException("userClaims must have at least one name");
    }
    users = Arrays.stream(claims).map(claim -> claim("userClaims", claim)).toList();
  }

  void user(ClaimSource source) {
    users = List.of(source);
  }

  void plan(ClaimSource source) {
    plan = source;
  }

  void reservedPrefixes(String... prefixes) {
    Objects.requireNonNull(prefixes, "prefixes");
    for (String prefix : prefixes) {
      requireName("prefixes", prefix);
    }
    reservedPrefixes = List.of(prefixes);
  }

  /**
   * Returns the claim of a name.
   *
   * @param parameter what the message calls it
   * @throws IllegalArgumentException if no claim can have it
   */
  static ClaimSource claim(String parameter, String name) {
    return ClaimPath.named(requireName(parameter, name));
  }

  private static String requireName(String parameter, String value) {
    Objects.requireNonNull(value, parameter);
    if (value.isBlank() || !ClaimRules.isText(value)) {
      throw new IllegalArgumentException(
          parameter
              + " must be 1 to "
              + ClaimRules.MAX_NAME_LENGTH
              + " characters, not blank, without control characters");
    }
    return value;
  }

  ClaimRules build() {
    return new ClaimRules(
        issuer, audience, clockSkew, workspace, workspaceRequired, users, plan, reservedPrefixes);
  }
}
