package dev.penstock.benchmarks.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class ScenarioTest {

  private static Scenario named(String simpleName) {
    return Scenario.all().stream()
        .filter(scenario -> scenario.simpleName().equals(simpleName))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void all_classOfBenchmarks_isWhatItsAnnotationsSay() {
    Scenario nodes = named("ScaleByNodesBenchmark");
    assertThat(nodes.usesRedis()).isTrue();
    assertThat(nodes.threads()).hasValue(16);
    assertThat(nodes.sizes()).isEqualTo(Map.of("nodes", List.of("1", "2", "3")));
    assertThat(nodes.pattern())
        .isEqualTo("^dev\\.penstock\\.benchmarks\\.ScaleByNodesBenchmark\\.");
    assertThat(named("ScaleByThreadsBenchmark").usesRedis()).isFalse();
    assertThat(named("ScaleByThreadsBenchmark").threads()).isEmpty();
  }

  @Test
  void measurements_areMethodsTimesTheValuesOfEachParameter() {
    Map<String, List<String>> params = Map.of("a", List.of("1", "2", "3"), "b", List.of("x", "y"));
    assertThat(new Scenario("S", 2, params, OptionalInt.empty()).measurements()).isEqualTo(12);
    assertThat(new Scenario("S", 4, Map.of(), OptionalInt.empty()).measurements()).isEqualTo(4);
  }
}
