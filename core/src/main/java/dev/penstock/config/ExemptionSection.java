package dev.penstock.config;

import dev.penstock.Identity;
import dev.penstock.RateLimiter;
import dev.penstock.config.Section.Located;
import dev.penstock.http.ClientAddress;
import dev.penstock.http.HttpRateLimiter;
import dev.penstock.http.HttpRateLimiterBuilder;
import dev.penstock.memory.InMemoryRateLimiter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Who pays nothing.
 *
 * @param addresses clients of these blocks
 * @param kinds identities of these kinds
 */
record ExemptionSection(List<String> addresses, List<Identity.Kind> kinds) {

  static final String[] KNOWN = {"addresses", "kinds"};

  static final ExemptionSection NONE = new ExemptionSection(List.of(), List.of());

  private static final Map<String, Identity.Kind> KINDS = Words.of(Identity.Kind.class);

  ExemptionSection {
    addresses = List.copyOf(addresses);
    kinds = List.copyOf(kinds);
  }

  /** {@return the exemptions of a file} */
  static ExemptionSection read(Section section, ClientAddress clients, Faults faults) {
    RateLimiter limiter = InMemoryRateLimiter.create(1);
    List<String> addresses = new ArrayList<>();
    for (Located<String> cidr : section.texts("addresses")) {
      faults
          .attempt(
              cidr.where(),
              () -> HttpRateLimiter.builder(limiter).exemptAddresses(clients, cidr.value()))
          .ifPresent(valid -> addresses.add(cidr.value()));
    }
    List<Identity.Kind> kinds = new ArrayList<>();
    for (Located<String> word : section.texts("kinds")) {
      Identity.Kind kind = KINDS.get(word.value());
      if (kind == null || kind == Identity.Kind.ADDRESS) {
        faults.add(
            word.where(), "must be one of named, user, workspace: " + Shown.quoted(word.value()));
      } else {
        kinds.add(kind);
      }
    }
    return new ExemptionSection(addresses, kinds);
  }

  void addTo(HttpRateLimiterBuilder gate, ClientAddress clients) {
    if (!addresses.isEmpty()) {
      gate.exemptAddresses(clients, addresses.toArray(String[]::new));
    }
    if (!kinds.isEmpty()) {
      gate.exemptIdentities(kinds.toArray(Identity.Kind[]::new));
    }
  }
}
