package dev.penstock.config;

import dev.penstock.config.Section.Located;
import dev.penstock.http.ClientAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/** Reads how a client's address is found. */
final class Clients {

  static final String[] KNOWN = {"trustedProxies", "field", "ipv6Prefix"};

  private static final Map<String, Boolean> FIELDS =
      Map.of("forwarded", true, "x-forwarded-for", false);

  private Clients() {}

  /** {@return the finder of addresses} */
  static ClientAddress read(Section section, Faults faults) {
    List<String> proxies = cidrs(section, "trustedProxies", faults);
    ClientAddress clients =
        proxies.isEmpty() ? ClientAddress.ofPeer() : ClientAddress.trusting(proxies);
    Optional<Boolean> forwarded = section.choice("field", FIELDS);
    if (forwarded.isPresent() && !section.has("trustedProxies")) {
      faults.add(
          section.where("field"), "must stand beside trustedProxies: nobody else's field counts");
    }
    if (forwarded.orElse(false)) {
      clients = clients.readingForwarded();
    }
    OptionalLong bits = section.whole("ipv6Prefix");
    if (bits.isPresent()) {
      ClientAddress found = clients;
      clients =
          faults
              .attempt(
                  section.where("ipv6Prefix"),
                  () -> found.ipv6Prefix(Numbers.asInt(bits.getAsLong())))
              .orElse(found);
    }
    return clients;
  }

  /** {@return whether there are proxies to trust} */
  static boolean haveProxies(Optional<Node> clients) {
    return clients
        .filter(node -> node instanceof Node.Members each && each.value("trustedProxies") != null)
        .isPresent();
  }

  /** {@return the blocks of a list, without those that are none} */
  static List<String> cidrs(Section section, String name, Faults faults) {
    List<Located<String>> texts = section.texts(name);
    if (section
        .node(name)
        .filter(node -> node instanceof Node.Items list && list.items().isEmpty())
        .isPresent()) {
      faults.add(section.where(name), "must have at least one block of addresses");
    }
    List<String> cidrs = new ArrayList<>();
    for (Located<String> text : texts) {
      faults
          .attempt(text.where(), () -> ClientAddress.trusting(text.value()))
          .ifPresent(valid -> cidrs.add(text.value()));
    }
    return cidrs;
  }
}
