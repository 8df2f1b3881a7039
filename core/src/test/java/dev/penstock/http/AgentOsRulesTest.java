package dev.penstock.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.Limit;
import dev.penstock.LimitPolicy;
import dev.penstock.memory.InMemoryRateLimiter;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The rules of an AgentOS, as its operator would write them. */
class AgentOsRulesTest {

  private static HttpRateLimiter agentOs() {
    LimitPolicy runs =
        LimitPolicy.perIdentity("runs", Limit.perMinute(10))
            .and(LimitPolicy.perWorkspace("workspace-day", Limit.perDay(5000)));
    LimitPolicy opus = runs.and(LimitPolicy.perWorkspace("opus", Limit.perHour(20)));
    LimitPolicy light = LimitPolicy.perIdentity("light", Limit.perMinute(60));
    LimitPolicy polling = LimitPolicy.perIdentity("polling", Limit.perMinute(600));

    return HttpRateLimiter.builder(InMemoryRateLimiter.create())
        .rule("POST /agents/{agent_id}/runs", Map.of("opus", opus), runs)
        .rule("POST /*/*/runs", runs) // teams and workflows, one pool with agents
        .rule("POST /*/*/runs/*/continue", runs)
        .rule("POST /*/*/runs/*/resume", light)
        .exempt("POST /*/*/runs/*/cancel")
        .rule("GET /*/*/runs/**", polling)
        .exempt("GET /") // and /health, /info, /docs: one segment each
        .exempt("GET /*")
        .rule("/**", light)
        .build();
  }

  @ParameterizedTest
  @CsvSource({
    "POST /agents/a1/runs, 'runs workspace-day'",
    "POST /agents/a1/runs?stream=false, 'runs workspace-day'",
    "POST /agents/opus/runs, 'runs workspace-day opus'",
    "POST /teams/opus/runs, 'runs workspace-day'",
    "POST /workflows/w1/runs, 'runs workspace-day'",
    "POST /agents/a1/runs/r1/continue, 'runs workspace-day'",
    "POST /teams/t1/runs/r1/resume, light",
    "POST /agents/a1/runs/r1/cancel, ''",
    "GET /agents/a1/runs, polling",
    "GET /workflows/w1/runs/r1, polling",
    "GET /health, ''",
    "GET /, ''",
    "GET /info, ''",
    "GET /docs, ''",
    "GET /openapi.json, ''",
    "DELETE /sessions/s1, light",
  })
  void requests_goByTheRuleThatIsMeant(String requestLine, String limits) {
    List<HeaderField> fields = agentOs().decide(withToken(requestLine)).fields();
    String names = fields.isEmpty() ? "" : fields.get(0).value().replaceAll("\"|;[^,]*|,", "");
    assertThat(names).isEqualTo(limits);
  }

  /** Whose fields no shared cache hands to others, so that they are sent. */
  private static FakeRequest withToken(String requestLine) {
    return FakeRequest.of(requestLine).with("Authorization", "Bearer t");
  }
}
