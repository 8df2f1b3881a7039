package dev.penstock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import dev.penstock.MetricFamily.Sample;
import dev.penstock.MetricFamily.Spread;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MetricFamilyTest {

  private static final SortedMap<String, String> NO_LABELS = Collections.emptySortedMap();

  @ParameterizedTest
  @ValueSource(strings = {"", "1a", "a-b", "a b", "a\n", "ä"})
  void of_badName_isRefused(String name) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> MetricFamily.of(MetricFamily.Type.GAUGE, name, "Help."))
        .withMessage("name must be letters, digits, underscores and colons: " + name);
  }

  @Test
  void of_totalOfNoCounter_isRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> MetricFamily.of(MetricFamily.Type.COUNTER, "a", "Help."))
        .withMessage("name must end in _total exactly if it is a counter's: a");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> MetricFamily.of(MetricFamily.Type.GAUGE, "a_total", "Help."))
        .withMessage("name must end in _total exactly if it is a counter's: a_total");
  }

  @Test
  void of_seriesTwice_isRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                MetricFamily.of(
                    MetricFamily.Type.GAUGE,
                    "a",
                    "Help.",
                    Sample.of(1, "x", "1", "y", "2"),
                    Sample.of(2, "y", "2", "x", "1")))
        .withMessage("samples must not have the same labels twice: a{x=1, y=2}");
  }

  @Test
  void of_samplesOfAnotherType_areRefused() {
    Spread spread = new Spread(NO_LABELS, List.of(1.0), List.of(0L, 0L), 0);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> MetricFamily.of(MetricFamily.Type.GAUGE, "a", "Help.", spread))
        .withMessage("samples must be of the type GAUGE: a{}");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> MetricFamily.of(MetricFamily.Type.HISTOGRAM, "a", "Help.", Sample.of(1)))
        .withMessage("samples must be of the type HISTOGRAM: a{}");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> MetricFamily.of(MetricFamily.Type.COUNTER, "a_total", "Help.", Sample.of(-1)))
        .withMessage("samples must not be negative in a counter: a_total{}");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "1a", "a-b", "__a", "le", "a:b"})
  void sample_badLabel_isRefused(String label) {
    String message =
        "name must be a label's, letters, digits and underscores, and not le: " + label;
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Sample.of(1, label, "x"))
        .withMessage(message);
    Metered one = () -> List.of();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> one.labelled(label, "x"))
        .withMessage(message);
  }

  @Test
  void sample_labelsThatAreNoPairs_areRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Sample.of(1, "a"))
        .withMessage("labels must be names and values in turn: [a]");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Sample.of(1, "a", "1", "a", "2"))
        .withMessage("labels must not be named twice: [a, 1, a, 2]");
  }

  @Test
  void spread_badParts_areRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Spread(NO_LABELS, List.of(2.0, 1.0), List.of(0L, 0L, 0L), 0))
        .withMessage("bounds must rise and be finite: [2.0, 1.0]");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                new Spread(
                    NO_LABELS, List.of(1.0, Double.POSITIVE_INFINITY), List.of(0L, 0L, 0L), 0))
        .withMessage("bounds must rise and be finite: [1.0, Infinity]");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Spread(NO_LABELS, List.of(1.0), List.of(0L), 0))
        .withMessage("counts must be one more than bounds, of which there is one: 1");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Spread(NO_LABELS, List.of(1.0), List.of(0L, -1L), 0))
        .withMessage("counts must not be negative: [0, -1]");
  }

  @Test
  void labelled_everySample_bearsTheLabelBesides() {
    MetricFamily gauge =
        MetricFamily.of(MetricFamily.Type.GAUGE, "a", "Help.", Sample.of(1, "x", "1"));
    Spread spread = new Spread(NO_LABELS, List.of(1.0), List.of(2L, 3L), 4);
    MetricFamily histogram = MetricFamily.of(MetricFamily.Type.HISTOGRAM, "b", "Help.", spread);
    Metered one = () -> List.of(gauge, histogram);
    assertThat(one.labelled("limiter", "chat").metrics())
        .containsExactly(
            MetricFamily.of(
                MetricFamily.Type.GAUGE, "a", "Help.", Sample.of(1, "x", "1", "limiter", "chat")),
            MetricFamily.of(
                MetricFamily.Type.HISTOGRAM,
                "b",
                "Help.",
                new Spread(
                    Sample.of(0, "limiter", "chat").labels(), List.of(1.0), List.of(2L, 3L), 4)));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> one.labelled("x", "2").metrics())
        .withMessage("name must be of no label that is there: x");
  }

  @Test
  @SuppressWarnings("NullAway") // null is what is tested
  void nulls_nameTheParameter() {
    assertThatNullPointerException()
        .isThrownBy(() -> MetricFamily.of(null, "a", "Help."))
        .withMessage("type");
    assertThatNullPointerException()
        .isThrownBy(() -> MetricFamily.of(MetricFamily.Type.GAUGE, null, "Help."))
        .withMessage("name");
    assertThatNullPointerException()
        .isThrownBy(() -> MetricFamily.of(MetricFamily.Type.GAUGE, "a", null))
        .withMessage("help");
    Metered one = () -> List.of();
    assertThatNullPointerException().isThrownBy(() -> one.labelled("a", null)).withMessage("value");
  }
}
