package dev.penstock.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.penstock.Limit;
import dev.penstock.LimitPolicy;
import dev.penstock.http.StructuredFields.Date;
import dev.penstock.http.StructuredFields.DisplayString;
import dev.penstock.http.StructuredFields.Member;
import dev.penstock.http.StructuredFields.Token;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Holds the tests' reader, and what the fields are written with, against the public vectors. */
class StructuredFieldsTest {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String BASE_32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

  @ParameterizedTest
  @CsvSource({
    "binary, 10",
    "boolean, 11",
    "date, 6",
    "dictionary, 25",
    "display-string, 17",
    "examples, 21",
    "item, 5",
    "key-generated, 640",
    "list, 11",
    "listlist, 10",
    "number, 30",
    "number-generated, 193",
    "param-dict, 14",
    "param-list, 13",
    "param-listlist, 3",
    "string, 13",
    "string-generated, 256",
    "token, 6",
    "token-generated, 256"
  })
  void reader_publicVectors_readsOrRefusesAsTheySay(String file, int count) throws IOException {
    JsonNode vectors = vectors(file);
    assertThat(vectors).hasSize(count);
    for (JsonNode vector : vectors) {
      String name = file + ": " + vector.get("name").asText();
      String type = vector.get("header_type").asText();
      List<String> raw = texts(vector.get("raw"));
      if (vector.path("must_fail").asBoolean()) {
        assertThatThrownBy(() -> read(type, raw))
            .as(name)
            .isInstanceOf(IllegalArgumentException.class);
      } else if (!vector.path("can_fail").asBoolean()) {
        Object expected = expected(type, vector.get("expected"));
        assertThat(ordered(read(type, raw))).as(name).isEqualTo(ordered(expected));
        if (vector.has("canonical")) {
          Object canonical = read(type, texts(vector.get("canonical")));
          assertThat(ordered(canonical)).as(name).isEqualTo(ordered(expected));
        }
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"string, 5", "string-generated, 95"})
  void writer_publicVectors_writesStringsAsTheySay(String file, int count) throws IOException {
    int written = 0;
    for (JsonNode vector : vectors(file)) {
      if (!vector.path("must_fail").asBoolean()) {
        String text = vector.get("expected").get(0).asText();
        JsonNode canonical = vector.path("canonical");
        assertThat(LimitText.item(text))
            .isEqualTo((canonical.isMissingNode() ? vector.get("raw") : canonical).get(0).asText());
        written++;
      }
    }
    assertThat(written).isEqualTo(count);
  }

  @Test
  void point04_namesThatNoStringCanHold_areRefusedAtConstruction() throws IOException {
    JsonNode vectors = vectors("serialisation-tests/string-generated");
    assertThat(vectors).hasSize(33);
    for (JsonNode vector : vectors) {
      assertThat(vector.get("must_fail").asBoolean()).isTrue();
      String name = vector.get("expected").get(0).asText();
      assertThatThrownBy(() -> LimitPolicy.perIdentity(name, Limit.perMinute(1)))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void point04_numbersThatNoIntegerCanHold_areRefusedAtConstruction() throws IOException {
    int refused = 0;
    for (JsonNode vector : vectors("serialisation-tests/number")) {
      JsonNode number = vector.get("expected").get(0);
      if (vector.path("must_fail").asBoolean() && number.isIntegralNumber()) {
        assertThatThrownBy(() -> Limit.per(number.asLong(), Duration.ofDays(3_000)))
            .isInstanceOf(IllegalArgumentException.class);
        refused++;
      }
    }
    assertThat(refused).isEqualTo(2);
    assertThat(Limit.per(999_999_999_999_999L, Duration.ofDays(3_000)).capacity())
        .isEqualTo(999_999_999_999_999L);
  }

  private static Object read(String type, List<String> lines) {
    return switch (type) {
      case "list" -> StructuredFields.list(lines);
      case "dictionary" -> StructuredFields.dictionary(lines);
      default -> StructuredFields.item(lines);
    };
  }

  private static Object expected(String type, JsonNode node) {
    if (type.equals("item")) {
      return member(node);
    }
    if (type.equals("list")) {
      List<Member> members = new ArrayList<>();
      node.forEach(each -> members.add(member(each)));
      return members;
    }
    Map<String, Member> members = new LinkedHashMap<>();
    node.forEach(each -> members.put(each.get(0).asText(), member(each.get(1))));
    return members;
  }

  private static Member member(JsonNode node) {
    JsonNode value = node.get(0);
    Map<String, Object> parameters = new LinkedHashMap<>();
    node.get(1).forEach(each -> parameters.put(each.get(0).asText(), bare(each.get(1))));
    if (!value.isArray()) {
      return new Member(bare(value), parameters);
    }
    List<Member> items = new ArrayList<>();
    value.forEach(each -> items.add(member(each)));
    return new Member(items, parameters);
  }

  private static Object bare(JsonNode node) {
    if (node.isObject()) {
      JsonNode value = node.get("value");
      return switch (node.get("__type").asText()) {
        case "token" -> new Token(value.asText());
        case "date" -> new Date(value.asLong());
        case "displaystring" -> new DisplayString(value.asText());
        default -> base32(value.asText());
      };
    }
    if (node.isBoolean()) {
      return node.asBoolean();
    }
    if (node.isIntegralNumber()) {
      return node.asLong();
    }
    return node.isNumber() ? new BigDecimal(node.asText()) : node.asText();
  }

  private static ByteBuffer base32(String text) {
    ByteBuffer bytes = ByteBuffer.allocate(text.length());
    int bits = 0;
    int buffer = 0;
    for (char c : text.replace("=", "").toCharArray()) {
      buffer = (buffer << 5 | BASE_32.indexOf(c)) & 0xFFF;
      bits += 5;
      if (bits >= 8) {
        bits -= 8;
        bytes.put((byte) (buffer >> bits));
      }
    }
    return bytes.flip();
  }

  /** Texts compare as maps do not: in their order; 1.0 and 1.00 are one number. */
  private static String ordered(Object value) {
    if (value instanceof Member member) {
      return "(" + ordered(member.value()) + " " + ordered(member.parameters()) + ")";
    }
    if (value instanceof Map<?, ?> map) {
      StringBuilder text = new StringBuilder("{");
      map.forEach((key, each) -> text.append(key).append('=').append(ordered(each)).append(' '));
      return text.append('}').toString();
    }
    if (value instanceof List<?> list) {
      return list.stream().map(StructuredFieldsTest::ordered).toList().toString();
    }
    if (value instanceof BigDecimal decimal) {
      return "decimal " + decimal.stripTrailingZeros().toPlainString();
    }
    if (value instanceof ByteBuffer bytes) {
      return "bytes " + bytes.hashCode() + " of " + bytes.remaining();
    }
    return value.getClass().getSimpleName() + " " + value;
  }

  private static List<String> texts(JsonNode array) {
    List<String> texts = new ArrayList<>();
    array.forEach(each -> texts.add(each.asText()));
    return texts;
  }

  private static JsonNode vectors(String file) throws IOException {
    String path = "/vectors/structured-fields/" + file + ".json";
    return JSON.readTree(
        Objects.requireNonNull(StructuredFieldsTest.class.getResourceAsStream(path), path));
  }
}
