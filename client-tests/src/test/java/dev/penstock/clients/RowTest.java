package dev.penstock.clients;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RowTest {

  @Test
  void of_line_readsItsCells() {
    Row row = row("0, 8, 16");
    assertThat(row)
        .isEqualTo(
            new Row(
                JavaClient.OPENAI_JAVA,
                "1.2",
                Told.A_DAY,
                List.of("0", "8", "16"),
                "Exception: {problem}"));
  }

  @Test
  void of_lineOfUnknownThings_throws() {
    assertThatThrownBy(() -> Row.of(List.of("curl", "8", "429, never", "0", "")))
        .hasMessage("text must be that of one: curl");
    assertThatThrownBy(() -> Row.of(List.of("OkHttp", "8", "418", "0", "")))
        .hasMessage("text must be that of one: 418");
    assertThatThrownBy(() -> Row.of(List.of("OkHttp"))).hasMessage("cells must be 5: [OkHttp]");
  }

  @Test
  void asStated_timesThatFit_areThoseOfTheLine() {
    assertThat(row("0, 0.37+, 8").asStated(times(0, 376, 8_003)))
        .containsExactly("0", "0.37+", "8");
  }

  @Test
  void asStated_timesThatDoNotFit_areSeconds() {
    assertThat(row("0, 0.37+").asStated(times(0, 369, 8_016))).containsExactly("0", "0.37", "8.02");
  }

  private static Row row(String requests) {
    String told = "| openai-java | 1.2 | 429, `Retry-After: 86400` | ";
    return Row.of(Row.cells(told + requests + " | `Exception: {problem}` |"));
  }

  private static List<Duration> times(int... millis) {
    return IntStream.of(millis).mapToObj(Duration::ofMillis).toList();
  }
}
