package dev.penstock.jwt;

import static dev.penstock.jwt.TestTokens.token;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ClaimedNamesTest {

  private static final Set<String> NAMES = Set.of("sub", "iss");

  @Test
  void of_claims_areTheTextsOfTheseNames() {
    assertThat(of("{'sub':'u\\u00e41','exp':1,'x':['sub','iss'],'y':{'iss':'no'},'z':'sub'}"))
        .isEqualTo(Map.of("sub", "u\u00e41"));
    assertThat(of("{'iss':true,'x':{'y':{}},'sub':'u1'}")).isEqualTo(Map.of("sub", "u1"));
  }

  @Test
  void of_integers_areTheirDigits() {
    assertThat(of("{'sub':42}")).isEqualTo(Map.of("sub", "42"));
    assertThat(of("{'sub':-7}")).isEqualTo(Map.of("sub", "-7"));
    for (String other : new String[] {"-0", "4.2", "1e3", "true", "null", "[42]", "{}"}) {
      assertThat(of("{'sub':" + other + "}")).as(other).isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a", "a.b", "a.b.c", "..", ".!!.", ".e30", ".IiI.", ".W10."})
  void of_noToken_isNothing(String token) {
    assertThat(ClaimedNames.of(token, NAMES)).isEmpty();
  }

  @Test
  void of_claimsOutOfAnObject_areNothing() {
    assertThat(of("[{'sub':'u1'}]")).isEmpty();
    assertThat(of("{'sub':'u1'")).isEmpty();
  }

  @Test
  void of_manyParts_areReadUpToABound() {
    // Beginning, end, and two parts for each of the others.
    String most = "{" + "'x':1,".repeat(ClaimedNames.MAX_PARTS / 2 - 3) + "'sub':'u1'}";
    assertThat(of(most)).isEqualTo(Map.of("sub", "u1"));
    assertThat(of(most.replace("'u1'", "'u1','y':1"))).isEmpty();
  }

  @Test
  void of_longToken_isNothing() {
    String longest = token("{}", "{'sub':'u1'}", input -> new byte[1500]);
    String padding = "A".repeat(ClaimedNames.MAX_LENGTH - longest.length());
    assertThat(ClaimedNames.of(longest + padding, NAMES)).isEqualTo(Map.of("sub", "u1"));
    assertThat(ClaimedNames.of(longest + padding + "A", NAMES)).isEmpty();
  }

  private static Map<String, String> of(String claims) {
    return ClaimedNames.of(token("{}", claims, input -> new byte[1]), NAMES);
  }
}
