package dev.penstock.admin;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.Ban;
import dev.penstock.CapturedLog;
import dev.penstock.FakeClock;
import dev.penstock.Identity;
import dev.penstock.Limit;
import dev.penstock.LimitPolicy;
import dev.penstock.RateLimiter;
import dev.penstock.config.PenstockConfig;
import dev.penstock.config.ReloadingGate;
import dev.penstock.memory.InMemoryRateLimiter;
import dev.penstock.metrics.Metrics;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.logging.LogRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What concerns one identity, and what changes something. */
class AdminActionsTest {

  private static final Identity USER = Identity.user("acme", "u1");
  private static final String OF_USER = "\"kind\":\"user\",\"workspace\":\"acme\",\"name\":\"u1\"}";
  private static final String DONE = "{\"done\":true}";

  private final FakeClock clock = new FakeClock(0);
  private final InMemoryRateLimiter store = InMemoryRateLimiter.create(1_000, clock);
  private final Ban ban = Ban.after(2, Duration.ofMinutes(1)).lasting(Duration.ofMinutes(10));
  private final RateLimiter limiter = store.banning(ban);
  private final LimitPolicy runs =
      LimitPolicy.perIdentity("runs", Limit.perMinute(6))
          .and(LimitPolicy.perWorkspace("shared", Limit.perMinute(60)))
          .and(LimitPolicy.perIdentity("next", Limit.perMinute(3)).asShadow());
  private final Admin admin =
      Admin.builder(AdminToken.of(AdminExchange.TOKEN), store, Metrics.of(store))
          .policy(runs)
          .ban(ban)
          .clocks(clock, InstantSource.system())
          .build();

  @TempDir private Path directory;

  private static String under(String policy) {
    return "{\"policy\":\"" + policy + "\"," + OF_USER;
  }

  private static String runsAnd(String limit) {
    return "{\"policy\":\"runs+shared+next\",\"limit\":\"" + limit + "\"," + OF_USER;
  }

  @Test
  void peek_aUser_showsEveryBucketAndTakesNothing() {
    limiter.tryAcquire(USER, runs);
    for (int i = 0; i < 2; i++) {
      AdminExchange found = AdminExchange.post(admin, "peek", under("runs+shared+next"));
      assertThat(found.status()).isEqualTo(200);
      assertThat(found.content())
          .isEqualTo(
              "{\"permitted\":true,\"source\":\"memory\",\"retryAfter\":0,\"buckets\":["
                  + "{\"limit\":\"runs\",\"shadow\":false,\"permitted\":true,\"remaining\":5,"
                  + "\"capacity\":6,\"words\":\"6 per minute\",\"resetAfter\":10000},"
                  + "{\"limit\":\"shared\",\"shadow\":false,\"permitted\":true,\"remaining\":59,"
                  + "\"capacity\":60,\"words\":\"60 per minute\",\"resetAfter\":1000},"
                  + "{\"limit\":\"next\",\"shadow\":true,\"permitted\":true,\"remaining\":2,"
                  + "\"capacity\":3,\"words\":\"3 per minute\",\"resetAfter\":20000}]}");
    }
  }

  @Test
  void peek_whoeverIsBanned_saysForHowLongAndShowsTheBuckets() {
    banTheUser();
    clock.advance(Duration.ofMinutes(1));
    assertThat(AdminExchange.post(admin, "peek", under("runs+shared+next")).content())
        .startsWith(
            "{\"permitted\":false,\"source\":\"memory\",\"retryAfter\":0,\"banned\":540000,"
                + "\"buckets\":[{\"limit\":\"runs\",\"shadow\":false,\"permitted\":true,");
  }

  private void banTheUser() {
    for (int i = 0; i < 8; i++) {
      limiter.tryAcquire(USER, runs);
    }
    assertThat(limiter.peek(USER, runs).banned()).isTrue();
  }

