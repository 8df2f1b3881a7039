package dev.penstock.config;

import dev.penstock.Ban;
import dev.penstock.RateLimiter;
import dev.penstock.config.PolicyRule.Limited;
import dev.penstock.http.ApiKeys;
import dev.penstock.http.ClientAddress;
import dev.penstock.http.ResponseStyle;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Function;
import java.util.function.Supplier;

/** Reads a whole file, from its bytes to what a gate is made of. */
final class PolicyFile {

  static final String[] KNOWN = {
    "$schema",
    "policies",
    "rules",
    "plans",
    "clients",
    "exemptions",
    "jwt",
    "apiKeys",
    "serverUser",
    "redis",
    "bans",
    "maxBuckets",
    "responses",
    "patience",
    "ignoringCase"
  };

  private final Path file;
  private final Map<String, String> environment;
  private final Section section;
  private final Reference references;
  private final Faults faults;

  private PolicyFile(Path file, Map<String, String> environment, Section section, Faults faults) {
    this.file = file;
    this.environment = environment;
    this.section = section;
    this.references = new Reference(file, environment, faults);
    this.faults = faults;
  }

  /**
   * {@return what a file says}
   *
   * @param file where it is, which says its format
   * @param content its bytes
   * @param environment what its references name
   * @throws PolicyFileException with all that is wrong
   */
  static PenstockConfig read(Path file, byte[] content, Map<String, String> environment) {
    Faults faults = new Faults(file.toString());
    Optional<PenstockConfig> config =
        PolicyText.of(content, faults)
            .flatMap(text -> tree(file, text, faults))
            .flatMap(node -> Section.of(node, faults, KNOWN))
            .flatMap(section -> new PolicyFile(file, environment, section, faults).read());
    faults.refuse();
    return config.orElseThrow();
  }

  static Optional<Node> tree(Path file, String text, Faults faults) {
    String name = String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT);
    if (name.endsWith(".json")) {
      FormatLibraries.requireJson();
      return JsonTree.read(text, faults);
    }
    if (name.endsWith(".yaml") || name.endsWith(".yml")) {
      FormatLibraries.requireYaml();
      return YamlTree.read(text, faults);
    }
    faults.add(Where.FILE, "must be called .yaml, .yml or .json");
    return Optional.empty();
  }

  private Optional<PenstockConfig> read() {
    section.text("$schema");
    ClientAddress clients =
        part("clients", Clients.KNOWN, each -> Clients.read(each, faults))
            .orElse(ClientAddress.ofPeer());
    Optional<ApiKeys> keys =
        part("apiKeys", ApiKeySection.KNOWN, each -> ApiKeySection.read(each, references, faults))
            .flatMap(read -> read);
    boolean serverUser = section.isTrue("serverUser");
    Plans plans = plans(clients, serverUser);
    Policies policies =
        required("policies")
            .map(node -> Policies.read(node, plans, faults))
            .orElse(new Policies(Map.of()));
    boolean ignoringCase = section.isTrue("ignoringCase");
    List<PolicyRule> rules = rules(policies, plans, ignoringCase);
    Optional<Tokens> tokens = tokens(plans, clients);
    ExemptionSection exemptions =
        part(
                "exemptions",
                ExemptionSection.KNOWN,
                each -> ExemptionSection.read(each, clients, faults))
            .orElse(ExemptionSection.NONE);
    Optional<Ban> ban =
        part("bans", BanSection.KNOWN, each -> BanSection.read(each, faults)).flatMap(read -> read);
    ResponseStyle responses =
        part("responses", ResponseSection.KNOWN, each -> ResponseSection.read(each, faults))
            .orElse(ResponseStyle.standard());
    PatienceSection patience =
        part("patience", PatienceSection.KNOWN, each -> PatienceSection.read(each, section, faults))
            .orElse(PatienceSection.STANDARD);
    GateParts parts =
        new GateParts(
            rules,
            plans,
            new Identities(keys, tokens, serverUser, clients),
            exemptions,
            ban,
            responses,
            patience,
            ignoringCase);
    return store().map(store -> new PenstockConfig(parts, store, file, environment));
  }

  /** Returns what a member is read as that has any of these members; empty where it is absent. */
  private <T> Optional<T> part(String name, String[] known, Function<Section, T> reader) {
    return section.section(name, known).map(reader);
  }

  private Plans plans(ClientAddress clients, boolean serverUser) {
    IdentityPlans identities =
        new IdentityPlans(
            clients,
            section.has("jwt"),
            JwtSection.issuer(section.node("jwt")),
            serverUser,
            ApiKeySection.owners(section.node("apiKeys")));
    return section
        .node("plans")
        .map(node -> Plans.read(node, identities, faults))
        .orElse(Plans.NONE);
  }

  private Optional<Tokens> tokens(Plans plans, ClientAddress clients) {
    if (plans.claim().isPresent() && !section.has("jwt")) {
      faults.add(plans.claim().get().where(), "must stand beside jwt: no other token has claims");
    }
    String senders = section.node("clients").map(NodeJson::of).orElse("");
    return section
        .section("jwt", JwtSection.KNOWN)
        .flatMap(each -> JwtSection.read(each, plans, clients, senders, references, faults));
  }

  private Optional<Node> required(String name) {
    Optional<Node> node = section.node(name);
    if (node.isEmpty()) {
      faults.add(section.where(), "must have " + name);
    }
    return node;
  }

  private List<PolicyRule> rules(Policies policies, Plans plans, boolean ignoringCase) {
    Optional<Node> written = required("rules");
    RuleSection reader = new RuleSection(policies, plans, faults);
    List<PolicyRule> rules = section.items("rules", reader::read);
    if (written.isPresent()) {
      reader.refuseUnused();
      reader.checks().refuseHidden(rules, ignoringCase);
    }
    if (written.orElse(null) instanceof Node.Items list
        && list.items().size() == rules.size()
        && rules.stream().noneMatch(Limited.class::isInstance)) {
      faults.add(list.where(), "must have at least one rule with a policy");
    }
    return rules;
  }

  private Optional<Supplier<RateLimiter>> store() {
    OptionalLong maxBuckets = section.whole("maxBuckets");
    Where where = section.where("maxBuckets");
    return section.has("redis")
        ? section
            .section("redis", StoreSection.KNOWN)
            .flatMap(each -> StoreSection.redis(each, maxBuckets, where, references, faults))
        : Optional.of(StoreSection.memory(maxBuckets, where, faults));
  }
}
