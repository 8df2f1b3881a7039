package dev.penstock.config;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.BucketState;
import dev.penstock.Identity;
import dev.penstock.Limit;
import dev.penstock.LimitPolicy;
import dev.penstock.http.FakeRequest;
import dev.penstock.http.Gate;
import dev.penstock.http.HttpRateLimiter;
import dev.penstock.http.HttpRateLimiterBuilder;
import dev.penstock.http.Verdict;
import dev.penstock.memory.InMemoryRateLimiter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Requests at a steady rate while the file changes ten times a second. Longer by hand, with {@code
 * -Dpenstock.reload.seconds=60}.
 *
 * <p>A decision may be slow since the machine stopped its thread. So all is done three times, the
 * same at the same request, and what is slow every time is the gate's own.
 */
class ReloadingGateIT {

  private static final int SECONDS = Integer.getInteger("penstock.reload.seconds", 3);
  private static final int REQUESTS_PER_SECOND = 20_000;
  private static final int REQUESTS_PER_RELOAD = REQUESTS_PER_SECOND / 10;
  private static final long INTERVAL_NANOS = 1_000_000_000 / REQUESTS_PER_SECOND;
  private static final int TIMES = 3;
  private static final int RULES = 200;
  private static final int IDENTITIES = 1_000;
  private static final long SLOW_NANOS = Duration.ofMillis(1).toNanos();
  private static final long MOST_BYTES = 2L << 20;

  private final InMemoryRateLimiter limiter = InMemoryRateLimiter.create(100_000);
  private final FakeRequest[] requests = new FakeRequest[IDENTITIES];

  @TempDir private Path directory;
  private int numbersSeen;

  @Test
  void decide_whileTheFileChanges_isByOneGateAndAtOnce() throws IOException {
    for (int i = 0; i < IDENTITIES; i++) {
      requests[i] = FakeRequest.of("POST /agents/a" + i % RULES + "/runs").from("u" + i);
    }
    Path file = directory.resolve("limits");
    write(file, 0);
    ReloadingGate gate =
        new ReloadingGate(new WatchedFile(file, 100), this::make, InstantSource.system());
    ExecutorService reloads = Executors.newSingleThreadExecutor();
    int[] fastestNanos = new int[SECONDS * REQUESTS_PER_SECOND];
    Arrays.fill(fastestNanos, Integer.MAX_VALUE);
    try {
      run(gate, file, reloads, new int[fastestNanos.length]); // compiles, and fills what is kept
      long before = usedBytes();
      for (int i = 0; i < TIMES; i++) {
        run(gate, file, reloads, fastestNanos);
      }
      assertThat(usedBytes() - before).isLessThan(MOST_BYTES);
    } finally {
      reloads.shutdown();
    }
    assertThat(Arrays.stream(fastestNanos).filter(nanos -> nanos > SLOW_NANOS)).isEmpty();
    assertThat(gate.status().refusals()).isZero();
    assertThat(gate.status().reloads()).isEqualTo(10L * SECONDS * (TIMES + 1));
    assertThat(numbersSeen).isGreaterThan(SECONDS * 10);
  }

  private void run(ReloadingGate gate, Path file, ExecutorService reloads, int[] fastestNanos) {
    CompletableFuture<?> reloaded = CompletableFuture.completedFuture(null);
    int seen = -1;
    long begun = System.nanoTime();
    for (int i = 0; i < fastestNanos.length; i++) {
      if (i % REQUESTS_PER_RELOAD == 0) {
        int number = i / REQUESTS_PER_RELOAD;
        reloaded.join();
        reloaded = CompletableFuture.runAsync(() -> reload(gate, file, number), reloads);
      }
      awaitNanos(begun + i * INTERVAL_NANOS);
      long before = System.nanoTime();
      Verdict verdict = gate.decide(requests[i % IDENTITIES]);
      int nanos = (int) Math.min(System.nanoTime() - before, Integer.MAX_VALUE);
      fastestNanos[i] = Math.min(fastestNanos[i], nanos);
      int number = numberOf(verdict);
      numbersSeen += number == seen ? 0 : 1;
      seen = number;
    }
    reloaded.join();
  }

  /** Both limits that a request is charged to have the numbers of one file. */
  private static int numberOf(Verdict verdict) {
    assertThat(verdict).isInstanceOf(Verdict.Proceed.class);
    List<BucketState> buckets = verdict.decision().orElseThrow().buckets();
    long number = buckets.get(0).limit().capacity() - 1_000_000;
    if (buckets.size() != 2 || buckets.get(1).limit().capacity() != 2_000_000 + number) {
      throw new AssertionError("a mixture: " + buckets);
    }
    return (int) number;
  }

  private static void awaitNanos(long time) {
    for (long left = time - System.nanoTime(); left > 0; left = time - System.nanoTime()) {
      if (left > 100_000) {
        LockSupport.parkNanos(left - 100_000);
      } else {
        Thread.onSpinWait();
      }
    }
  }

  private static void reload(ReloadingGate gate, Path file, int number) {
    try {
      write(file, number);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
    Optional<ReloadRefusal> refusal = gate.reload();
    if (refusal.isPresent()) {
      throw new AssertionError(refusal.get());
    }
  }

  private static void write(Path file, int number) throws IOException {
    Files.writeString(file, Integer.toString(number));
  }

  private Gate make(byte[] content) {
    int number = Integer.parseInt(new String(content, UTF_8));
    HttpRateLimiterBuilder builder =
        HttpRateLimiter.builder(limiter)
            .identity(request -> Optional.of(Identity.named("user", request.peer())));
    LimitPolicy all = LimitPolicy.everyone("all", Limit.perSecond(2_000_000 + number));
    for (int i = 0; i < RULES; i++) {
      LimitPolicy runs = LimitPolicy.perIdentity("runs-" + i, Limit.perSecond(1_000_000 + number));
      builder.rule("POST /agents/a" + i + "/runs", runs.and(all));
    }
    return builder.build();
  }

  private static long usedBytes() {
    Runtime runtime = Runtime.getRuntime();
    long least = Long.MAX_VALUE;
    for (int i = 0; i < 3; i++) {
      System.gc();
      least = Math.min(least, runtime.totalMemory() - runtime.freeMemory());
    }
    return least;
  }
}
