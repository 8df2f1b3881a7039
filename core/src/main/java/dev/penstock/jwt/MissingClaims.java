package dev.penstock.jwt;

import java.lang.System.Logger.Level;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Says once that a claim which the operator has named is not there, with the names of those that
 * are: a limit per workspace else binds nobody, and nothing tells. Thread-safe.
 */
final class MissingClaims {

  private static final int MAX_TOLD = 50;
  private static final int MAX_LENGTH_TOLD = 64;

  private static final System.Logger LOG = System.getLogger(JwtIdentityResolver.class.getName());

  private final ClaimRules rules;

  /** At most one for the workspace and one for the user. */
  private final Set<String> told = ConcurrentHashMap.newKeySet();

  MissingClaims(ClaimRules rules) {
    this.rules = rules;
  }

  /** {@return whether a token has this fault since something is missing that is not yet said} */
  boolean explains(TokenFault fault, Map<String, ?> claims) {
    return (fault == TokenFault.NO_WORKSPACE || fault == TokenFault.CLAIMS)
        && rules.missing(claims).filter(missing -> !told.contains(missing)).isPresent();
  }

  /**
   * Says what is missing, unless nothing is or that is said.
   *
   * @param claims of a token whose signature is right
   */
  void say(Map<String, ?> claims) {
    rules
        .missing(claims)
        .filter(told::add)
        .ifPresent(missing -> LOG.log(Level.WARNING, line(missing, claims)));
  }

  private String line(String missing, Map<String, ?> claims) {
    List<String> names = claims.entrySet().stream().flatMap(this::names).sorted().toList();
    int more = names.size() - MAX_TOLD;
    return "A token has nothing at "
        + missing
        + ", which is said once; its claims are "
        + names.stream().limit(MAX_TOLD).collect(Collectors.joining(", "))
        + (more > 0 ? " and " + more + " more" : "");
  }

  /** Also tells the members of an object to which the path leads, and of no other. */
  private Stream<String> names(Map.Entry<String, ?> claim) {
    Stream<String> inner =
        claim.getValue() instanceof Map<?, ?> object && rules.reads(claim.getKey())
            ? object.keySet().stream().map(name -> claim.getKey() + "." + name)
            : Stream.empty();
    return Stream.concat(Stream.of(claim.getKey()), inner).map(MissingClaims::printable);
  }

  private static String printable(String name) {
    return name.length() <= MAX_LENGTH_TOLD && name.chars().allMatch(c -> c > 0x20 && c < 0x7F)
        ? name
        : "(another)";
  }
}
