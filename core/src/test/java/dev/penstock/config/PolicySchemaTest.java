package dev.penstock.config;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.networknt.schema.Error;
import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The schema that editors complete from, held against the files that we take and refuse. */
class PolicySchemaTest {

  private static final Path SCHEMA = PolicyFiles.EXAMPLES.resolve("policy-file.schema.json");

  private static final SchemaRegistry REGISTRY =
      SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12);

  /** A misspelled keyword is no fault to the meta-schema. */
  private static final Set<String> KEYWORDS =
      Set.of(
          "$schema",
          "$id",
          "$ref",
          "$defs",
          "title",
          "description",
          "type",
          "properties",
          "propertyNames",
          "additionalProperties",
          "unevaluatedProperties",
          "required",
          "dependentRequired",
          "minProperties",
          "items",
          "minItems",
          "uniqueItems",
          "contains",
          "enum",
          "const",
          "pattern",
          "minLength",
          "maxLength",
          "minimum",
          "maximum",
          "allOf",
          "anyOf",
          "oneOf",
          "if",
          "then",
          "else");

  private static final Set<String> OF_NAMES = Set.of("properties", "$defs");
  private static final Set<String> OF_VALUES =
      Set.of("required", "dependentRequired", "enum", "const");

  static List<Path> examples() {
    return Stream.of("policy.yaml", "policy.json", "policy-small.yaml")
        .map(PolicyFiles.EXAMPLES::resolve)
        .toList();
  }

  static List<Path> badForms() {
    return PolicyFiles.in(PolicyFiles.REFUSED.resolve("form"));
  }

  static List<Path> badMeanings() {
    return PolicyFiles.in(PolicyFiles.REFUSED.resolve("meaning"));
  }

  @Test
  void schema_againstTheMetaSchema_isOne() throws IOException {
    Schema meta =
        REGISTRY.getSchema(SchemaLocation.of("https://json-schema.org/draft/2020-12/schema"));
    assertThat(meta.validate(Files.readString(SCHEMA), InputFormat.JSON)).isEmpty();
  }

  @Test
  void schema_everyKeyword_isKnown() throws IOException {
    List<String> unknown = new ArrayList<>();
    addUnknown(new ObjectMapper().readTree(Files.readString(SCHEMA)), unknown);
    assertThat(unknown).isEmpty();
  }

  private static void addUnknown(JsonNode schema, List<String> unknown) {
    schema
        .properties()
        .forEach(
            member -> {
              if (!KEYWORDS.contains(member.getKey())) {
                unknown.add(member.getKey());
              }
              if (OF_NAMES.contains(member.getKey())) {
                member.getValue().forEach(each -> addUnknown(each, unknown));
              } else if (member.getValue().isArray()) {
                member.getValue().forEach(each -> addUnknown(each, unknown));
              } else if (!OF_VALUES.contains(member.getKey())) {
                addUnknown(member.getValue(), unknown);
              }
            });
  }

  @ParameterizedTest
  @MethodSource("examples")
  void schema_example_takesIt(Path file) throws IOException {
    assertThat(errors(file)).isEmpty();
  }

  @ParameterizedTest
  @MethodSource("badForms")
  void schema_fileOfBadForm_refusesIt(Path file) throws IOException {
    assertThat(errors(file)).isNotEmpty();
  }

  @Test
  void schema_everyMemberThatIsRead_isDescribed() throws IOException {
    JsonNode schema = new ObjectMapper().readTree(Files.readString(SCHEMA));
    JsonNode members = schema.get("properties");
    assertThat(names(members)).containsExactlyInAnyOrder(PolicyFile.KNOWN);
    assertThat(names(members.at("/plans/properties"))).containsExactlyInAnyOrder(Plans.KNOWN);
    assertThat(names(members.at("/clients/properties"))).containsExactlyInAnyOrder(Clients.KNOWN);
    assertThat(names(members.at("/exemptions/properties")))
        .containsExactlyInAnyOrder(ExemptionSection.KNOWN);
    assertThat(names(members.at("/jwt/properties"))).containsExactlyInAnyOrder(JwtSection.KNOWN);
    assertThat(names(members.at("/apiKeys/properties")))
        .containsExactlyInAnyOrder(ApiKeySection.KNOWN);
    assertThat(names(members.at("/bans/properties"))).containsExactlyInAnyOrder(BanSection.KNOWN);
    assertThat(names(members.at("/patience/properties")))
        .containsExactlyInAnyOrder(PatienceSection.KNOWN);
    assertThat(names(members.at("/redis/properties")))
        .containsExactlyInAnyOrder(StoreSection.KNOWN);
    assertThat(names(members.at("/responses/properties")))
        .containsExactlyInAnyOrder(ResponseSection.KNOWN);
    JsonNode parts = schema.get("$defs");
    assertThat(names(parts.at("/holder/properties")))
        .containsExactlyInAnyOrder(IdentityPlans.KNOWN);
    assertThat(names(parts.at("/rule/properties"))).containsExactlyInAnyOrder(RuleSection.KNOWN);
    List<String> ofLimit = names(parts.at("/numbers/properties"));
    assertThat(ofLimit).containsExactlyInAnyOrderElementsOf(LimitNumbers.NAMES);
    ofLimit.addAll(names(parts.at("/limit/anyOf/1/properties")));
    assertThat(ofLimit).containsExactlyInAnyOrder(LimitSection.KNOWN);
  }

  private static List<String> names(JsonNode properties) {
    List<String> names = new ArrayList<>();
    properties.fieldNames().forEachRemaining(names::add);
    return names;
  }

  /** As we read the file: YAML readers differ. */
  private static List<Error> errors(Path file) throws IOException {
    Node node =
        PolicyFile.tree(file, Files.readString(file), new Faults(file.toString())).orElseThrow();
    return REGISTRY
        .getSchema(Files.readString(SCHEMA), InputFormat.JSON)
        .validate(NodeJson.of(node), InputFormat.JSON);
  }
}
