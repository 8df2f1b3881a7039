package dev.penstock.jwt;

import static dev.penstock.jwt.TestTokens.EC;
import static dev.penstock.jwt.TestTokens.NOW;
import static dev.penstock.jwt.TestTokens.U1_OF_ACME;
import static dev.penstock.jwt.TestTokens.es256;
import static dev.penstock.jwt.TestTokens.pem;
import static dev.penstock.jwt.TestTokens.token;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.penstock.FakeClock;
import dev.penstock.Limit;
import dev.penstock.LimitPolicy;
import dev.penstock.http.ClientAddress;
import dev.penstock.http.FakeRequest;
import dev.penstock.http.Gate;
import dev.penstock.http.HttpRateLimiter;
import dev.penstock.memory.InMemoryRateLimiter;
import java.lang.management.ManagementFactory;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Whatever a client sends, the pipeline answers, and at a bounded cost. Longer by hand: {@code mvn
 * -pl core test -Dtest=PipelineFuzzTest -Dpenstock.fuzz.requests=10000000 -Dpenstock.fuzz.seed=7}.
 */
class PipelineFuzzTest {

  private static final int REQUESTS = Integer.getInteger("penstock.fuzz.requests", 50_000);
  private static final long SEED = Long.getLong("penstock.fuzz.seed", 20260101);

  /** What a request may allocate: a sum for all, and so much for each of its characters. */
  private static final long BYTES = 64 << 10;

  private static final long BYTES_PER_CHARACTER = 512;

  /** What a request of a million characters may take of the processor. */
  private static final long NANOS_PER_MILLION = 250_000_000;

  private static final List<String> ODD_PIECES =
      List.of("//", "%2f", "..", "%5c", "/;", "%u002f", "/", "%2e", "\\", "/../", "a");

  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private static final String TOKEN =
      token("{'alg':'ES256','typ':'JWT','kid':'k1'}", U1_OF_ACME, es256(EC.getPrivate()));

  private final InMemoryRateLimiter limiter = InMemoryRateLimiter.create(1000, new FakeClock(0));
  private final JwtIdentityResolver tokens =
      JwtIdentityResolver.builder()
          .publicKey(pem(EC.getPublic()))
          .clock(InstantSource.fixed(NOW))
          .nanoClock(new FakeClock(0))
          .cookie("access_token")
          .bareToken()
          .build();

