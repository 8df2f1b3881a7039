package dev.penstock.config;

import dev.penstock.config.Node.Items;
import dev.penstock.config.Node.Member;
import dev.penstock.config.Node.Members;
import dev.penstock.http.ApiKeys;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Reads whom API keys were given to. */
final class ApiKeySection {

  static final String OWNERS = "owners";

  static final String[] KNOWN = {"field", OWNERS};

  /** The type of the identity that an owner is. */
  static final String OWNER_TYPE = "api-key-owner";

  private ApiKeySection() {}

  /** {@return what finds the owners of keys; empty where it was refused} */
  static Optional<ApiKeys> read(Section section, Reference references, Faults faults) {
    if (section.present(KNOWN).size() < KNOWN.length) {
      faults.add(section.where(), "must have field and owners");
    }
    Optional<String> field =
        section
            .text("field")
            .filter(
                name ->
                    faults
                        .attempt(section.where("field"), () -> ApiKeys.of(name, Map.of("k", "o")))
                        .isPresent());
    Map<String, String> ownersByKey = new HashMap<>();
    section
        .node(OWNERS)
        .ifPresent(
            owners -> new Keys(references, faults, ownersByKey, new HashMap<>()).read(owners));
    return field.filter(name -> !ownersByKey.isEmpty()).map(name -> ApiKeys.of(name, ownersByKey));
  }

  /** {@return the names of owners, as far as there are any; what is wrong is told by the reader} */
  static Set<String> owners(Optional<Node> apiKeys) {
    @Nullable Node owners =
        apiKeys.orElse(null) instanceof Members keys ? keys.value(OWNERS) : null;
    return owners instanceof Members named
        ? named.members().stream().map(Member::name).collect(Collectors.toSet())
        : Set.of();
  }

  /** Reads keys, none of which is ever told, nor an owner, in whose place a key may stand. */
  private record Keys(
      Reference references,
      Faults faults,
      Map<String, String> ownersByKey,
      Map<String, Where> places) {

    void read(Node owners) {
      for (Member owner : Section.named(owners, faults)) {
        Node value = owner.value();
        List<Node> keys = value instanceof Items list ? list.items() : List.of(value);
        if (keys.isEmpty()) {
          faults.add(value.where(), "must have at least one reference to a key");
        }
        for (Node key : keys) {
          references
              .value(key)
              .filter(text -> isKey(text, key.where()))
              .ifPresent(text -> add(text, owner.name(), key.where()));
        }
      }
      if (owners instanceof Members object && object.isEmpty()) {
        faults.add(owners.where(), "must have at least one owner");
      }
    }

    private boolean isKey(String text, Where where) {
      return faults.attempt(where, () -> ApiKeys.of("X-Api-Key", Map.of(text, "o"))).isPresent();
    }

    private void add(String key, String owner, Where where) {
      ownersByKey.putIfAbsent(key, owner);
      Where first = places.putIfAbsent(key, where);
      if (first != null) {
        faults.add(where, "must be another key: this one is at line " + first.line());
      }
    }
  }
}