  @Test
  void reset_aPolicy_fillsAllOfItsBuckets() {
    limiter.tryAcquire(USER, runs, 6);
    assertThat(AdminExchange.post(admin, "reset", under("runs+shared+next")).content())
        .isEqualTo(DONE);
    assertThat(limiter.peek(USER, runs).buckets())
        .extracting(bucket -> bucket.remaining())
        .containsExactly(6L, 60L);
  }

  @Test
  void reset_oneLimit_leavesTheOthers() {
    limiter.tryAcquire(USER, runs, 6);
    assertThat(AdminExchange.post(admin, "reset", runsAnd("runs")).content()).isEqualTo(DONE);
    assertThat(limiter.peek(USER, runs).buckets())
        .extracting(bucket -> bucket.remaining())
        .containsExactly(6L, 54L);
  }

  @Test
  void lift_aBan_letsTheUserIn() {
    banTheUser();
    clock.advance(Duration.ofMinutes(1));
    assertThat(AdminExchange.post(admin, "lift", "{" + OF_USER).content()).isEqualTo(DONE);
    assertThat(limiter.tryAcquire(USER, runs).permitted()).isTrue();
  }

  @Test
  void lift_whereNobodyIsBanned_isNotFound() {
    Admin without =
        Admin.builder(AdminToken.of(AdminExchange.TOKEN), store, Metrics.of()).policy(runs).build();
    AdminExchange refused = AdminExchange.post(without, "lift", "{" + OF_USER);
    assertThat(refused.status()).isEqualTo(404);
    assertThat(refused.detail()).isEqualTo("there are no bans here");
  }

  @Test
  void reload_aChangedFile_isTakenOrRefusedWithItsFaults() throws IOException {
    Path file = RunsFile.write(directory, "1/minute");
    try (ReloadingGate gate = PenstockConfig.load(file).reloading(store, each -> each)) {
      Admin ofFile =
          Admin.builder(AdminToken.of(AdminExchange.TOKEN), store, Metrics.of()).file(gate).build();
      RunsFile.write(directory, "2/minute");
      assertThat(AdminExchange.post(ofFile, "reload", "{}").content())
          .isEqualTo("{\"done\":true,\"faults\":[]}");
      assertThat(AdminExchange.get(ofFile, "policies").content()).contains("2 per minute");
      RunsFile.write(directory, "2/fortnight");
      assertThat(AdminExchange.post(ofFile, "reload", "{}").content())
          .startsWith("{\"done\":false,\"faults\":[\"" + file + ":2:16: policies.runs.runs: ");
      assertThat(AdminExchange.get(ofFile, "policies").content()).contains("2 per minute");
    }
  }

  @Test
  void peek_underAFileWithPlansOfWorkspaces_goesByThem() throws IOException {
    Path file =
        Files.writeString(
            directory.resolve("policy.yaml"),
            """
            plans: {names: [free, pro], otherwise: free, workspaces: {acme: pro}}
            policies:
              runs:
                runs: {rate: 1/minute, plans: {pro: 5/minute}}
            rules:
              - {pattern: POST /runs, policy: runs}
            ...
            """);
    try (ReloadingGate gate = PenstockConfig.load(file).reloading(store, each -> each)) {
      Admin ofFile =
          Admin.builder(AdminToken.of(AdminExchange.TOKEN), store, Metrics.of()).file(gate).build();
      assertThat(AdminExchange.post(ofFile, "peek", under("runs")).content())
          .contains("\"capacity\":5,\"words\":\"5 per minute\"");
      assertThat(
              AdminExchange.post(
                      ofFile,
                      "peek",
                      "{\"policy\":\"runs\",\"kind\":\"workspace\",\"name\":\"other\"}")
                  .content())
          .contains("\"capacity\":1,\"words\":\"1 per minute\"");
    }
  }

  @Test
  void reload_ofCode_isNotFound() {
    AdminExchange refused = AdminExchange.post(admin, "reload", "{}");
    assertThat(refused.status()).isEqualTo(404);
    assertThat(refused.detail()).isEqualTo("no policy file is in force here");
  }

