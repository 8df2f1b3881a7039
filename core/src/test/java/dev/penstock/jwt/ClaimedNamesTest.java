package dev.penstock.jwt;

import static dev.penstock.jwt.TestTokens.token;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.List;
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
    assertThat(of("{'x':{'y':{}},'sub':'u1'}")).isEqualTo(Map.of("sub", "u1"));
  }

  /** As {@link UnverifiedToken} has them, so that rules make the same of both. */
  @Test
  void of_otherValues_areThemselves() throws Exception {
    String claims =
        "{'sub':42,'iss':{'a':-7,'b':[-0,4.2,1e3,true,false],'c':[[{'d':'x'},'y'],{}],'sub':[]}}";

    assertThat(of(claims))
        .isEqualTo(UnverifiedToken.of(token("{}", claims, input -> new byte[1])).claims())
        .containsEntry("sub", 42);
    assertThat(of("{'x':[{'sub':1}],'iss':['i',['j']],'y':{'iss':2}}"))
        .isEqualTo(Map.of("iss", List.of("i", List.of("j"))));
    assertThat(of("{'sub':null}")).containsOnlyKeys("sub").containsValue(null);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a", "a.b", "a.b.c", "..", ".!!.", ".e30", ".IiI.", ".W10."})
  void of_noToken_isNothing(String token) {
    assertThat(ClaimedNames.of(token, NAMES::contains)).isEmpty();
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
    assertThat(ClaimedNames.of(longest + padding, NAMES::contains)).isEqualTo(Map.of("sub", "u1"));
    assertThat(ClaimedNames.of(longest + padding + "A", NAMES::contains)).isEmpty();
  }

  private static Map<String, Object> of(String claims) {
    return new HashMap<>(
        ClaimedNames.of(token("{}", claims, input -> new byte[1]), NAMES::contains));
  }
}
