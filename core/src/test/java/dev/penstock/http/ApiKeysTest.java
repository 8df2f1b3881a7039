package dev.penstock.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import dev.penstock.Identity;
import dev.penstock.Partition;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ApiKeysTest {

  private static final String FIELD = "X-Api-Key";
  private static final byte[] SECRET = "0123456789abcdef0123456789abcdef".getBytes(UTF_8);
  private static final Identity ACME = Identity.named("api-key-owner", "acme");

  private final ApiKeys keys =
      ApiKeys.of(FIELD, Map.of("k1", "acme", "k2", "acme", "k3", "globex"));

  @Test
  void of_keyThatWasGivenOut_isItsOwner() {
    assertThat(keys.resolve(request("k1"))).contains(ACME);
    assertThat(keys.resolve(request("k2"))).contains(ACME);
    assertThat(keys.resolve(request(" k3\t"))).contains(Identity.named("api-key-owner", "globex"));
  }

  /** Else whoever invents keys has a bucket for each. */
  @Test
  void of_anyOtherText_isNobody() {
    for (String text : List.of("", " ", "K1", "k", "k11", "k1,k3", "acme", "k\u00e4")) {
      assertThat(keys.resolve(request(text))).as(text).isEmpty();
    }
    assertThat(keys.resolve(request())).isEmpty();
    assertThat(keys.resolve(FakeRequest.of("GET /?X-Api-Key=k1"))).isEmpty();
    assertThat(keys.resolve(request("k1".repeat(512) + "k"))).isEmpty();
  }

  @Test
  void resolve_severalKeys_isTheFirstThatWasGivenOut() {
    assertThat(keys.resolve(request("k0", "k1", "k3"))).contains(ACME);
  }

  @Test
  void resolve_authorization_isBehindBearer() {
    ApiKeys bearer = ApiKeys.of("authorization", Map.of("k1", "acme"));

    for (String value : List.of("Bearer k1", "bearer  k1 ", "BEARER k1")) {
      assertThat(bearer.resolve(FakeRequest.of("GET /").with("authorization", value)))
          .as(value)
          .contains(ACME);
    }
    for (String value : List.of("k1", "Basic k1", "Bearer", "Bearer ", "Bearerk1")) {
      assertThat(bearer.resolve(FakeRequest.of("GET /").with("authorization", value)))
          .as(value)
          .isEmpty();
    }
  }

  @Test
  void of_mapChangedAfterwards_isCopied() {
    Map<String, String> owners = new HashMap<>(Map.of("k1", "acme"));
    ApiKeys copied = ApiKeys.of(FIELD, owners);
    owners.put("k2", "globex");

    assertThat(copied.resolve(request("k2"))).isEmpty();
  }

  @Test
  void of_longestKey_isFound() {
    String longest = "x".repeat(1024);
    assertThat(ApiKeys.of(FIELD, Map.of(longest, "acme")).resolve(request(longest))).contains(ACME);
  }

  /** The figure is HMAC-SHA-256 by another library: the same wherever the secret is. */
  @Test
  void checkedBy_validKey_isItsKeyedHash() {
    ApiKeys checked = ApiKeys.checkedBy(FIELD, SECRET, "k1"::equals);
    Identity identity = checked.resolve(request("k0", "k1")).orElseThrow();

    assertThat(identity).isEqualTo(Identity.named("api-key-hash", "-deht7jyTFSkyzk_ora5CQ"));
    assertThat(identity.partitionKey(Partition.IDENTITY)).doesNotContain("k1");
    assertThat(checked.resolve(request("k2"))).isEmpty();
    byte[] other = SECRET.clone();
    other[0]++;
    assertThat(ApiKeys.checkedBy(FIELD, other, "k1"::equals).resolve(request("k1")))
        .isPresent()
        .isNotEqualTo(checked.resolve(request("k1")));
  }

  @Test
  void checkedBy_secretChangedAfterwards_isCopied() {
    byte[] secret = SECRET.clone();
    ApiKeys checked = ApiKeys.checkedBy(FIELD, secret, "k1"::equals);
    secret[0]++;

    assertThat(checked.resolve(request("k1")))
        .isEqualTo(ApiKeys.checkedBy(FIELD, SECRET, "k1"::equals).resolve(request("k1")));
  }

  @Test
  void checkedBy_whatCanBeNoKey_isNotAskedAbout() {
    List<String> asked = new ArrayList<>();
    ApiKeys checked = ApiKeys.checkedBy(FIELD, SECRET, asked::add);
    checked.resolve(request("", " ", "a b", "\u00e4", "x".repeat(1025)));

    assertThat(asked).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "X Api", "X-Api-Key:", "X\n", "\u00e4"})
  void field_noName_isRefused(String field) {
    String message = "field must be a field name (RFC 9110, section 5.1): \"" + field + '"';
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ApiKeys.of(field, Map.of("k1", "acme")))
        .withMessage(message);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ApiKeys.checkedBy(field, SECRET, key -> true))
        .withMessage(message);
  }

  @Test
  void of_noKeys_isRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ApiKeys.of(FIELD, Map.of()))
        .withMessage("ownersByKey must not be empty");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a b", "secret\u00e4", "secret\n"})
  void of_whatNoClientCanSend_isRefusedWithoutIt(String key) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ApiKeys.of(FIELD, Map.of(key, "acme")))
        .withMessage(
            "ownersByKey must have keys of 1 to 1024 characters of visible ASCII: one of "
                + key.length()
                + " characters");
  }

  @Test
  void of_ownerWithoutAName_isRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ApiKeys.of(FIELD, Map.of("k1", " ")))
        .withMessage("name must not be blank");
  }

  @Test
  void secret_tooShort_isRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ApiKeys.checkedBy(FIELD, new byte[31], key -> true))
        .withMessage("secret must have at least 32 bytes: 31");
  }

  @Test
  @SuppressWarnings("NullAway") // null is what is tested
  void nulls_nameTheParameter() {
    assertThatNullPointerException()
        .isThrownBy(() -> ApiKeys.of(null, Map.of()))
        .withMessage("field");
    assertThatNullPointerException()
        .isThrownBy(() -> ApiKeys.of(FIELD, null))
        .withMessage("ownersByKey");
    assertThatNullPointerException()
        .isThrownBy(() -> ApiKeys.checkedBy(FIELD, null, key -> true))
        .withMessage("secret");
    assertThatNullPointerException()
        .isThrownBy(() -> ApiKeys.checkedBy(FIELD, SECRET, null))
        .withMessage("isValid");
    assertThatNullPointerException().isThrownBy(() -> keys.resolve(null)).withMessage("request");
  }

  private static FakeRequest request(String... values) {
    return FakeRequest.of("GET /").with(FIELD, values);
  }
}