  @Test
  void actions_eachIsOneLineOfTheLog_withoutTheIdentity() {
    try (CapturedLog log = new CapturedLog(Admin.class)) {
      AdminExchange.post(admin, "peek", under("runs+shared+next"));
      AdminExchange.post(admin, "reset", under("runs+shared+next"));
      AdminExchange.post(admin, "reset", runsAnd("runs"));
      AdminExchange.post(admin, "lift", "{" + OF_USER);
      assertThat(log.records())
          .extracting(LogRecord::getMessage)
          .containsExactly(
              "peek: by=192.0.2.1 policy=runs+shared+next identity=USER",
              "reset: by=192.0.2.1 policy=runs+shared+next identity=USER",
              "reset: by=192.0.2.1 policy=runs+shared+next limit=runs identity=USER",
              "lift: by=192.0.2.1 identity=USER");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          ``                                               | content must be a JSON object
          []                                               | content must be a JSON object
          {                                                | content must be JSON
          {} {}                                            | content must be nothing behind the JSON object
          {} x                                             | content must be JSON
          {"a":"b"}                                        | members must be of policy, limit, kind, issuer, workspace, type, name, plan: "a"
          {"name":1}                                       | name must be a text
          {"name":null}                                    | name must be a text
          {"name":"a","name":"a"}                          | name must stand once
          {}                                               | policy must be there
          {"policy":"x"}                                   | policy must be one that is in force: "x"
          {"policy":"runs+shared+next"}                    | kind must be there
          {"policy":"runs+shared+next","kind":"USER"}      | kind must be user, workspace, address or named: "USER"
          {"policy":"runs+shared+next","kind":"user"}      | name must be there
          {"policy":"runs+shared+next","kind":"named","name":"a"} | type must be there
          {"policy":"runs+shared+next","kind":"user","name":" "}  | user must not be blank
          {"policy":"runs+shared+next","kind":"user","name":"a","type":"b"} | type must not stand beside kind user
          {"policy":"runs+shared+next","kind":"address","name":"a","workspace":"b"} | workspace must not stand beside kind address
          {"policy":"runs+shared+next","kind":"named","type":"a","name":"a","issuer":"b"} | issuer must not stand beside kind named
          {"policy":"runs+shared+next","kind":"user","name":"a","plan":" "} | plan must not be blank
          {"policy":"runs+shared+next","kind":"user","name":"a","limit":"x"} | limit must be one of the policy runs+shared+next: "x"
          """)
  void reset_ofBadContent_isRefused(String content, String detail) {
    AdminExchange refused = AdminExchange.post(admin, "reset", content);
    assertThat(refused.status()).isEqualTo(400);
    assertThat(refused.detail()).isEqualTo(detail);
  }

  @Test
  void values_thatAreLong_areNotShown() {
    AdminExchange refused =
        AdminExchange.post(admin, "reset", "{\"policy\":\"" + "x".repeat(129) + "\"}");
    assertThat(refused.detail())
        .isEqualTo("policy must be one that is in force: a text of 129 characters");
  }

  @Test
  void content_ofMoreThanItMayBe_isRefused() {
    AdminExchange refused = AdminExchange.post(admin, "reset", " ".repeat(32 * 1024 + 1));
    assertThat(refused.status()).isEqualTo(413);
    assertThat(refused.detail()).isEqualTo("content must be at most 32768 bytes");
  }

  @Test
  void identities_ofAllKinds_areFound() {
    for (String kind :
        List.of(
            "\"kind\":\"user\",\"issuer\":\"i\",\"workspace\":\"w\",\"name\":\"n\"",
            "\"kind\":\"user\",\"name\":\"n\",\"plan\":\"pro\"",
            "\"kind\":\"workspace\",\"name\":\"n\"",
            "\"kind\":\"address\",\"name\":\"2001:db8::/64\"",
            "\"kind\":\"named\",\"type\":\"api-key\",\"name\":\"n\"")) {
      assertThat(AdminExchange.post(admin, "lift", "{" + kind + "}").content()).isEqualTo(DONE);
    }
  }
}
