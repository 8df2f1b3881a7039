package dev.penstock.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.penstock.CapturedLog;
import dev.penstock.Cost;
import dev.penstock.FakeClock;
import dev.penstock.Identity;
import dev.penstock.Limit;
import dev.penstock.LimitPolicy;
import dev.penstock.Reservation;
import dev.penstock.http.FakeRequest;
import dev.penstock.http.Gate;
import dev.penstock.http.Verdict;
import dev.penstock.memory.InMemoryRateLimiter;
import dev.penstock.redis.Await;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;
import java.util.logging.LogRecord;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReloadingGateTest {

  private static final String TEN = "/runs runs 10/minute";
  private static final String TWENTY = "/runs runs 20/minute";
  private static final String BAD = "/runs runs 10/fortnight\nruns runs 10/minute";
  private static final Duration DEADLINE = Duration.ofSeconds(30);
  private static final int MOST_BYTES = 1_000;

  private final InMemoryRateLimiter limiter = InMemoryRateLimiter.create(1_000, new FakeClock(0));
  private final ReloadableGates gates = new ReloadableGates(limiter);

  @TempDir private Path directory;
  private Path file;
  private Instant now = Instant.EPOCH;

  @BeforeEach
  void writeTheFile() throws IOException {
    file = directory.resolve("limits");
    write(TEN);
  }

  @Test
  void look_changedContent_isTakenOnceItIsReadTwice() throws IOException {
    ReloadingGate gate = gate();
    write(TWENTY);
    now = now.plusSeconds(5);
    gate.look();
    assertThat(limitOf(gate)).isEqualTo("\"runs\";q=10;w=60");
    gate.look();
    assertThat(limitOf(gate)).isEqualTo("\"runs\";q=20;w=60");
    ReloadStatus status = gate.status();
    assertThat(status.current()).isTrue();
    assertThat(status.since()).isEqualTo(Instant.EPOCH.plusSeconds(5));
    assertThat(status.reloads()).isOne();
    assertThat(status.refusals()).isZero();
    assertThat(status.lastRefusal()).isEmpty();
  }

  @Test
  void look_sameContent_makesNothing() throws IOException {
    ReloadingGate gate = gate();
    look(gate, 3);
    write(TEN);
    look(gate, 3);
    assertThat(gates.made()).containsExactly(TEN);
    assertThat(gate.status()).isEqualTo(ReloadStatus.begun(Instant.EPOCH));
  }

  /** Half of a file is often a valid one with fewer rules. */
  @Test
  void look_fileThatIsBeingWritten_waitsForItsEnd() throws IOException {
    ReloadingGate gate = gate();
    String whole = TWENTY + "\n/agents agents 5/minute\n";
    for (int end = TWENTY.length(); end <= whole.length(); end++) {
      write(whole.substring(0, end));
      gate.look();
    }
    assertThat(gates.made()).containsExactly(TEN);
    gate.look();
    assertThat(gates.made()).containsExactly(TEN, whole);
  }

  @Test
  void look_linkThatIsSwapped_isAnotherContent() throws IOException {
    Path first = Files.createDirectory(directory.resolve("..1"));
    Files.writeString(first.resolve("limits"), TEN);
    Path second = Files.createDirectory(directory.resolve("..2"));
    Files.writeString(second.resolve("limits"), TWENTY);
    Path data = Files.createSymbolicLink(directory.resolve("..data"), first);
    file = data.resolve("limits");
    ReloadingGate gate = gate();
    Path swapped = Files.createSymbolicLink(directory.resolve("..new"), second);
    Files.move(swapped, data, StandardCopyOption.ATOMIC_MOVE);
    look(gate, 2);
    assertThat(limitOf(gate)).isEqualTo("\"runs\";q=20;w=60");
  }

  @Test
  void look_contentWithFaults_isRefusedWithAllOfThemOnce() throws IOException {
    ReloadingGate gate = gate();
    write(BAD);
    now = now.plusSeconds(7);
    try (CapturedLog log = new CapturedLog(ReloadingGate.class)) {
      look(gate, 5);
      assertThat(log.records())
          .extracting(LogRecord::getMessage)
          .containsExactly(
              file
                  + " is refused, and the gate in force goes on:\n"
                  + String.join("\n", faultsOfBad()));
    }
    assertThat(limitOf(gate)).isEqualTo("\"runs\";q=10;w=60");
    ReloadStatus status = gate.status();
    assertThat(status.current()).isFalse();
    assertThat(status.since()).isEqualTo(Instant.EPOCH);
    assertThat(status.refusals()).isOne();
    assertThat(status.lastRefusal())
        .contains(new ReloadRefusal(Instant.EPOCH.plusSeconds(7), faultsOfBad()));
  }

  @Test
  void look_contentWithFaultsThatIsTakenBack_isCurrentAgainWithoutAnotherGate() throws IOException {
    ReloadingGate gate = gate();
    write(BAD);
    look(gate, 2);
    write(TEN);
    look(gate, 2);
    assertThat(gate.status().current()).isTrue();
    assertThat(gate.status().reloads()).isZero();
    assertThat(gate.status().refusals()).isOne();
    assertThat(gates.made()).containsExactly(TEN, BAD);
    write(BAD);
    look(gate, 2);
    assertThat(gate.status().refusals()).isEqualTo(2);
  }

  @Test
  void look_whatIsNoFileToBeTaken_isRefusedAndTheGateGoesOn() throws Exception {
    ReloadingGate gate = gate();
    write("");
    assertRefused(gate, "file must not be empty: " + file);
    write("x".repeat(MOST_BYTES + 1));
    assertRefused(gate, "file must be at most 1000 bytes: " + file);
    Files.delete(file);
    assertRefused(gate, "file must be a file: there is none: " + file);
    Files.createDirectory(file);
    assertRefused(gate, "file must be a file: it is a directory: " + file);
    Files.delete(file);
    assertThat(new ProcessBuilder("mkfifo", file.toString()).start().waitFor()).isZero();
    assertRefused(gate, "file must be a file: it is a pipe, a device or the like: " + file);
    Files.delete(file);
    Files.createSymbolicLink(file, file);
    assertRefused(
        gate,
        "file must be a file that can be read: Too many levels of symbolic links or unable to access"
            + " attrib... (81 characters): "
            + file);
    Files.delete(file);
    Files.createSymbolicLink(file, PolicyFiles.FORBIDDEN);
    assertRefused(gate, "file must be a file that may be read: access is denied: " + file);
    Files.delete(file);
    Files.createSymbolicLink(file, PolicyFiles.UNREADABLE);
    assertRefused(gate, "file must be a file that can be read: Input/output error: " + file);
    Files.delete(file);
    write(TWENTY);
    look(gate, 2);
    assertThat(limitOf(gate)).isEqualTo("\"runs\";q=20;w=60");
    assertThat(gate.status().refusals()).isEqualTo(8);
  }

  private void assertRefused(ReloadingGate gate, String fault) {
    look(gate, 3);
    assertThat(gate.status().current()).isFalse();
    assertThat(gate.status().lastRefusal().orElseThrow().faults()).containsExactly(fault);
    assertThat(limitOf(gate)).isEqualTo("\"runs\";q=10;w=60");
  }

  @Test
  void look_makerThatFailsInAnyWay_isARefusal() throws IOException {
    Throwable[] failure = new Throwable[1];
    ReloadingGate gate =
        gate(
            content -> {
              if (failure[0] instanceof Error error) {
                throw error;
              }
              return request -> Verdict.Proceed.unlimited();
            });
    failure[0] = new StackOverflowError();
    write(TWENTY);
    look(gate, 2);
    assertThat(gate.status().lastRefusal().orElseThrow().faults())
        .containsExactly("java.lang.StackOverflowError");
    failure[0] =
        new AssertionError(
            IntStream.range(0, 1_005).mapToObj(i -> "f" + i).collect(Collectors.joining("\n")));
    gate.reload();
    assertThat(gate.status().lastRefusal().orElseThrow().faults())
        .hasSize(1_001)
        .startsWith("f0")
        .endsWith("f999", "and 5 more");
  }

  @Test
  void reload_changedContent_isTakenAtOnce() throws IOException {
    ReloadingGate gate = gate();
    write(TWENTY);
    assertThat(gate.reload()).isEmpty();
    assertThat(limitOf(gate)).isEqualTo("\"runs\";q=20;w=60");
    assertThat(gate.reload()).isEmpty();
    assertThat(gates.made()).containsExactly(TEN, TWENTY, TWENTY);
    assertThat(gate.status().reloads()).isEqualTo(2);
  }

  @Test
  void reload_contentWithFaults_saysThem() throws IOException {
    ReloadingGate gate = gate();
    write(BAD);
    assertThat(gate.reload().orElseThrow().faults()).isEqualTo(faultsOfBad());
    look(gate, 3);
    assertThat(gate.status().refusals()).isOne();
    assertThat(limitOf(gate)).isEqualTo("\"runs\";q=10;w=60");
  }

  @Test
  void reload_whatWasUsed_staysUsedAsAFraction() throws IOException {
    ReloadingGate gate = gate();
    for (int i = 0; i < 5; i++) {
      gate.decide(request("/runs"));
    }
    write(TWENTY);
    gate.reload();
    assertThat(remaining(gate, "/runs")).isEqualTo(9);
    write("/runs runs 10/hour");
    gate.reload();
    assertThat(remaining(gate, "/runs")).isEqualTo(3);
  }

  @Test
  void reload_reservation_settlesWhatItTook() throws IOException {
    ReloadingGate gate = gate();
    Reservation reservation = proceed(gate, "/runs").reservation();
    write("/runs others 10/minute");
    gate.reload();
    reservation.settle(Cost.of(4));
    reservation.close();
    write(TEN);
    gate.reload();
    assertThat(remaining(gate, "/runs")).isEqualTo(5);
  }

  @Test
  void reload_slot_isFreedWhereItWasTaken() throws IOException {
    write("/runs runs slot");
    ReloadingGate gate = gate();
    Verdict.Proceed first = proceed(gate, "/runs");
    assertThat(gate.decide(request("/runs"))).isInstanceOf(Verdict.Reject.class);
    gate.reload();
    assertThat(gate.decide(request("/runs"))).isInstanceOf(Verdict.Reject.class);
    first.reservation().close();
    assertThat(gate.decide(request("/runs"))).isInstanceOf(Verdict.Proceed.class);
  }

  @Test
  void reload_limitThatIsGone_isNoLongerCharged() throws IOException {
    ReloadingGate gate = gate();
    gate.decide(request("/runs"));
    write("/runs others 10/minute");
    gate.reload();
    gate.decide(request("/runs"));
    LimitPolicy runs = LimitPolicy.perIdentity("runs", Limit.perMinute(10));
    assertThat(limiter.peek(Identity.address(FakeRequest.PEER), runs).buckets().get(0).remaining())
        .isEqualTo(9);
  }

  @Test
  void constructor_whatCannotBeTaken_isRefused() throws IOException {
    write(BAD);
    assertThatIllegalArgumentException()
        .isThrownBy(this::gate)
        .withMessage(String.join("\n", faultsOfBad()));
    Files.delete(file);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ReloadingGate.of(file, gates))
        .withMessage("file must be a file: there is none: " + file);
  }

  @Test
  void of_changedFile_takesEffectWithinThreeSeconds() throws IOException {
    try (ReloadingGate gate = ReloadingGate.of(file, gates)) {
      write(TWENTY);
      Await.until(
          "the change takes effect", DEADLINE, () -> limitOf(gate).equals("\"runs\";q=20;w=60"));
    }
  }

  @Test
  void close_endsTheThread() {
    ReloadingGate gate = ReloadingGate.of(file, gates);
    Thread thread = thread();
    gate.close();
    Await.until("the thread has ended", DEADLINE, () -> !thread.isAlive());
    assertThat(limitOf(gate)).isEqualTo("\"runs\";q=10;w=60");
  }

  @Test
  void of_gateThatNobodyHolds_endsItsThread() {
    WeakReference<ReloadingGate> forgotten = new WeakReference<>(ReloadingGate.of(file, gates));
    Thread thread = thread();
    Await.until(
        "the thread has ended",
        DEADLINE,
        () -> {
          System.gc();
          return !thread.isAlive();
        });
    assertThat(forgotten.get()).isNull();
  }

  @Test
  @SuppressWarnings("NullAway") // null is what is tested
  void nulls_nameTheParameter() {
    assertThatNullPointerException()
        .isThrownBy(() -> ReloadingGate.of(null, gates))
        .withMessage("file");
    assertThatNullPointerException()
        .isThrownBy(() -> ReloadingGate.of(file, null))
        .withMessage("maker");
    assertThatNullPointerException()
        .isThrownBy(() -> ReloadingGate.of(file, content -> null))
        .withMessage("gate");
    assertThatNullPointerException()
        .isThrownBy(() -> new ReloadRefusal(null, List.of()))
        .withMessage("at");
    assertThatNullPointerException()
        .isThrownBy(() -> new ReloadRefusal(now, null))
        .withMessage("faults");
    ReloadStatus status = ReloadStatus.begun(now);
    assertThatNullPointerException()
        .isThrownBy(() -> new ReloadStatus(true, null, 0, 0, status.lastRefusal()))
        .withMessage("since");
    assertThatNullPointerException()
        .isThrownBy(() -> new ReloadStatus(true, now, 0, 0, null))
        .withMessage("lastRefusal");
  }

  private static Thread thread() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().equals("penstock-reload"))
        .max(Comparator.comparingLong(Thread::getId))
        .orElseThrow();
  }

  private ReloadingGate gate() {
    return gate(gates);
  }

  private ReloadingGate gate(Function<byte[], ? extends Gate> maker) {
    return new ReloadingGate(new WatchedFile(file, MOST_BYTES), maker, () -> now);
  }

  private void write(String content) throws IOException {
    Files.writeString(file, content);
  }

  private static void look(ReloadingGate gate, int times) {
    for (int i = 0; i < times; i++) {
      assertThat(gate.look()).isTrue();
    }
  }

  private static List<String> faultsOfBad() {
    return List.of(
        catchThrowable(() -> Limit.parse("10/fortnight")).getMessage(),
        "pattern must have a path that begins with /: \"runs\"");
  }

  private static FakeRequest request(String target) {
    return FakeRequest.of("POST " + target);
  }

  private static Verdict.Proceed proceed(Gate gate, String target) {
    return (Verdict.Proceed) gate.decide(request(target));
  }

  private static long remaining(Gate gate, String target) {
    return proceed(gate, target).decision().orElseThrow().buckets().get(0).remaining();
  }

  private static String limitOf(Gate gate) {
    return gate.decide(request("/runs")).fields().stream()
        .filter(field -> field.name().equals("RateLimit-Policy"))
        .map(field -> field.value())
        .findFirst()
        .orElseThrow();
  }
}
