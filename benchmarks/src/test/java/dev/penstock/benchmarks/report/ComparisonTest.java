package dev.penstock.benchmarks.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ComparisonTest {

  private static Measurement of(String method, String identities) {
    Map<String, String> params = Map.of("identities", identities, "server", "127.0.0.1:1");
    return new Measurement(
        "S", method, params, Threads.platform(16), 1, 0, "ops/s", 0, Map.of(), 0);
  }

  @Test
  void describe_virtualThreads_saysSo() {
    Measurement measurement =
        new Measurement(
            "S", "permitted", Map.of(), Threads.virtual(64), 1, 0, "ops/s", 0, Map.of(), 0);
    assertThat(Comparison.of(List.of(measurement)))
        .extracting(Comparison::describe)
        .containsExactly("permitted, 64 virtual threads");
  }

  @Test
  void of_parameterNamesTheLimiter_isOneComparison() {
    List<Comparison> comparisons =
        Comparison.of(
            List.of(
                MeasurementTest.of("S", "permitted", "floor", 1),
                MeasurementTest.of("S", "permitted", "map+bucket4j", 1),
                MeasurementTest.of("S", "permitted", "penstock", 1)));
    assertThat(comparisons).hasSize(1);
    assertThat(comparisons.get(0).peers()).containsExactly("map+bucket4j");
    assertThat(comparisons.get(0).floor()).isPresent();
    assertThat(comparisons.get(0).penstock()).isPresent();
  }

  @Test
  void of_methodsNameTheLimiter_floorStandsBesideEachOfTheSameSize() {
    List<Comparison> comparisons =
        Comparison.of(
            List.of(
                of("bareScript", "1"),
                of("permitted", "1"),
                of("bucket4jPermitted", "1"),
                of("denied", "1"),
                of("denied", "10000")));
    assertThat(comparisons)
        .extracting(Comparison::describe)
        .containsExactly(
            "permitted, identities 1, 16 threads",
            "denied, identities 1, 16 threads",
            "denied, identities 10,000, 16 threads");
    assertThat(comparisons.get(0).contenders().keySet())
        .containsExactlyInAnyOrder("floor", "penstock", "bucket4j");
    assertThat(comparisons.get(1).contenders().keySet())
        .containsExactlyInAnyOrder("floor", "penstock");
    assertThat(comparisons.get(2).contenders().keySet()).containsExactly("penstock");
  }

  @Test
  void of_methodBeginsWithWhatAPeerDoes_peerStandsBesideItToo() {
    List<Comparison> comparisons =
        Comparison.of(
            List.of(
                of("bareScript", "1"),
                of("bucket4jDenied", "1"),
                of("bucket4jPermitted", "1"),
                of("permitted", "1"),
                of("permittedByLease", "1"),
                of("permittedByLease", "10000")));
    assertThat(comparisons)
        .extracting(Comparison::describe)
        .containsExactly(
            "denied, identities 1, 16 threads",
            "permitted, identities 1, 16 threads",
            "permittedByLease, identities 1, 16 threads",
            "permittedByLease, identities 10,000, 16 threads");
    assertThat(comparisons.get(2).contenders())
        .isEqualTo(
            Map.of(
                "floor", of("bareScript", "1"),
                "penstock", of("permittedByLease", "1"),
                "bucket4j", of("bucket4jPermitted", "1")));
    assertThat(comparisons.get(3).contenders().keySet()).containsExactly("penstock");
  }

  @Test
  void of_peerDoesTheVerySame_thatStandsBesideIt() {
    List<Comparison> comparisons =
        Comparison.of(
            List.of(
                of("bucket4jPermittedByLease", "1"),
                of("bucket4jPermitted", "1"),
                of("permittedByLease", "1")));
    assertThat(comparisons.get(0).of("bucket4j")).contains(of("bucket4jPermittedByLease", "1"));
  }

  @Test
  void of_parameterNamesTheLimiter_othersStandBesideTheirOwnMethodOnly() {
    List<Comparison> comparisons =
        Comparison.of(
            List.of(
                MeasurementTest.of("S", "permitted", "guava", 1),
                MeasurementTest.of("S", "permittedTwice", "penstock", 1)));
    assertThat(comparisons.get(1).contenders().keySet()).containsExactly("penstock");
  }
}
