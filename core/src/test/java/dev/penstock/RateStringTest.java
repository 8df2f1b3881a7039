package dev.penstock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class RateStringTest {

  static Stream<Arguments> vectors() {
    return TruthTable.text("/vectors/rate-strings.tsv")
        .lines()
        .filter(line -> !line.startsWith("#") && !line.isBlank())
        .map(line -> line.split("\t", -1))
        .map(columns -> Arguments.of(columns[0].equals("(empty)") ? "" : columns[0], columns[1]));
  }

  @ParameterizedTest
  @MethodSource("vectors")
  void parseAll_vectors(String text, String expected) {
    if (expected.equals("error")) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> Limit.parseAll(text))
          .withMessageMatching("rate must .* at position [0-9]+: .*")
          .withMessageContaining('"' + text + '"');
    } else {
      List<Limit> limits =
          Arrays.stream(expected.split(" ", -1)).map(RateStringTest::limit).toList();
      assertThat(Limit.parseAll(text)).isEqualTo(limits);
    }
  }

  private static Limit limit(String capacityAndSeconds) {
    String[] parts = capacityAndSeconds.split("/", -1);
    return Limit.per(Long.parseLong(parts[0]), Duration.ofSeconds(Long.parseLong(parts[1])));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      quoteCharacter = '`',
      value = {
        "`` ~ a count ~ 0",
        "`10` ~ `\"/\" or \"per\"` ~ 2",
        "`/minute` ~ a count ~ 0",
        "` 0/minute` ~ a count of at least 1 ~ 1",
        "`-1/minute` ~ a count ~ 0",
        "`+1/minute` ~ a count ~ 0",
        "`1.5/minute` ~ `\"/\" or \"per\"` ~ 1",
        "`1_000/minute` ~ `\"/\" or \"per\"` ~ 1",
        "`10/0 minutes` ~ a multiple of at least 1 ~ 3",
        "`10/` ~ a unit (ms, second, minute, hour, day or week) ~ 3",
        "`10/fortnight` ~ a unit (ms, second, minute, hour, day or week) ~ 3",
        "`10/month` ~ a unit (ms, second, minute, hour, day or week) ~ 3",
        "`10/2` ~ a unit (ms, second, minute, hour, day or week) ~ 4",
        "`10/month sliding` ~ a unit (ms, second, minute, hour, day or week) ~ 3",
        "`10/5 minutes fixed` ~ one minute before fixed ~ 5",
        "`10/second fixed` ~ a unit of the calendar (minute, hour, day, week, month or year)"
            + " before fixed ~ 3",
        "`10/day fixed Berlin` ~ a time zone such as Europe/Berlin, or nothing, behind fixed ~ 13",
        "`10/day fixed sliding` ~ a time zone such as Europe/Berlin, or nothing, behind fixed ~ 13",
        "`10/day sliding Europe/Berlin` ~ a separator (; , or |) or the end ~ 15",
        "`10/day fixed;` ~ a count ~ 13",
        "`10/dayfixed` ~ a unit (ms, second, minute, hour, day or week) ~ 3",
        "`10/minute;` ~ a count ~ 10",
        "`;10/minute` ~ a count ~ 0",
        "`10/minute;;5/second` ~ a count ~ 10",
        "`10/minute; ,5/second` ~ a count ~ 11",
        "`10/minute foo` ~ a separator (; , or |) or the end ~ 10",
        "`10 / minute / second` ~ a separator (; , or |) or the end ~ 12",
        "`10/minute 5/second` ~ a separator (; , or |) or the end ~ 10",
        "`99999999999999999999/minute` ~ a count of at most 999999999999999 ~ 0",
        "`1/99999999999999999999 s` ~ a multiple of at most 999999999999999 ~ 2",
        "`10/m\u0131nute` ~ a separator (; , or |) or the end ~ 4",
        "`\u0661\u0660/minute` ~ a count ~ 0",
      })
  void parseAll_noRateString_namesWhatIsMissingWhereAndTheText(
      String text, String expected, int position) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Limit.parseAll(text))
        .withMessage(
            "rate must have " + expected + " at position " + position + ": \"" + text + "\"");
  }

  @ParameterizedTest
  @CsvSource({
    "1/ms, 1",
    "1/millisecond, 1",
    "1/milliseconds, 1",
    "1/s, 1000",
    "1/sec, 1000",
    "1/secs, 1000",
    "1/second, 1000",
    "1/seconds, 1000",
    "1/m, 60000",
    "1/min, 60000",
    "1/mins, 60000",
    "1/minute, 60000",
    "1/minutes, 60000",
    "1/h, 3600000",
    "1/hr, 3600000",
    "1/hrs, 3600000",
    "1/hour, 3600000",
    "1/hours, 3600000",
    "1/d, 86400000",
    "1/day, 86400000",
    "1/days, 86400000",
    "1/w, 604800000",
    "1/week, 604800000",
    "1/weeks, 604800000",
    "1 PER 250 Ms, 250",
    "001/0100ms, 100",
    "  1  per  3  weeks  , 1814400000",
  })
  void parse_everyUnit_isItsLength(String text, long millis) {
    assertThat(Limit.parse(text)).isEqualTo(Limit.per(1, Duration.ofMillis(millis)));
  }

  @Test
  void parseAll_windows_areOfTheirKind() {
    ZoneId berlin = ZoneId.of("Europe/Berlin");
    assertThat(Limit.parseAll(" 1000 / day fixed Europe/Berlin ;100 per minute SLIDING| 5/s"))
        .containsExactly(
            Limit.fixedWindow(1000, CalendarUnit.DAY, berlin),
            Limit.slidingWindow(100, Duration.ofMinutes(1)),
            Limit.perSecond(5));
    assertThat(Limit.parse("7/2 hours sliding"))
        .isEqualTo(Limit.slidingWindow(7, Duration.ofHours(2)));
    assertThat(Limit.parse("7/month fixed"))
        .isEqualTo(Limit.fixedWindow(7, CalendarUnit.MONTH, ZoneOffset.UTC));
    assertThat(Limit.parse("7/years Fixed UTC"))
        .isEqualTo(Limit.fixedWindow(7, CalendarUnit.YEAR, ZoneOffset.UTC));
    assertThat(Limit.parse("7/1 w fixed +02:00"))
        .isEqualTo(Limit.fixedWindow(7, CalendarUnit.WEEK, ZoneOffset.ofHours(2)));
  }

  @Test
  void parse_windowThatCannotBeKept_saysWhy() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Limit.parse("3000000000/day fixed"))
        .withMessage(
            "rate must be a limit Penstock can keep, at position 0: \"3000000000/day fixed\""
                + " (capacity must be from 1 to 2000000000: 3000000000)");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Limit.parse("3/500 ms sliding"))
        .withMessage(
            "rate must be a limit Penstock can keep, at position 0: \"3/500 ms sliding\""
                + " (window must be whole seconds, from one to 366 days: PT0.5S)");
  }

  @Test
  void parse_turkishDefaultLocale_isTheSame() {
    Locale before = Locale.getDefault();
    Locale.setDefault(Locale.forLanguageTag("tr"));
    try {
      assertThat(Limit.parse("10/MINUTE")).isEqualTo(Limit.perMinute(10));
      assertThat(Limit.parse("10 PER MILLISECOND")).isEqualTo(Limit.per(10, Duration.ofMillis(1)));
    } finally {
      Locale.setDefault(before);
    }
  }

  @Test
  void parseAll_limitThatCannotBeKept_saysWhy() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Limit.parseAll("5/s; 2000000000/s"))
        .withMessage(
            "rate must be a limit Penstock can keep, at position 5: \"5/s; 2000000000/s\""
                + " (refillTokens must be at most one per nanosecond of refillPeriod PT1S:"
                + " 2000000000)");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Limit.parseAll("1000000000000000/day"))
        .withMessage(
            "rate must be a limit Penstock can keep, at position 0: \"1000000000000000/day\""
                + " (tokens must be from 1 to 999999999999999: 1000000000000000)");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Limit.parseAll("1/9223372036854775807 weeks"))
        .withMessageStartingWith(
            "rate must be a limit Penstock can keep, at position 0:"
                + " \"1/9223372036854775807 weeks\" (");
  }

  @Test
  void parse_severalLimits_isRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Limit.parse("10/minute; 100/hour"))
        .withMessage("rate must be a single limit, found 2: \"10/minute; 100/hour\"");
  }

  @Test
  void parseAll_longText_isShownInPart() {
    String text = "x".repeat(1000);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Limit.parseAll(text))
        .withMessage(
            "rate must have a count at position 0: \""
                + "x".repeat(100)
                + "\"... (1000 characters)");
  }
}
