package dev.penstock.base;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.penstock.CapturingLogger;
import dev.penstock.Crowd;
import dev.penstock.FakeClock;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BoundedLogTest {

  private final CapturingLogger logger = new CapturingLogger(Level.INFO);
  private final FakeClock clock = new FakeClock(Long.MAX_VALUE - 5);
  private final BoundedLog log = new BoundedLog(logger, clock);

  @Test
  void log_fewLines_writesThemAsTheyAre() {
    IllegalStateException cause = new IllegalStateException("x");
    log.log(Level.WARNING, "first {0} %s", cause);
    log.log(Level.INFO, "second", null);
    assertThat(logger.lines())
        .containsExactly(
            new CapturingLogger.Line(Level.WARNING, "first {0} %s", cause),
            new CapturingLogger.Line(Level.INFO, "second", null));
  }

  @Test
  void log_flood_writesTenLinesASecondAndCountsTheRestInTheNext() {
    flood(1000);
    assertThat(logger.texts()).hasSize(10).containsOnly("line");
    clock.advance(Duration.ofMillis(999));
    flood(500);
    assertThat(logger.texts()).hasSize(10);
    clock.advance(Duration.ofMillis(1));
    flood(11);
    assertThat(logger.texts()).hasSize(20);
    assertThat(logger.texts().get(10)).isEqualTo("line (left out before this: 1490)");
    assertThat(logger.texts().subList(11, 20)).containsOnly("line");
    clock.advance(Duration.ofDays(36_525));
    flood(1);
    assertThat(logger.texts().get(20)).isEqualTo("line (left out before this: 1)");
  }

  @Test
  void log_linesOfAMinute_writesSoMany() {
    BoundedLog few = new BoundedLog(logger, clock, 2, Duration.ofMinutes(1));
    for (int i = 0; i < 5; i++) {
      few.info("line");
      clock.advance(Duration.ofSeconds(11));
    }
    assertThat(logger.texts()).containsExactly("line", "line");
    clock.advance(Duration.ofSeconds(5));
    few.warn("next");
    assertThat(logger.texts()).endsWith("next (left out before this: 3)");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, -1, 255})
  void boundedLog_linesOutOfRange_isRefused(int lines) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new BoundedLog("any", lines, Duration.ofMinutes(1)))
        .withMessage("lines must be from 1 to 254: " + lines);
  }

  @Test
  void log_clockGoesBack_writesNoMore() {
    clock.advance(Duration.ofSeconds(10));
    flood(20);
    clock.advance(Duration.ofSeconds(-5));
    flood(20);
    assertThat(logger.texts()).hasSize(10);
  }

  @Test
  void log_floodFromManyThreads_writesTenLinesAndLosesNoCount() {
    int threads = 8;
    int each = 5_000;
    try (Crowd crowd = new Crowd(threads)) {
      crowd.ask(
          i -> {
            flood(each);
            return i;
          });
    }
    assertThat(logger.texts()).hasSize(10);
    int counted = logger.texts().stream().mapToInt(BoundedLogTest::counted).sum();
    clock.advance(Duration.ofSeconds(1));
    flood(1);
    assertThat(counted + counted(logger.texts().get(10))).isEqualTo(threads * each - 10);
  }

  private static int counted(String line) {
    return line.equals("line") ? 0 : Integer.parseInt(line.replaceAll("[^0-9]", ""));
  }

  @Test
  void error_saysAllThatTheCauseSays_andAWarningItsTypeAndPlaceAlone() {
    IllegalStateException failure = new IllegalStateException("a secret of the request");
    log.error("line", failure);
    log.warn("line", failure);
    assertThat(logger.lines().get(0))
        .isEqualTo(new CapturingLogger.Line(Level.ERROR, "line", failure));
    assertThat(logger.lines().get(1).cause()).isNull();
    assertThat(logger.texts().get(1))
        .startsWith("line: java.lang.IllegalStateException at dev.penstock.base.BoundedLogTest")
        .doesNotContain("secret");
  }

  /** Handlers are the application's, and so is what a cause has to say. */
  @Test
  void log_loggerThatFails_isCountedAndReachesNobody() {
    logger.failWith(new StackOverflowError());
    flood(3);
    logger.failWith(null);
    flood(1);
    assertThat(logger.texts()).containsExactly("line (left out before this: 3)");
  }

  @Test
  void isLoggable_asksTheLogger() {
    assertThat(log.isLoggable(Level.INFO)).isTrue();
    assertThat(log.isLoggable(Level.DEBUG)).isFalse();
  }

  private void flood(int lines) {
    IntStream.range(0, lines).forEach(i -> log.log(Level.INFO, "line", null));
  }
}
