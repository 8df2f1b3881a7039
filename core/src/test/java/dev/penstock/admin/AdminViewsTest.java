package dev.penstock.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.penstock.Cost;
import dev.penstock.FakeClock;
import dev.penstock.Identity;
import dev.penstock.Limit;
import dev.penstock.LimitPolicy;
import dev.penstock.Metered;
import dev.penstock.MetricFamily;
import dev.penstock.MetricFamily.Sample;
import dev.penstock.RateLimiter;
import dev.penstock.Reservation;
import dev.penstock.config.PenstockConfig;
import dev.penstock.config.ReloadingGate;
import dev.penstock.memory.InMemoryRateLimiter;
import dev.penstock.metrics.DeniedIdentities;
import dev.penstock.metrics.Metrics;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is looked at. */
class AdminViewsTest {

  private static final Identity USER = Identity.user("acme", "u1");
  private static final LimitPolicy RUNS =
      LimitPolicy.perIdentity("runs", Limit.perMinute(2))
          .and(LimitPolicy.perWorkspace("slots", Limit.inFlight(4)));

  @TempDir private Path directory;

  private final InMemoryRateLimiter store = InMemoryRateLimiter.create(1_000, new FakeClock(0));

  private AdminBuilder builder(Metrics metrics) {
    return Admin.builder(AdminToken.of(AdminExchange.TOKEN), store, metrics)
        .clocks(new FakeClock(0), () -> Instant.ofEpochMilli(1_234));
  }

  @Test
  void policies_ofAFile_bearTheirLines() throws IOException {
    Path file =
        Files.writeString(
            directory.resolve("policy.yaml"),
            """
            plans: {names: [free, pro], otherwise: free, claim: plan}
            jwt: {secret: env:JWT_SECRET}
            policies:
              next:
                next-runs: 5/minute
              agents:
                runs:
                  rate: 10/minute
                  plans: {pro: 100/minute}
                at-once: {inFlight: 4, partition: workspace}
            rules:
              - pattern: POST /runs
                policy: agents
                shadow: next
            ...
            """);
    PenstockConfig config = PenstockConfig.load(file, Map.of("JWT_SECRET", AdminExchange.TOKEN));
    try (ReloadingGate gate = config.reloading(store, each -> each)) {
      AdminExchange answer =
          AdminExchange.get(builder(Metrics.of()).file(gate).build(), "policies");
      assertThat(answer.status()).isEqualTo(200);
      assertThat(answer.field("Content-Type")).isEqualTo("application/json");
      assertThat(answer.content())
          .isEqualTo(
              "{\"policies\":["
                  + "{\"name\":\"next\",\"line\":4,\"limits\":[{\"name\":\"next-runs\",\"line\":5,"
                  + "\"partition\":\"identity\",\"shadow\":true,\"unit\":\"requests\","
                  + "\"capacity\":5,\"words\":\"5 per minute\",\"plans\":[]}]},"
                  + "{\"name\":\"agents\",\"line\":6,\"limits\":[{\"name\":\"runs\",\"line\":7,"
                  + "\"partition\":\"identity\",\"shadow\":false,\"unit\":\"requests\","
                  + "\"capacity\":10,\"words\":\"10 per minute\","
                  + "\"plans\":[{\"plan\":\"pro\",\"words\":\"100 per minute\"}]},"
                  + "{\"name\":\"at-once\",\"line\":10,\"partition\":\"workspace\","
                  + "\"shadow\":false,\"unit\":\"concurrent-requests\",\"capacity\":4,"
                  + "\"words\":\"4 at a time\",\"plans\":[]}]}]}");
    }
  }

