package dev.penstock.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/** The index of rules against the list of them. */
class RandomRulesTest {

  private static final long SEED = Long.getLong("penstock.fuzz.seed", 20260101);
  private static final int LISTS = Integer.getInteger("penstock.fuzz.rules", 500);
  private static final int REQUESTS = 100;

  @Test
  void charges_areThoseOfTheList() {
    int odd = 0;
    int charged = 0;
    int tooMany = 0;
    for (int i = 0; i < LISTS; i++) {
      RandomRules random = new RandomRules(SEED + i);
      boolean ignoringCase = random.chance();
      List<Rule> inOrder = random.rules(i % 5 == 0 ? 300 : 30);
      Rules rules = new Rules(inOrder, ignoringCase);
      RulesByList list = new RulesByList(inOrder, ignoringCase);
      for (int j = 0; j < REQUESTS; j++) {
        FakeRequest request = random.request();
        List<Rule.Charge> expected = list.charges(request);
        List<Rule.Charge> charges = rules.charges(request);
        if (expected.size() > Rules.MOST_CHARGES) {
          assertThat(charges).hasSizeGreaterThan(Rules.MOST_CHARGES);
          tooMany++;
        } else {
          assertThat(charges)
              .as("seed %d, ignoring case: %s, %s", SEED + i, ignoringCase, request)
              .isEqualTo(expected);
        }
        charged += expected.isEmpty() ? 0 : 1;
        odd += RequestPath.of(request.target(), ignoringCase) instanceof OddPath ? 1 : 0;
      }
    }
    int all = LISTS * REQUESTS;
    assertThat(odd).isBetween(all / 4, all * 3 / 4);
    assertThat(charged).isBetween(all / 4, all - all / 20);
    assertThat(tooMany).isPositive();
  }
}
