package dev.penstock.admin;

import static dev.penstock.admin.AdminExchange.AUTHORIZED;
import static dev.penstock.admin.AdminExchange.OF_JSON;
import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.CapturedLog;
import dev.penstock.FakeClock;
import dev.penstock.http.ClientAddress;
import dev.penstock.http.FakeRequest;
import dev.penstock.http.HeaderField;
import dev.penstock.memory.InMemoryRateLimiter;
import dev.penstock.metrics.Metrics;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.logging.LogRecord;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Who may ask, and how. */
class AdminGuardTest {

  private static final String WRONG = "Authorization: Bearer wrong";

  private final FakeClock clock = new FakeClock(0);
  private final Admin admin = admin(ClientAddress.ofPeer());

  private Admin admin(ClientAddress clients) {
    return Admin.builder(
            AdminToken.of(AdminExchange.TOKEN), InMemoryRateLimiter.create(), Metrics.of())
        .clients(clients)
        .clocks(clock, InstantSource.system())
        .build();
  }

  @Test
  void page_withoutToken_isServedWithAllThatKeepsOthersOut() {
    AdminExchange page = AdminExchange.of(admin, "GET /", "");
    assertThat(page.status()).isEqualTo(200);
    assertThat(page.fields())
        .containsExactly(
            new HeaderField("Cache-Control", "no-store"),
            new HeaderField("X-Content-Type-Options", "nosniff"),
            new HeaderField(
                "Content-Security-Policy",
                "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
                    + "form-action 'none'; base-uri 'none'; frame-ancestors 'none'; "
                    + "require-trusted-types-for 'script'"),
            new HeaderField("Referrer-Policy", "no-referrer"),
            new HeaderField("Cross-Origin-Resource-Policy", "same-origin"),
            new HeaderField("Content-Type", "text/html; charset=utf-8"));
  }

  @Test
  void page_allThatItsFilesName_isThere() {
    Pattern named = Pattern.compile("(?:src|href)=\"([^\"]+)\"|from '\\./([^']+)'");
    List<String> names =
        Stream.of("", "admin.js", "server.js", "chart.js", "tables.js", "identity.js")
            .flatMap(
                name ->
                    named.matcher(AdminExchange.of(admin, "GET /" + name, "").content()).results())
            .map(AdminGuardTest::name)
            .distinct()
            .toList();
    assertThat(names)
        .containsExactlyInAnyOrder(
            "admin.css", "admin.js", "server.js", "chart.js", "tables.js", "identity.js");
    assertThat(names).allMatch(name -> AdminExchange.of(admin, "GET /" + name, "").status() == 200);
  }

  private static String name(MatchResult found) {
    return found.group(1) == null ? found.group(2) : found.group(1);
  }

  /** What the Content-Security-Policy refuses in a browser, and what could make HTML of a text. */
  @Test
  void page_files_haveNoInlineScriptAndMakeNoHtml() {
    String page = AdminExchange.of(admin, "GET /", "").content();
    assertThat(page).doesNotContain("<style").doesNotContainPattern("\\son\\w+=|\\sstyle=");
    assertThat(page).doesNotContainPattern("<script(?![^>]*src=)");
    for (String script : List.of("admin", "server", "chart", "tables", "identity")) {
      assertThat(AdminExchange.of(admin, "GET /" + script + ".js", "").content())
          .doesNotContainPattern("innerHTML|outerHTML|insertAdjacentHTML|document\\.write|eval\\(")
          .doesNotContainPattern("localStorage|sessionStorage|indexedDB|document\\.cookie");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "GET /status",
        "GET /policies",
        "GET /denied",
        "POST /peek",
        "POST /reset",
        "POST /lift",
        "POST /reload",
        "GET /no-such",
        "GET /favicon.ico"
      })
  void anythingElse_withoutToken_isRefused(String request) {
    AdminExchange refused = AdminExchange.of(admin, request, "{}", OF_JSON);
    assertThat(refused.status()).isEqualTo(401);
    assertThat(refused.field("WWW-Authenticate")).isEqualTo("Bearer realm=\"penstock-admin\"");
    assertThat(refused.content())
        .isEqualTo(
            "{\"title\":\"Unauthorized\",\"status\":401,"
                + "\"detail\":\"Authorization must be Bearer and the token of this page\"}");
    assertThat(refused.field("Content-Type")).isEqualTo("application/problem+json");
    assertThat(refused.field("Cache-Control")).isEqualTo("no-store");
  }

  @Test
  void answer_wrongToken_isRefusedAndLoggedByAddress() {
    try (CapturedLog log = new CapturedLog(Admin.class)) {
      AdminExchange refused = AdminExchange.of(admin, "GET /status", "", WRONG);
      assertThat(refused.status()).isEqualTo(401);
      assertThat(refused.detail()).isEqualTo("Authorization must be Bearer and the right token");
      assertThat(log.records())
          .extracting(LogRecord::getMessage)
          .containsExactly("wrong token: by=192.0.2.1");
    }
  }

