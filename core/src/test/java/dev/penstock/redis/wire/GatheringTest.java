package dev.penstock.redis.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.penstock.Crowd;
import dev.penstock.redis.Await;
import java.lang.reflect.Method;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.FutureTask;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class GatheringTest {

  private static final Duration SOON = Duration.ofSeconds(10);
  private static final long LONG = Duration.ofMinutes(10).toNanos();

  /** Answers a number by its double, once the test lets it; the test sees each batch. */
  private static final class HeldWire implements Gathering.Wire<Integer, Integer> {
    private final Queue<List<Integer>> batches = new ConcurrentLinkedQueue<>();
    private final Semaphore answers = new Semaphore(0);
    private final AtomicInteger onWire = new AtomicInteger();
    private final AtomicInteger mostOnWire = new AtomicInteger();

    @Override
    public List<Integer> ask(List<Integer> questions, long since) {
      batches.add(questions);
      mostOnWire.accumulateAndGet(onWire.incrementAndGet(), Math::max);
      answers.acquireUninterruptibly();
      onWire.decrementAndGet();
      if (questions.contains(-1)) {
        throw new IllegalStateException("the wire broke");
      }
      return questions.stream().map(number -> 2 * number).toList();
    }

    /** Odd numbers and even ones travel apart. */
    @Override
    public boolean mayJoin(Integer question, Integer other) {
      return (question & 1) == (other & 1);
    }
  }

  /** One that asks. */
  private record Caller(FutureTask<Integer> answer, Thread thread) {}

  private final HeldWire wire = new HeldWire();
  private final List<Thread> callers = new ArrayList<>();

  @AfterEach
  void release() {
    wire.answers.release(1_000_000);
    callers.forEach(caller -> Await.until("a caller's end", SOON, () -> !caller.isAlive()));
  }

  private Gathering<Integer, Integer> gathering(int lanes) {
    return new Gathering<>(wire, lanes, LONG, LONG);
  }

  private Caller ask(Gathering<Integer, Integer> gathering, int question) {
    FutureTask<Integer> answer = new FutureTask<>(() -> gathering.ask(question));
    Caller caller = new Caller(answer, new Thread(answer));
    callers.add(caller.thread());
    caller.thread().start();
    return caller;
  }

  /** Asks, and returns once the caller waits. */
  private Caller askAndWait(Gathering<Integer, Integer> gathering, int question) {
    Caller caller = ask(gathering, question);
    Await.until(
        "a caller that waits",
        SOON,
        () ->
            caller.thread().getState() == Thread.State.TIMED_WAITING
                || caller.thread().getState() == Thread.State.WAITING);
    return caller;
  }

  private static int get(Caller caller) throws Exception {
    return caller.answer().get(10, TimeUnit.SECONDS);
  }

  private void answerOne() {
    int left = wire.batches.size();
    wire.answers.release();
    assertThat(left).isPositive();
  }

  private void awaitBatches(int number) {
    Await.until("batches", SOON, () -> wire.batches.size() >= number);
  }

  @Test
  void ask_alone_isAskedAtOnceOnItsOwnThread() {
    wire.answers.release(2);
    Gathering<Integer, Integer> gathering = gathering(1);
    assertThat(gathering.ask(2)).isEqualTo(4);
    assertThat(gathering.ask(3)).isEqualTo(6);
    assertThat(wire.batches).containsExactly(List.of(2), List.of(3));
  }

  @Test
  void ask_whileABatchIsOnTheWire_theNextCollectsInOrder() throws Exception {
    Gathering<Integer, Integer> gathering = gathering(1);
    Caller first = askAndWait(gathering, 2);
    List<Caller> next = new ArrayList<>();
    for (int i = 2; i <= 5; i++) {
      next.add(askAndWait(gathering, 2 * i));
    }
    assertThat(wire.batches).hasSize(1);
    answerOne();
    assertThat(get(first)).isEqualTo(4);
    awaitBatches(2);
    answerOne();
    for (int i = 2; i <= 5; i++) {
      assertThat(get(next.get(i - 2))).isEqualTo(4 * i);
    }
    assertThat(wire.batches).containsExactly(List.of(2), List.of(4, 6, 8, 10));
  }

  @Test
  void ask_aFreeLane_isTaken() {
    Gathering<Integer, Integer> gathering = gathering(2);
    askAndWait(gathering, 2);
    askAndWait(gathering, 4);
    askAndWait(gathering, 6);
    assertThat(wire.batches).containsExactly(List.of(2), List.of(4));
  }

  @Test
  void ask_mayNotJoin_staysForTheNextLeader() throws Exception {
    Gathering<Integer, Integer> gathering = gathering(1);
    askAndWait(gathering, 2);
    Caller odd = askAndWait(gathering, 3);
    Caller even = askAndWait(gathering, 4);
    Caller secondOdd = askAndWait(gathering, 5);
    wire.answers.release(3);
    assertThat(get(odd) + get(even) + get(secondOdd)).isEqualTo(6 + 8 + 10);
    assertThat(wire.batches).containsExactly(List.of(2), List.of(3, 5), List.of(4));
  }

  @Test
  void ask_theBatchBreaks_isTheFailureOfEachInIt() throws Exception {
    Gathering<Integer, Integer> gathering = gathering(1);
    askAndWait(gathering, 2);
    Caller one = askAndWait(gathering, -1);
    Caller two = askAndWait(gathering, 3);
    Caller apart = askAndWait(gathering, 4);
    wire.answers.release(3);
    assertThatThrownBy(() -> get(one)).hasRootCauseMessage("the wire broke");
    assertThatThrownBy(() -> get(two)).hasRootCauseMessage("the wire broke");
    assertThat(get(apart)).isEqualTo(8);
  }

  @Test
  void ask_interruptedInTheQueue_givesUpAndIsNotAsked() throws Exception {
    Gathering<Integer, Integer> gathering = gathering(1);
    askAndWait(gathering, 2);
    CompletableFuture<Boolean> interruptedAfter = new CompletableFuture<>();
    Thread caller =
        new Thread(
            () -> {
              try {
                gathering.ask(4);
              } catch (NoConnectionException e) {
                interruptedAfter.complete(Thread.currentThread().isInterrupted());
              }
            });
    callers.add(caller);
    caller.start();
    caller.interrupt();
    assertThat(interruptedAfter.get(10, TimeUnit.SECONDS)).isTrue();
    Caller other = askAndWait(gathering, 6);
    wire.answers.release(2);
    assertThat(get(other)).isEqualTo(12);
    assertThat(wire.batches).containsExactly(List.of(2), List.of(6));
  }

  @Test
  void ask_interruptedOnTheWire_givesUpAndTheOthersAreAnswered() throws Exception {
    Gathering<Integer, Integer> gathering = gathering(1);
    askAndWait(gathering, 2);
    Caller leader = askAndWait(gathering, 4);
    Caller follower = askAndWait(gathering, 6);
    Caller other = askAndWait(gathering, 8);
    answerOne();
    awaitBatches(2);
    callers.get(2).interrupt();
    assertThatThrownBy(() -> get(follower)).hasRootCauseInstanceOf(NoConnectionException.class);
    assertThat(leader.answer()).isNotDone();
    answerOne();
    assertThat(get(leader) + get(other)).isEqualTo(8 + 16);
  }

  @Test
  void ask_interruptedWhileItLeads_asksAllTheSame() throws Exception {
    Gathering<Integer, Integer> gathering = gathering(1);
    Caller leader = askAndWait(gathering, 2);
    callers.get(0).interrupt();
    answerOne();
    assertThat(get(leader)).isEqualTo(4);
  }

  @Test
  void ask_waitsForTooLong_leadsWithoutALane() throws Exception {
    Gathering<Integer, Integer> gathering = new Gathering<>(wire, 1, 1_000_000, LONG);
    askAndWait(gathering, 2);
    Caller late = ask(gathering, 4);
    awaitBatches(2);
    wire.answers.release(2);
    assertThat(get(late)).isEqualTo(8);
    wire.answers.release();
    assertThat(gathering.ask(6)).isEqualTo(12);
  }

  @Test
  void ask_noAnswerByTheDeadline_givesUp() throws Exception {
    Gathering<Integer, Integer> gathering =
        new Gathering<>(wire, 1, LONG, Duration.ofMillis(500).toNanos());
    askAndWait(gathering, 2);
    askAndWait(gathering, 4);
    Caller follower = askAndWait(gathering, 6);
    answerOne();
    awaitBatches(2);
    assertThatThrownBy(() -> get(follower)).hasRootCauseInstanceOf(NoConnectionException.class);
    assertThat(wire.batches).containsExactly(List.of(2), List.of(4, 6));
  }

  @Test
  void ask_manyThreads_eachHasItsAnswerAndLanesAreKept() {
    wire.answers.release(1_000_000);
    Gathering<Integer, Integer> gathering = gathering(2);
    try (Crowd crowd = new Crowd(32)) {
      List<Boolean> right =
          crowd.ask(
              thread ->
                  IntStream.range(0, 2_000)
                      .map(i -> 16 * i + (thread & 15) + 14)
                      .allMatch(number -> gathering.ask(number) == 2 * number));
      assertThat(right).doesNotContain(false);
    }
    assertThat(wire.mostOnWire).hasValueLessThanOrEqualTo(2);
  }

  @Test
  void ask_virtualThreads_eachHasItsAnswer() throws Exception {
    wire.answers.release(1_000_000);
    Gathering<Integer, Integer> gathering = gathering(2);
    AtomicInteger right = new AtomicInteger();
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < 1_000; i++) {
      int number = 14 + i;
      threads.add(started(() -> right.addAndGet(gathering.ask(number) == 2 * number ? 1 : 0)));
    }
    for (Thread thread : threads) {
      thread.join(10_000);
    }
    assertThat(right).hasValue(1_000);
  }

  /** Starts a virtual thread where there are such, from Java 21 on, else one of the platform's. */
  private static Thread started(Runnable task) throws ReflectiveOperationException {
    Optional<Method> virtual =
        List.of(Thread.class.getMethods()).stream()
            .filter(method -> method.getName().equals("startVirtualThread"))
            .findFirst();
    if (virtual.isPresent()) {
      return (Thread) virtual.get().invoke(null, task);
    }
    Thread thread = new Thread(task);
    thread.start();
    return thread;
  }
}
