package dev.penstock.config;

import dev.penstock.Identity;
import dev.penstock.http.ClientAddress;
import dev.penstock.http.RequestView;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Reads which plans single identities have.
 *
 * @param clients brings addresses to the form in which they are charged
 * @param tokens whether there are users of tokens
 * @param issuer that is asked of all tokens; empty where none is, and then a user without one is of
 *     tokens without {@code iss}
 * @param serverUser whether there are users without a token
 * @param owners of API keys
 */
record IdentityPlans(
    ClientAddress clients,
    boolean tokens,
    Optional<String> issuer,
    boolean serverUser,
    Set<String> owners) {

  static final String[] KNOWN = {"plan", "user", "workspace", "issuer", "address", "type", "name"};

  private static final Identity NO_ADDRESS = Identity.address("unknown");

  /** Somebody who says nothing but where they are. */
  private record Sender(String peer) implements RequestView {

    @Override
    public String method() {
      return "GET";
    }

    @Override
    public String target() {
      return "/";
    }

    @Override
    public List<String> headerLines(String name) {
      return List.of();
    }
  }

  /**
   * {@return the plans of a list}
   *
   * @param plans which there are
   */
  Map<Identity, String> read(Section section, Plans plans, Faults faults) {
    Map<Identity, String> read = new HashMap<>();
    Map<Identity, Where> places = new HashMap<>();
    for (Section item : section.items("identities", node -> Section.of(node, faults, KNOWN))) {
      Optional<String> plan = item.text("plan");
      if (!item.has("plan")) {
        faults.add(item.where(), "must have plan");
      }
      plan.ifPresent(name -> plans.require(name, item.where("plan"), faults));
      for (Identity identity : identities(item, faults)) {
        Where first = places.putIfAbsent(identity, item.where());
        if (first != null) {
          faults.add(
              item.where(),
              "must be named once: "
                  + Shown.plain(identity.text())
                  + " is at line "
                  + first.line());
        }
        plan.ifPresent(name -> read.put(identity, name));
      }
    }
    return read;
  }

  private List<Identity> identities(Section item, Faults faults) {
    List<String> kinds = item.present("user", "address", "type");
    if (kinds.size() != 1 || item.has("type") != item.has("name")) {
      faults.add(item.where(), "must have user; or address; or type and name");
      return List.of();
    }
    for (String ofUsers : item.present("workspace", "issuer")) {
      if (!item.has("user")) {
        faults.add(item.where(ofUsers), "must stand beside user");
      }
    }
    return switch (kinds.get(0)) {
      case "user" -> users(item, faults);
      case "address" -> address(item, faults).stream().toList();
      default -> named(item, faults).stream().toList();
    };
  }

  /** A user whose issuer is not said is that of all tokens, and the server's. */
  private List<Identity> users(Section item, Faults faults) {
    Optional<String> user = item.text("user");
    Optional<String> workspace = item.text("workspace");
    Optional<String> written = item.text("issuer");
    if (!tokens && !serverUser) {
      faults.add(item.where("user"), "must stand beside jwt or serverUser: there are no users");
      return List.of();
    }
    if (issuer.isPresent() && written.isPresent() && !written.equals(issuer)) {
      faults.add(
          item.where("issuer"),
          "must be that of jwt, as no other tokens are taken: " + Shown.quoted(written.get()));
    }
    if (user.isEmpty()) {
      return List.of();
    }
    boolean isOfServer =
        serverUser && issuer.isPresent() && !item.has("issuer") && !item.has("workspace");
    Stream<Optional<String>> issuers =
        isOfServer ? Stream.of(issuer, Optional.empty()) : Stream.of(written.or(() -> issuer));
    return issuers
        .flatMap(
            each ->
                faults
                    .attempt(item::where, () -> Identity.user(each, workspace, user.get()))
                    .stream())
        .toList();
  }

  private Optional<Identity> address(Section item, Faults faults) {
    return item.text("address")
        .flatMap(
            text -> {
              Optional<Identity> charged =
                  clients
                      .resolve(new Sender(text))
                      .filter(address -> !address.equals(NO_ADDRESS) && text.indexOf('%') < 0);
              if (charged.isEmpty()) {
                faults.add(
                    item.where("address"),
                    "must be one address, such as 192.0.2.1: " + Shown.quoted(text));
              }
              return charged;
            });
  }

  private Optional<Identity> named(Section item, Faults faults) {
    Optional<String> type = item.text("type");
    Optional<String> name = item.text("name");
    if (type.isEmpty() || name.isEmpty()) {
      return Optional.empty();
    }
    if (type.get().equals(ApiKeySection.OWNER_TYPE) && !owners.contains(name.get())) {
      faults.add(
          item.where("name"),
          "must be an owner of apiKeys: "
              + Shown.quoted(name.get())
              + NearestName.hint(name.get(), owners).map("; "::concat).orElse(""));
      return Optional.empty();
    }
    return faults.attempt(item::where, () -> Identity.named(type.get(), name.get()));
  }
}