  @Test
  void policies_ofCode_haveNoLines() {
    LimitPolicy byPlan =
        LimitPolicy.byPlan(
            Map.of(
                "free", LimitPolicy.perIdentity("chats", Limit.perMinute(1)),
                "pro", LimitPolicy.perIdentity("chats", Limit.perMinute(5))),
            "free");
    Admin admin = builder(Metrics.of()).policy(byPlan).build();
    assertThat(AdminExchange.get(admin, "policies").content())
        .isEqualTo(
            "{\"policies\":[{\"name\":\"chats\",\"limits\":[{\"name\":\"chats\","
                + "\"partition\":\"identity\",\"shadow\":false,\"unit\":\"requests\","
                + "\"capacity\":1,\"words\":\"1 per minute\","
                + "\"plans\":[{\"plan\":\"free\",\"words\":\"1 per minute\"},"
                + "{\"plan\":\"pro\",\"words\":\"5 per minute\"}]}]}]}");
  }

  @Test
  void policy_oneNameTwice_isRefused() {
    AdminBuilder builder = builder(Metrics.of()).policy(RUNS);
    assertThatThrownBy(() -> builder.policy(RUNS))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("policy must have a name of its own: runs+slots");
  }

  @Test
  void status_ofALimiterInMemory_hasCountsSlotsAndRooms() {
    Metrics metrics = Metrics.of(store);
    RateLimiter limiter = store.listening(metrics);
    Admin admin = builder(metrics).policy(RUNS).build();
    try (Reservation first = limiter.reserve(USER, RUNS);
        Reservation second = limiter.reserve(USER, RUNS);
        Reservation third = limiter.reserve(USER, RUNS)) {
      assertThat(List.of(first.permitted(), second.permitted(), third.permitted()))
          .containsExactly(true, true, false);
      assertThat(AdminExchange.get(admin, "status").content())
          .startsWith(
              "{\"at\":1234,\"requests\":{\"denied\":1,\"error\":0,\"permitted\":2},"
                  + "\"limits\":["
                  + "{\"name\":\"runs\",\"permitted\":2,\"denied\":1,\"owed\":0},"
                  + "{\"name\":\"slots\",\"permitted\":2,\"denied\":0,\"owed\":0}],"
                  + "\"slots\":{\"slots\":2},\"rooms\":{\"buckets\":"
                  + store.size()
                  + ",\"capacity\":{\"address\":")
          .endsWith(",\"shadow\":[]}")
          .doesNotContain("acme", "\"redis\"", "\"file\"");
    }
  }

  @Test
  void status_ofRedis_saysWhetherItIsThere() {
    Metered redis =
        () ->
            List.of(
                MetricFamily.of(
                    MetricFamily.Type.GAUGE, "penstock_redis_available", "Is it?", Sample.of(1)),
                MetricFamily.of(
                    MetricFamily.Type.COUNTER,
                    "penstock_redis_failover_decisions_total",
                    "Without.",
                    Sample.of(7)));
    Metered away =
        () ->
            List.of(
                MetricFamily.of(
                    MetricFamily.Type.GAUGE,
                    "penstock_redis_available",
                    "Is it?",
                    Sample.of(0, "limiter", "other")));
    assertThat(AdminExchange.get(builder(Metrics.of(redis)).build(), "status").content())
        .contains("\"redis\":{\"available\":true,\"without\":7}");
    assertThat(AdminExchange.get(builder(Metrics.of(redis, away)).build(), "status").content())
        .contains("\"redis\":{\"available\":false,\"without\":7}");
  }

  @Test
  void status_ofShadow_saysWhatWouldHaveBeenDenied() {
    Metrics metrics = Metrics.of(store);
    LimitPolicy tried =
        LimitPolicy.perIdentity("runs", Limit.perMinute(100))
            .and(LimitPolicy.perIdentity("next", Limit.perMinute(1)).asShadow());
    RateLimiter limiter = store.listening(metrics);
    limiter.tryAcquire(USER, tried);
    limiter.tryAcquire(USER, tried);
    assertThat(AdminExchange.get(builder(metrics).build(), "status").content())
        .endsWith(
            "\"shadow\":[{\"limit\":\"next\",\"requests\":2,\"denied\":1,\"identities\":1,"
                + "\"text\":\"with limit next 50.0 % of 2 requests, of 1 identities,"
                + " would have been denied\"}]}");
  }

