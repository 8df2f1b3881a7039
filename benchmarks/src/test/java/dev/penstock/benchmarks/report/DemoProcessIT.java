package dev.penstock.benchmarks.report;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The demo servers that are put under load are what they are said to be. */
class DemoProcessIT {

  private static final Map<String, String> FREE_PORT = Map.of("PORT", "0");

  @Test
  void limited_request_bearsTheFields() throws Exception {
    try (DemoProcess demo = DemoProcess.limited(FREE_PORT)) {
      HttpLoad.requireFields(demo, true);
      assertThatThrownBy(() -> HttpLoad.requireFields(demo, false))
          .isInstanceOf(IOException.class)
          .hasMessageStartingWith("unexpected answer: ");
    }
  }

  @Test
  void unlimited_request_bearsNoFields() throws Exception {
    try (DemoProcess demo = DemoProcess.unlimited(FREE_PORT)) {
      HttpLoad.requireFields(demo, false);
    }
  }

  @Test
  void constantFields_request_bearsTheFields() throws Exception {
    try (DemoProcess demo = DemoProcess.constantFields(FREE_PORT)) {
      HttpLoad.requireFields(demo, true);
    }
  }

  @Test
  void limited_badSetting_saysWhatTheDemoSaid() {
    assertThatThrownBy(() -> DemoProcess.limited(Map.of("PORT", "none")))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("PORT must be a number");
  }
}