  /** Then not even the right one is looked at: else each guess would be answered. */
  @Test
  void wrongTokens_moreThanTwentyAMinute_areRefusedUnseen() {
    for (int i = 0; i < 20; i++) {
      assertThat(AdminExchange.of(admin, "GET /status", "", WRONG).status()).isEqualTo(401);
    }
    AdminExchange refused = AdminExchange.of(admin, "GET /status", "", AUTHORIZED);
    assertThat(refused.status()).isEqualTo(429);
    assertThat(refused.field("Retry-After")).isEqualTo("3");
    assertThat(refused.detail())
        .isEqualTo("too many wrong tokens came from this address: retry in 3 s");
    assertThat(AdminExchange.from("192.0.2.2", admin, "GET /status", "", AUTHORIZED).status())
        .isEqualTo(200);
    clock.advance(Duration.ofSeconds(3));
    assertThat(AdminExchange.get(admin, "status").status()).isEqualTo(200);
  }

  @Test
  void rightTokens_howeverMany_costNothing() {
    for (int i = 0; i < 100; i++) {
      assertThat(AdminExchange.get(admin, "status").status()).isEqualTo(200);
    }
  }

  @Test
  void wrongTokens_behindATrustedProxy_areThoseOfItsClients() {
    Admin behind = admin(ClientAddress.trusting(FakeRequest.PEER));
    for (int i = 0; i < 20; i++) {
      AdminExchange.of(behind, "GET /status", "", WRONG, "X-Forwarded-For: 198.51.100.7");
    }
    assertThat(
            AdminExchange.of(behind, "GET /status", "", AUTHORIZED, "X-Forwarded-For: 198.51.100.7")
                .status())
        .isEqualTo(429);
    assertThat(
            AdminExchange.of(behind, "GET /status", "", AUTHORIZED, "X-Forwarded-For: 198.51.100.8")
                .status())
        .isEqualTo(200);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          POST /             | 405 | method must be GET or HEAD
          POST /admin.css    | 405 | method must be GET or HEAD
          POST /status       | 405 | method must be GET or HEAD
          DELETE /denied     | 405 | method must be GET or HEAD
          GET /reset         | 405 | method must be POST
          PUT /lift          | 405 | method must be POST
          GET /no-such       | 404 | there is nothing of this name
          GET /status%20     | 404 | there is nothing of this name
          GET /status/       | 200 |
          GET /status?x      | 400 | target must have no query
          GET /?token=abc    | 400 | target must have no query
          GET /under/status  | 200 |
          HEAD /status       | 200 |
          """)
  void requests_ofOtherMethodsAndTargets_areRefused(String request, int status, String detail) {
    AdminExchange answer = AdminExchange.of(admin, request, "", AUTHORIZED);
    assertThat(answer.status()).isEqualTo(status);
    if (detail != null) {
      assertThat(answer.detail()).isEqualTo(detail);
    }
  }

  @Test
  void answer_otherMethod_saysWhichIsAllowed() {
    assertThat(AdminExchange.get(admin, "reset").field("Allow")).isEqualTo("POST");
    assertThat(AdminExchange.post(admin, "status", "").field("Allow")).isEqualTo("GET, HEAD");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Content-Type: text/plain",
        "Content-Type: application/x-www-form-urlencoded",
        "Content-Type: application/jsonp",
        "X-None: none"
      })
  void action_thatIsNotJson_isRefused(String type) {
    AdminExchange refused = AdminExchange.of(admin, "POST /reload", "{}", AUTHORIZED, type);
    assertThat(refused.status()).isEqualTo(415);
    assertThat(refused.detail()).isEqualTo("Content-Type must stand once, and be application/json");
    assertThat(
            AdminExchange.of(
                    admin, "POST /reload", "{}", AUTHORIZED, OF_JSON, "Content-Type: text/plain")
                .status())
        .isEqualTo(415);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          http://evil.example         | 403
          null                        | 403
          http://admin.example:9091   | 403
          http://admin.example        | 403
          ftp://admin.example:9090    | 403
          http://admin.example:9090   | 404
          https://Admin.example:9090  | 404
          """)
  void action_ofAnotherOrigin_isRefused(String origin, int status) {
    AdminExchange answer =
        AdminExchange.of(
            admin,
            "POST /reload",
            "{}",
            AUTHORIZED,
            "Content-Type: Application/JSON; charset=utf-8",
            "Host: admin.example:9090",
            "Origin: " + origin);
    assertThat(answer.status()).isEqualTo(status);
    if (status == 403) {
      assertThat(answer.detail()).isEqualTo("Origin must be that of this page");
    }
  }

  @Test
  void action_ofTwoOrigins_isRefused() {
    String own = "Origin: http://a";
    assertThat(
            AdminExchange.of(admin, "POST /reload", "{}", AUTHORIZED, OF_JSON, "Host: a", own, own)
                .status())
        .isEqualTo(403);
  }

  @Test
  void content_beforeItIsClearWhoSendsIt_isNotRead() throws IOException {
    InputStream unread =
        new InputStream() {
          @Override
          public int read() {
            throw new AssertionError("is not to be read");
          }

          @Override
          public int read(byte[] bytes, int from, int length) {
            return read();
          }
        };
    FakeRequest stranger = FakeRequest.of("POST /reset").with("Content-Type", "application/json");
    assertThat(admin.answer(stranger, unread).status()).isEqualTo(401);
    FakeRequest form =
        new FakeRequest(
            "POST",
            "/reset",
            Map.of("Authorization", List.of("Bearer " + AdminExchange.TOKEN)),
            FakeRequest.PEER);
    assertThat(admin.answer(form, unread).status()).isEqualTo(415);
  }
}
