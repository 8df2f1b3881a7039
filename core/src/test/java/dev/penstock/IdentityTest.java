package dev.penstock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class IdentityTest {

  @Test
  void user_inWorkspace_hasItsParts() {
    Identity user = Identity.user("acme", "u1");
    assertThat(user.kind()).isEqualTo(Identity.Kind.USER);
    assertThat(user.workspace()).contains("acme");
    assertThat(user.name()).isEqualTo("u1");
    assertThat(user.text()).isEqualTo("acme/u1");
  }

  @Test
  void user_alone_hasNoWorkspace() {
    Identity user = Identity.user("u1");
    assertThat(user.workspace()).isEmpty();
    assertThat(user.text()).isEqualTo("u1");
    assertThat(user.partitionKey(Partition.WORKSPACE))
        .isEqualTo(user.partitionKey(Partition.IDENTITY));
  }

  @Test
  void workspaceAddressNamed_haveTheirParts() {
    assertThat(Identity.workspace("acme").kind()).isEqualTo(Identity.Kind.WORKSPACE);
    assertThat(Identity.workspace("acme").workspace()).contains("acme");
    assertThat(Identity.workspace("acme").text()).isEqualTo("acme");
    assertThat(Identity.address("192.0.2.1").kind()).isEqualTo(Identity.Kind.ADDRESS);
    assertThat(Identity.address("192.0.2.1").workspace()).isEmpty();
    assertThat(Identity.address("192.0.2.1").text()).isEqualTo("192.0.2.1");
    assertThat(Identity.named("api-key", "k1").kind()).isEqualTo(Identity.Kind.NAMED);
    assertThat(Identity.named("api-key", "k1").name()).isEqualTo("k1");
    assertThat(Identity.named("api-key", "k1").workspace()).isEmpty();
  }

  @Test
  void partitionKey_workspace_isOneForAllOfAnIssuersWorkspace() {
    String acme = Identity.workspace("acme").partitionKey(Partition.WORKSPACE);
    assertThat(Identity.user("acme", "u1").partitionKey(Partition.WORKSPACE)).isEqualTo(acme);
    assertThat(Identity.user("acme", "u2").partitionKey(Partition.WORKSPACE)).isEqualTo(acme);
    assertThat(
            Identity.user(Optional.of("issuer"), Optional.of("acme"), "u1")
                .partitionKey(Partition.WORKSPACE))
        .isNotEqualTo(acme);
    assertThat(Identity.user("acme2", "u1").partitionKey(Partition.WORKSPACE)).isNotEqualTo(acme);
  }

  @Test
  void partitionKey_everyone_isOne() {
    assertThat(LookAlikes.ALL)
        .extracting(identity -> identity.partitionKey(Partition.EVERYONE))
        .containsOnly("*");
  }

  @Test
  void partitionKey_lookAlikes_areAllDifferent() {
    assertThat(LookAlikes.ALL)
        .extracting(identity -> identity.partitionKey(Partition.IDENTITY))
        .doesNotHaveDuplicates()
        .doesNotContain("*");
    assertThat(LookAlikes.ALL).doesNotHaveDuplicates();
  }

  @Test
  void partitionKey_randomNastyParts_areEqualExactlyIfTheIdentitiesAre() {
    Random random = new Random(20260111);
    Map<String, List<String>> partsOfKey = new HashMap<>();
    int twice = 0;
    for (int i = 0; i < 200_000; i++) {
      List<String> parts = randomParts(random);
      Identity identity = identity(parts);
      List<String> before = partsOfKey.put(identity.partitionKey(Partition.IDENTITY), parts);
      if (before != null) {
        assertThat(before).isEqualTo(parts);
        assertThat(identity(before)).isEqualTo(identity).hasSameHashCodeAs(identity);
        twice++;
      }
    }
    assertThat(twice).as("equal identities that were drawn twice").isGreaterThan(100);
  }

  private static List<String> randomParts(Random random) {
    String a = nasty(random);
    String b = nasty(random);
    return switch (random.nextInt(7)) {
      case 0 -> List.of("user", a);
      case 1 -> List.of("user in workspace", a, b);
      case 2 -> List.of("user of issuer", a, b);
      case 3 -> List.of("user of issuer in workspace", a, b, nasty(random));
      case 4 -> List.of("workspace", a);
      case 5 -> List.of("address", a);
      default -> List.of("named", a, b);
    };
  }

  private static Identity identity(List<String> parts) {
    String a = parts.get(1);
    return switch (parts.get(0)) {
      case "user" -> Identity.user(a);
      case "user in workspace" -> Identity.user(a, parts.get(2));
      case "user of issuer" -> Identity.user(Optional.of(a), Optional.empty(), parts.get(2));
      case "user of issuer in workspace" ->
          Identity.user(Optional.of(a), Optional.of(parts.get(2)), parts.get(3));
      case "workspace" -> Identity.workspace(a);
      case "address" -> Identity.address(a);
      default -> Identity.named(a, parts.get(2));
    };
  }

  /** One to four of the characters that keys are made of, and of those that are lost on the way. */
  private static String nasty(Random random) {
    String[] pieces = {"-", ":", "1", "2", "*", "u", "w", "/", "\0", "e\u0301", "\ud83d\ude00"};
    StringBuilder text = new StringBuilder();
    for (int i = random.nextInt(4); i >= 0; i--) {
      text.append(pieces[random.nextInt(pieces.length)]);
    }
    return text.toString();
  }

  @Test
  void withPlan_isTheSameIdentity() {
    Identity user = Identity.user("acme", "u1");
    Identity planned = user.withPlan("pro");
    assertThat(planned.plan()).contains("pro");
    assertThat(user.plan()).isEmpty();
    assertThat(planned).isEqualTo(user).hasSameHashCodeAs(user);
    for (Partition partition : Partition.values()) {
      assertThat(planned.partitionKey(partition)).isEqualTo(user.partitionKey(partition));
    }
    refused("plan must not be blank", () -> user.withPlan(" "));
  }

  @Test
  void toString_namesNobody() {
    assertThat(Identity.user("secret", "hidden")).hasToString("Identity[USER]");
    assertThat(Identity.workspace("secret")).hasToString("Identity[WORKSPACE]");
    assertThat(Identity.address("192.0.2.1")).hasToString("Identity[ADDRESS]");
    assertThat(Identity.named("secret", "hidden")).hasToString("Identity[NAMED]");
  }

  @Test
  void equals_sameParts_areEqualAndOtherTypesAreNot() {
    assertThat(Identity.user("acme", "u1"))
        .isEqualTo(Identity.user(Optional.empty(), Optional.of("acme"), "u1"))
        .hasSameHashCodeAs(Identity.user("acme", "u1"))
        .isNotEqualTo("acme/u1");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "\t\n", "\u2003"})
  void factories_blankPart_nameTheParameter(String blank) {
    refused("user must not be blank", () -> Identity.user(blank));
    refused("user must not be blank", () -> Identity.user("acme", blank));
    refused("workspace must not be blank", () -> Identity.user(blank, "u1"));
    refused(
        "issuer must not be blank",
        () -> Identity.user(Optional.of(blank), Optional.empty(), "u1"));
    refused("workspace must not be blank", () -> Identity.workspace(blank));
    refused("address must not be blank", () -> Identity.address(blank));
    refused("type must not be blank", () -> Identity.named(blank, "k1"));
    refused("name must not be blank", () -> Identity.named("api-key", blank));
  }

  @Test
  void factories_longPart_nameTheLengthAndNotThePart() {
    assertThat(Identity.user("x".repeat(1024)).name()).hasSize(1024);
    String tooLong = "x".repeat(1025);
    String message = " must be at most 1024 characters: 1025";
    refused("user" + message, () -> Identity.user(tooLong));
    refused("workspace" + message, () -> Identity.user(tooLong, "u1"));
    refused("issuer" + message, () -> Identity.user(Optional.of(tooLong), Optional.empty(), "u1"));
    refused("workspace" + message, () -> Identity.workspace(tooLong));
    refused("address" + message, () -> Identity.address(tooLong));
    refused("type" + message, () -> Identity.named(tooLong, "k1"));
    refused("name" + message, () -> Identity.named("api-key", tooLong));
  }

  @Test
  void factories_unpairedSurrogate_nameThePosition() {
    assertThat(Identity.user("\ud83d\ude00").name()).hasSize(2);
    String message = "user must be well-formed Unicode: unpaired surrogate at position ";
    refused(message + 1, () -> Identity.user("a\ud83d"));
    refused(message + 0, () -> Identity.user("\ude00a"));
    refused(message + 2, () -> Identity.user("\ud83d\ude00\ude00"));
  }

  @Test
  @SuppressWarnings("NullAway") // null is what is tested
  void nulls_nameTheParameter() {
    assertThatNullPointerException().isThrownBy(() -> Identity.user(null)).withMessage("user");
    assertThatNullPointerException()
        .isThrownBy(() -> Identity.user(null, "u1"))
        .withMessage("workspace");
    assertThatNullPointerException()
        .isThrownBy(() -> Identity.user("acme", null))
        .withMessage("user");
    assertThatNullPointerException()
        .isThrownBy(() -> Identity.user(null, Optional.empty(), "u1"))
        .withMessage("issuer");
    assertThatNullPointerException()
        .isThrownBy(() -> Identity.user(Optional.empty(), null, "u1"))
        .withMessage("workspace");
    assertThatNullPointerException()
        .isThrownBy(() -> Identity.user(Optional.empty(), Optional.empty(), null))
        .withMessage("user");
    assertThatNullPointerException()
        .isThrownBy(() -> Identity.workspace(null))
        .withMessage("workspace");
    assertThatNullPointerException()
        .isThrownBy(() -> Identity.address(null))
        .withMessage("address");
    assertThatNullPointerException()
        .isThrownBy(() -> Identity.named(null, "k1"))
        .withMessage("type");
    assertThatNullPointerException()
        .isThrownBy(() -> Identity.named("api-key", null))
        .withMessage("name");
    assertThatNullPointerException()
        .isThrownBy(() -> Identity.user("u1").partitionKey(null))
        .withMessage("partition");
  }

  private static void refused(String message, Runnable factory) {
    assertThatIllegalArgumentException().isThrownBy(factory::run).withMessage(message);
  }
}
