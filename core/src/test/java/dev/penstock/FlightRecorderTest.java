package dev.penstock;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.base.FlightRecorder;
import dev.penstock.memory.InMemoryRateLimiter;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FlightRecorderTest {

  private static final FlightRecorder FLIGHT = FlightRecorder.ofThisProcess();
  private static final LimitPolicy POLICY =
      LimitPolicy.perIdentity("runs", Limit.perDay(1))
          .and(LimitPolicy.everyone("all", Limit.perDay(1)));
  private static final LimitPolicy AMPLE = LimitPolicy.perIdentity("ample", Limit.perDay(999_999));
  private static final Identity USER = Identity.user("acme-inc", "jane");

  @TempDir private Path directory;

  @Test
  void denied_isRecordedWithoutAName() throws IOException {
    List<RecordedEvent> events =
        recorded(
            "dev.penstock.Denied",
            () -> {
              RateLimiter limiter = InMemoryRateLimiter.create().listening(new DenialLog());
              limiter.tryAcquire(USER, POLICY);
              limiter.tryAcquire(USER, POLICY);
              limiter.tryAcquire(USER, POLICY, 2);
            });
    assertThat(events).hasSize(2);
    RecordedEvent denied = events.get(0);
    assertThat(denied.getString("limits")).isEqualTo("runs,all");
    assertThat(denied.getString("kind")).isEqualTo("USER");
    assertThat(denied.getString("source")).isEqualTo("MEMORY");
    assertThat(denied.getBoolean("never")).isFalse();
    assertThat(denied.getDuration("retryAfter"))
        .isBetween(Duration.ofHours(23), Duration.ofDays(1));
    assertThat(denied.getStackTrace()).isNull();
    assertThat(denied.toString()).doesNotContain("acme-inc").doesNotContain("jane");
    assertThat(events.get(1).getBoolean("never")).isTrue();
    assertThat(events.get(1).getLong("retryAfter")).isEqualTo(-1);
  }

  @Test
  void decision_isRecordedOfSomeByChance() throws IOException {
    List<RecordedEvent> events =
        recorded(
            "dev.penstock.Decision",
            () -> {
              RateLimiter limiter = InMemoryRateLimiter.create().listening(new DenialLog());
              for (int i = 0; i < 100_000; i++) {
                limiter.tryAcquire(USER, AMPLE);
              }
            });
    assertThat(events).hasSizeBetween(500, 1_200);
    assertThat(events.get(0).getString("policy")).isEqualTo("ample");
    assertThat(events.get(0).getBoolean("permitted")).isTrue();
    assertThat(events.get(0).getLong("took")).isNotNegative();
  }

  @Test
  void failoverAndReload_areRecorded() throws IOException {
    List<RecordedEvent> failover =
        recorded(
            "dev.penstock.FailoverState",
            () -> {
              FLIGHT.failover("Redis at h:1", false);
              FLIGHT.failover("Redis at h:1", true);
            });
    assertThat(failover)
        .extracting(event -> event.getString("store") + " " + event.getBoolean("available"))
        .containsExactly("Redis at h:1 false", "Redis at h:1 true");
    List<RecordedEvent> reload =
        recorded("dev.penstock.Reload", () -> FLIGHT.reload("policy.yaml", false, 3));
    assertThat(reload)
        .extracting(
            event ->
                event.getString("file")
                    + " "
                    + event.getBoolean("accepted")
                    + " "
                    + event.getInt("faults"))
        .containsExactly("policy.yaml false 3");
  }

  @Test
  void recordsDenials_onlyWhileARecordingWantsThem() throws IOException {
    assertThat(FLIGHT.recordsDenials()).isFalse();
    recorded("dev.penstock.Decision", () -> assertThat(FLIGHT.recordsDenials()).isFalse());
    recorded("dev.penstock.Denied", () -> assertThat(FLIGHT.recordsDenials()).isTrue());
    assertThat(FLIGHT.recordsDenials()).isFalse();
  }

  private List<RecordedEvent> recorded(String event, Runnable work) throws IOException {
    Path file = directory.resolve(event + ".jfr");
    try (Recording recording = new Recording()) {
      for (String each : List.of("Denied", "Decision", "FailoverState", "Reload")) {
        recording.disable("dev.penstock." + each);
      }
      recording.enable(event);
      recording.start();
      work.run();
      recording.stop();
      recording.dump(file);
    }
    return RecordingFile.readAllEvents(file).stream()
        .filter(each -> each.getEventType().getName().equals(event))
        .toList();
  }
}