  @Test
  void decide_mutatedRequests_answersWithinABound() {
    HttpRateLimiter byField = gate(ClientAddress.trusting("10.0.0.0/8", "::1"));
    HttpRateLimiter byForwarded =
        gate(ClientAddress.trusting("10.0.0.0/8", "::1").readingForwarded());
    RequestFuzzer fuzzer = fuzzer();
    for (int i = 0; i < REQUESTS; i++) {
      FakeRequest request = fuzzer.next();
      HttpRateLimiter gate = i % 2 == 0 ? byField : byForwarded;
      long bound = BYTES + BYTES_PER_CHARACTER * length(request);

      assertThat(leastBytes(gate, request, i, bound))
          .as("bytes for request %d of seed %d, of %d characters", i, SEED, length(request))
          .isLessThanOrEqualTo(bound);
    }
    assertThat(limiter.size()).isLessThanOrEqualTo(1000);
    assertThat(tokens.signatureChecks()).isLessThan(REQUESTS / 10);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/",
        "//",
        "%2F",
        "/..",
        "/.;",
        ";",
        "a",
        "%",
        "\"",
        "\\",
        ",",
        "1.1.1.1,",
        "for=\"",
        "for=1.1.1.1;",
        "[",
        "::",
        ".",
        "e30.",
        "access_token=",
        " ",
        "\t",
        "\0",
        "\ud800"
      })
  void decide_aMillionCharacters_costsLittleForEach(String piece) {
    HttpRateLimiter gate = gate(ClientAddress.trusting("10.0.0.0/8"));
    String text = piece.repeat(1_000_000 / piece.length());
    FakeRequest inPath = new FakeRequest("POST", "/agents/" + text, Map.of(), "10.0.0.1");
    Map<String, List<String>> fields =
        Map.of(
            "Authorization", List.of("Bearer " + text),
            "Cookie", List.of(text),
            "X-Forwarded-For", List.of(text));
    FakeRequest inFields = new FakeRequest("POST", "/agents/a/runs", fields, "10.0.0.1");

    assertThat(leastNanos(gate, inPath, NANOS_PER_MILLION)).isLessThan(NANOS_PER_MILLION);
    assertThat(leastNanos(gate, inFields, 3 * NANOS_PER_MILLION)).isLessThan(3 * NANOS_PER_MILLION);
  }

  /** All that makes a target odd at once. */
  @Test
  void decide_aMillionCharactersOfOddPieces_costsLittleForEach() {
    HttpRateLimiter gate = gate(ClientAddress.trusting("10.0.0.0/8"));
    Random random = new Random(SEED);
    for (int i = 0; i < 10; i++) {
      List<String> pieces = new ArrayList<>(ODD_PIECES);
      Collections.shuffle(pieces, random);
      String piece = String.join("", pieces);
      String target = "//x/%u0061/" + piece.repeat(1_000_000 / piece.length());
      FakeRequest request = new FakeRequest("POST", target, Map.of(), "10.0.0.1");
      long bound = BYTES + BYTES_PER_CHARACTER * length(request);

      assertThat(leastBytes(gate, request, i, bound)).as(piece).isLessThanOrEqualTo(bound);
      assertThat(leastNanos(gate, request, NANOS_PER_MILLION))
          .as(piece)
          .isLessThan(NANOS_PER_MILLION);
    }
  }

  /**
   * Of up to three times, unless one is within the bound: a class that is loaded, a line that is
   * logged, and a signature that is checked, for which there is a budget, are not of the request.
   */
  private static long leastBytes(Gate gate, FakeRequest request, int number, long bound) {
    long least = Long.MAX_VALUE;
    for (int i = 0; i < 3 && least > bound; i++) {
      long before = THREADS.getCurrentThreadAllocatedBytes();
      decide(gate, request, number);
      least = Math.min(least, THREADS.getCurrentThreadAllocatedBytes() - before);
    }
    return least;
  }

  private static long length(FakeRequest request) {
    return request.method().length()
        + request.target().length()
        + request.peer().length()
        + request.lines().values().stream().flatMap(List::stream).mapToLong(String::length).sum();
  }

  private static void decide(Gate gate, FakeRequest request, int number) {
    try {
      assertThat(gate.decide(request)).isNotNull();
    } catch (RuntimeException | StackOverflowError e) {
      throw new AssertionError("request " + number + " of seed " + SEED, e);
    }
  }

  /**
   * Of up to ten times, unless one is within the bound, as time of this thread on the processor:
   * others cannot lengthen that much, but they delay the compiler.
   */
  private static long leastNanos(Gate gate, FakeRequest request, long bound) {
    long least = Long.MAX_VALUE;
    for (int i = 0; i < 10 && least >= bound; i++) {
      long before = THREADS.getCurrentThreadCpuTime();
      decide(gate, request, i);
      least = Math.min(least, THREADS.getCurrentThreadCpuTime() - before);
    }
    return least;
  }

  private HttpRateLimiter gate(ClientAddress addresses) {
    return HttpRateLimiter.builder(limiter)
        .identity(tokens.orElse(addresses))
        .rule("POST /agents/*/runs", LimitPolicy.perIdentity("runs", Limit.perMinute(1000)))
        .rule("/agents/*", LimitPolicy.perIdentity("agents", Limit.perMinute(1000)))
        .build();
  }

  private static RequestFuzzer fuzzer() {
    return new RequestFuzzer(
        SEED,
        List.of(
            "/agents/a1/runs",
            "/agents/a1%2Fb/runs;v=1?stream=true",
            "//agents/../agents/./a1/runs/",
            "http://host:80/agents/a1/runs",
            "%2fagents%2fa1/runs",
            "agents:a1/runs",
            "*"),
        Map.of(
            "Authorization",
            List.of("Bearer " + TOKEN, TOKEN, "Basic dTE6cA=="),
            "Cookie",
            List.of("a=b; access_token=" + TOKEN, "access_token="),
            "X-Forwarded-For",
            List.of("203.0.113.9, 10.0.0.2", "[2001:db8::1]:80,::ffff:10.0.0.3", "unknown"),
            "Forwarded",
            List.of(
                "for=\"[2001:db8::1]:80\";proto=https;by=_x, for=10.0.0.2",
                "for=203.0.113.9;host=\"a\\\",b\""),
            "Origin",
            List.of("https://app.example.com", "null"),
            "Access-Control-Request-Method",
            List.of("POST")),
        List.of("10.0.0.1", "192.0.2.1", "fe80::1%eth0", "::1"));
  }
}
