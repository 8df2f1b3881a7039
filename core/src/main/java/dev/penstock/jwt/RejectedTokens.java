package dev.penstock.jwt;

import dev.penstock.base.BoundedLog;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.LongAdder;

/** Counts and logs the requests whose tokens are not valid, by reason. Thread-safe. */
final class RejectedTokens {

  /** Algorithms that no key here has, and that tokens of others name. */
  private static final Set<String> OTHERS =
      Set.of("none", "HS384", "HS512", "ES256K", "Ed25519", "Ed448");

  private final BoundedLog log = new BoundedLog(RejectedTokens.class);

  private final Map<TokenFault, LongAdder> counts = new EnumMap<>(TokenFault.class);

  private final Map<String, LongAdder> schemes = new LinkedHashMap<>();

  RejectedTokens() {
    OtherScheme.NAMES.forEach(name -> schemes.put(name, new LongAdder()));
    for (TokenFault fault : TokenFault.values()) {
      counts.put(fault, new LongAdder());
    }
  }

  /**
   * Counts a request.
   *
   * @param hint what the operator may do about it, or an empty text
   */
  void add(TokenOutcome.Refused refused, String hint) {
    TokenFault fault = refused.fault();
    Objects.requireNonNull(counts.get(fault)).increment();
    log.info("rejected token: reason=" + fault.label() + " alg=" + alg(refused) + hint);
  }

  /**
   * Counts a request whose token stands behind another scheme.
   *
   * @param scheme one of {@link OtherScheme#NAMES}
   */
  void addOtherScheme(String scheme) {
    Objects.requireNonNull(schemes.get(scheme)).increment();
    add(TokenOutcome.Refused.unread(TokenFault.OTHER_SCHEME), " scheme=" + scheme);
  }

  /** The header is the client's word: only names that are known are told. */
  private static String alg(TokenOutcome.Refused refused) {
    Object alg = refused.alg();
    if (alg == null) {
      return "-";
    }
    boolean known = SignatureAlgorithm.named(alg).isPresent() || OTHERS.contains(alg);
    return known ? alg.toString() : "other";
  }

  /** {@return the counts by the names of the reasons, those included that never came up} */
  Map<String, Long> byReason() {
    Map<String, Long> byReason = new LinkedHashMap<>();
    counts.forEach((fault, count) -> byReason.put(fault.label(), count.sum()));
    return byReason;
  }

  /** {@return the counts of other schemes by their names, those included that never came up} */
  Map<String, Long> byScheme() {
    Map<String, Long> byScheme = new LinkedHashMap<>();
    schemes.forEach((scheme, count) -> byScheme.put(scheme, count.sum()));
    return byScheme;
  }
}
