package dev.penstock.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.penstock.Cost;
import dev.penstock.Identity;
import dev.penstock.Limit;
import dev.penstock.LimitPolicy;
import dev.penstock.MetricFamily;
import dev.penstock.RateLimiter;
import dev.penstock.Reservation;
import dev.penstock.config.ReloadingGate;
import dev.penstock.http.HttpRateLimiter;
import dev.penstock.jwt.JwtIdentityResolver;
import dev.penstock.memory.InMemoryRateLimiter;
import dev.penstock.redis.RedisRateLimiter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** What docs/metrics.md says, and what the files beside it ask for, is what there is. */
class MetricsPageTest {

  private static final Path DOCS = Path.of("../docs");
  private static final Pattern NAME = Pattern.compile("\\bpenstock_[a-z_]+");
  private static final Pattern ROW = Pattern.compile("(?m)^\\| `(penstock_[a-z_]+)` \\| (\\w+) ");
  private static final Pattern CODE = Pattern.compile("(?s)```java\n(.*?)```");

  @Test
  void table_listsEveryFamilyWithItsType() throws IOException {
    Set<String> there =
        families().stream()
            .map(family -> family.name() + " " + family.type().name().toLowerCase(Locale.ROOT))
            .collect(Collectors.toCollection(TreeSet::new));
    Set<String> listed =
        ROW.matcher(page())
            .results()
            .map(row -> row.group(1) + " " + row.group(2))
            .collect(Collectors.toCollection(TreeSet::new));
    assertThat(listed).containsExactlyElementsOf(there);
  }

  @Test
  void alertsAndDashboard_askForWhatThereIs() throws IOException {
    Set<String> there = new TreeSet<>();
    for (MetricFamily family : families()) {
      boolean isHistogram = family.type() == MetricFamily.Type.HISTOGRAM;
      for (String suffix : isHistogram ? List.of("_bucket", "_sum", "_count") : List.of("")) {
        there.add(family.name() + suffix);
      }
    }
    for (String file : List.of("alerts.yml", "alerts-test.yml", "dashboard.json")) {
      String text = Files.readString(DOCS.resolve("metrics").resolve(file));
      assertThat(NAME.matcher(text).results().map(MatchResult::group)).isNotEmpty();
      assertThat(
              NAME.matcher(text).results().map(MatchResult::group).filter(n -> !there.contains(n)))
          .as(file)
          .isEmpty();
    }
  }

  @Test
  void dashboard_isJsonWhosePanelsAskForSomething() throws IOException {
    JsonNode dashboard = new JsonMapper().readTree(DOCS.resolve("metrics/dashboard.json").toFile());
    assertThat(dashboard.get("title").asText()).isEqualTo("Penstock");
    Set<Integer> ids = new TreeSet<>();
    for (JsonNode panel : dashboard.get("panels")) {
      assertThat(ids.add(panel.get("id").asInt())).isTrue();
      assertThat(panel.get("targets")).isNotEmpty();
      assertThat(panel.get("targets").get(0).get("expr").asText()).contains("penstock_");
    }
    assertThat(ids).hasSizeGreaterThan(5);
  }

  @Test
  void code_standsInATest() throws IOException {
    String tests =
        stripped(Files.readString(source("OtherMonitorsTest")))
            + stripped(Files.readString(source("MetricsPageTest")));
    List<String> blocks = CODE.matcher(page()).results().map(block -> block.group(1)).toList();
    assertThat(blocks).hasSize(5);
    assertThat(blocks)
        .allSatisfy(
            block ->
                assertThat(tests)
                    .contains(stripped(block.replaceAll("(?m)^import .*\n", "")).strip()));
  }

  /** Also for {@code docs/metrics/check.sh}, which gives the text to promtool. */
  @Test
  void text_ofAllThereIs_isGood() throws IOException {
    byte[] secret = new byte[32];
    InMemoryRateLimiter store = InMemoryRateLimiter.create();
    JwtIdentityResolver tokens = JwtIdentityResolver.hmac(secret);

    Metrics metrics = Metrics.of(store, tokens);
    RateLimiter limiter = store.listening(metrics);

    LimitPolicy runs =
        LimitPolicy.perIdentity("agent-runs", Limit.perMinute(10))
            .and(LimitPolicy.everyone("in-flight", Limit.inFlight(5)))
            .and(
                LimitPolicy.perWorkspace(
                    "a \"b\" \\ {c}=,",
                    Limit.perDay(100).withUnit("model-tokens").withOverdraft(1_000)));
    Identity user = Identity.user("acme", "u1");
    Reservation run = limiter.reserve(user, runs, Cost.of(1).and("model-tokens", 50));
    run.settle(Cost.units("model-tokens", 500));
    limiter.reserve(user, runs);

    DeniedIdentities denied = DeniedIdentities.byName(100);
    RateLimiter watched = limiter.listening(denied);

    watched.reserve(user, runs, Cost.of(11));
    assertThat(denied.top("agent-runs", 10)).hasSize(1);
    String text = metrics.prometheusText();
    Scrape scrape = Scrape.of(text);
    assertThat(scrape.value("penstock_slots_held{limit=in-flight}")).isEqualTo(1);
    assertThat(scrape.families()).contains("penstock_overdraft_tokens");
    Files.writeString(Files.createDirectories(Path.of("target")).resolve("metrics.txt"), text);
    run.close();
  }

  private static List<MetricFamily> families() throws IOException {
    Path file = Files.writeString(Files.createTempFile("policy", ""), "any");
    HttpRateLimiter any =
        HttpRateLimiter.builder(InMemoryRateLimiter.create())
            .rule("/**", LimitPolicy.everyone("all", Limit.perDay(1)))
            .build();
    try (RedisRateLimiter redis = RedisRateLimiter.builder("redis://127.0.0.1:1").build();
        ReloadingGate gate = ReloadingGate.of(file, content -> any)) {
      List<MetricFamily> families = new ArrayList<>(InMemoryRateLimiter.create().metrics());
      families.addAll(Metrics.of(redis, JwtIdentityResolver.hmac(new byte[32]), gate).metrics());
      return families;
    } finally {
      Files.delete(file);
    }
  }

  private static Path source(String name) {
    return Path.of("src/test/java/dev/penstock/metrics", name + ".java");
  }

  private static String page() throws IOException {
    return Files.readString(DOCS.resolve("metrics.md"));
  }

  private static String stripped(String code) {
    return Arrays.stream(code.split("\n", -1))
        .map(String::strip)
        .filter(line -> !line.isEmpty())
        .collect(Collectors.joining("\n"));
  }
}
