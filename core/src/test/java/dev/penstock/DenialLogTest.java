package dev.penstock;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.base.BoundedLog;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.logging.LogRecord;
import org.junit.jupiter.api.Test;

class DenialLogTest {

  private static final Limit FIVE = Limit.perMinute(5);

  private final CapturingLogger logger = new CapturingLogger(Level.INFO);
  private final FakeClock clock = new FakeClock(0);
  private final DenialLog log = new DenialLog(new BoundedLog(logger, clock));

  @Test
  void onEvent_permitted_writesNothing() {
    log.onEvent(
        TestEvents.decided(
            Identity.Kind.USER, Decision.of(Decision.Source.MEMORY, List.of(yes("runs")))));
    assertThat(logger.lines()).isEmpty();
  }

  @Test
  void onEvent_denied_namesThePoliciesThatSaidNoTheKindAndTheTime() {
    Decision decision =
        Decision.of(
            Decision.Source.MEMORY,
            List.of(no("runs", 1_500_000), yes("day"), no("platform", 12_000_000_000L)));
    log.onEvent(TestEvents.decided(Identity.Kind.ADDRESS, decision));
    assertThat(logger.lines())
        .containsExactly(
            new CapturingLogger.Line(
                Level.INFO,
                "denied: policy=runs policy=platform identity=ADDRESS retry_after_ms=12000",
                null));
  }

  @Test
  void onEvent_neverPermitted_saysNever() {
    log.onEvent(
        TestEvents.decided(
            Identity.Kind.NAMED,
            Decision.of(Decision.Source.MEMORY, List.of(no("runs", BucketState.NEVER)))));
    assertThat(logger.texts())
        .containsExactly("denied: policy=runs identity=NAMED retry_after=never");
  }

  @Test
  void onEvent_nobodyDecided_namesPolicyAndSource() {
    log.onEvent(TestEvents.decided(Identity.Kind.USER, Decision.closed(Duration.ofMillis(1_500))));
    log.onEvent(TestEvents.decided(Identity.Kind.ADDRESS, Decision.open()));
    log.onEvent(TestEvents.settled(Cost.of(1), Cost.of(2), Decision.open()));
    log.onEvent(
        new RateLimitEvent(
            RateLimitEvent.Type.DECIDED,
            Identity.user("u1"),
            "a\nb",
            Cost.ONE_REQUEST,
            Optional.empty(),
            Decision.open(),
            Optional.empty()));
    assertThat(logger.texts())
        .containsExactly(
            "denied: policy=runs source=CLOSED identity=USER retry_after_ms=1500",
            "permitted without a limit: policy=runs source=OPEN identity=ADDRESS",
            "permitted without a limit: policy=a?b source=OPEN identity=USER");
  }

  @Test
  void onEvent_shadow_saysWhatItWouldDenyOnce() {
    Decision permitted = Decision.of(Decision.Source.MEMORY, List.of(yes("runs")));
    Decision shadow =
        Decision.of(Decision.Source.MEMORY, List.of(no("next", 1_500_000), yes("day")));
    Decision would = permitted.withShadow(shadow);
    log.onEvent(TestEvents.decided(Identity.Kind.USER, would));
    log.onEvent(TestEvents.of(RateLimitEvent.Type.SETTLED, Identity.Kind.USER, would));
    log.onEvent(TestEvents.decided(Identity.Kind.USER, permitted.withShadow(permitted)));
    assertThat(logger.texts())
        .containsExactly("would deny: policy=next identity=USER retry_after_ms=2");
  }

  @Test
  void onEvent_levelIsOff_writesAndCountsNothing() {
    CapturingLogger quiet = new CapturingLogger(Level.WARNING);
    DenialLog off = new DenialLog(new BoundedLog(quiet, clock));
    off.onEvent(
        TestEvents.decided(
            Identity.Kind.USER, Decision.of(Decision.Source.MEMORY, List.of(no("runs", 1)))));
    assertThat(quiet.lines()).isEmpty();
  }

  @Test
  void listening_floodOfDenials_isTenLinesASecondAndNamesNobody() {
    RateLimiter limiter =
        new FixedLimiter(Decision.of(Decision.Source.MEMORY, List.of(no("runs", 1_000_000))))
            .listening(log);
    LimitPolicy policy = LimitPolicy.perIdentity("runs", FIVE);
    Identity identity = Identity.user("secret-workspace", "secret-user");
    for (int i = 0; i < 1000; i++) {
      limiter.tryAcquire(identity, policy);
    }
    clock.advance(Duration.ofSeconds(1));
    limiter.tryAcquire(identity, policy);
    String line = "denied: policy=runs identity=USER retry_after_ms=1";
    assertThat(logger.texts()).hasSize(11);
    assertThat(logger.texts().subList(0, 10)).containsOnly(line);
    assertThat(logger.texts().get(10)).isEqualTo(line + " (left out before this: 990)");
  }

  @Test
  void denialLog_asMade_writesToTheSystemLoggerOfItsName() {
    try (CapturedLog captured = new CapturedLog(DenialLog.class)) {
      new DenialLog()
          .onEvent(
              TestEvents.decided(
                  Identity.Kind.USER,
                  Decision.of(Decision.Source.MEMORY, List.of(no("runs", 1_000_001)))));
      assertThat(captured.records())
          .extracting(LogRecord::getMessage)
          .containsExactly("denied: policy=runs identity=USER retry_after_ms=2");
    }
  }

  private static BucketState yes(String name) {
    return new BucketState(name, FIVE, true, 4, 0, 1);
  }

  private static BucketState no(String name, long retryAfterNanos) {
    return new BucketState(name, FIVE, false, 0, retryAfterNanos, 1);
  }
}