  @Test
  void status_ofARefusedFile_hasItsFaults() throws IOException {
    Path file = RunsFile.write(directory, "1/minute");
    try (ReloadingGate gate = PenstockConfig.load(file).reloading(store, each -> each)) {
      Admin admin = builder(Metrics.of()).file(gate).build();
      assertThat(AdminExchange.get(admin, "status").content())
          .contains(
              "\"file\":{\"path\":\"" + file + "\",\"current\":true,\"since\":",
              ",\"reloads\":0,\"refusals\":0}");
      RunsFile.write(directory, "1/fortnight");
      gate.reload();
      assertThat(AdminExchange.get(admin, "status").content())
          .contains(
              "\"current\":false",
              "\"reloads\":0,\"refusals\":1,\"lastRefusal\":{\"at\":",
              ",\"faults\":[\"" + file + ":2:16: policies.runs.runs: ");
    }
  }

  @Test
  void denied_whereNobodyHasAsked_isNotKnown() {
    assertThat(AdminExchange.get(builder(Metrics.of()).build(), "denied").content())
        .isEqualTo("{\"known\":false,\"missed\":0,\"top\":[]}");
  }

  @Test
  void denied_ofSeveralLimits_isSortedByCount() {
    DeniedIdentities denied = DeniedIdentities.byName(100);
    RateLimiter limiter = store.listening(denied);
    LimitPolicy one = LimitPolicy.perIdentity("one", Limit.perMinute(1));
    LimitPolicy two = LimitPolicy.perIdentity("two", Limit.perMinute(1));
    limiter.tryAcquire(USER, one, Cost.of(2));
    limiter.tryAcquire(Identity.address("198.51.100.7"), two, Cost.of(2));
    limiter.tryAcquire(Identity.address("198.51.100.7"), two, Cost.of(2));
    assertThat(AdminExchange.get(builder(Metrics.of()).denied(denied).build(), "denied").content())
        .isEqualTo(
            "{\"known\":true,\"missed\":0,\"top\":["
                + "{\"limit\":\"two\",\"who\":\"198.51.100.7\",\"kind\":\"address\","
                + "\"count\":2,\"error\":0},"
                + "{\"limit\":\"one\",\"who\":\"acme/u1\",\"kind\":\"user\","
                + "\"count\":1,\"error\":0}]}");
  }

  @Test
  void denied_ofAHundredAndMore_isTheFirstHundred() {
    DeniedIdentities denied = DeniedIdentities.byName(1_000);
    RateLimiter limiter = store.listening(denied);
    LimitPolicy one = LimitPolicy.perIdentity("one", Limit.perMinute(1));
    for (int i = 0; i < 150; i++) {
      limiter.tryAcquire(Identity.address("a" + i), one, Cost.of(2));
    }
    String content =
        AdminExchange.get(builder(Metrics.of()).denied(denied).build(), "denied").content();
    assertThat(content.split("\"who\"", -1)).hasSize(101);
  }

  @Test
  void answer_ofAStoreThatFails_isAnError() {
    Metered failing =
        new Metered() {
          private int asked;

          @Override
          public List<MetricFamily> metrics() {
            if (asked++ > 0) { // it is asked once beforehand
              throw new IllegalStateException("the secret of the store");
            }
            return List.of();
          }
        };
    AdminExchange answer = AdminExchange.get(builder(Metrics.of(failing)).build(), "status");
    assertThat(answer.status()).isEqualTo(500);
    assertThat(answer.content())
        .isEqualTo(
            "{\"title\":\"Internal Server Error\",\"status\":500,"
                + "\"detail\":\"it failed: the log says why\"}");
  }
}
