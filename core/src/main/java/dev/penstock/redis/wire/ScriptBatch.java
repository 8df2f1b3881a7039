package dev.penstock.redis.wire;

import dev.penstock.Limit;
import dev.penstock.base.Inside;
import dev.penstock.redis.wire.BucketTerms.WindowTerms;
import dev.penstock.redis.wire.ScriptCall.CalledBucket;
import dev.penstock.redis.wire.ScriptCall.DecisionTerms;
import dev.penstock.redis.wire.ScriptCall.Operation;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Several calls of the script in one: its keys and arguments, as {@code acquire.lua} has them, and
 * what its reply says to each. Calls that would take the same from the same buckets are one
 * decision of the script, which says how many of them it permits: the first ones.
 */
public final class ScriptBatch {

  /**
   * What the script says to one call.
   *
   * @param held whether every bucket holds the cost, but for those that are only tried
   * @param shadow whether every one of these does; nothing if there are none, the others do not
   *     hold it, or a key holds no bucket
   * @param levelNanos of each bucket how far from full it is afterwards; of slots, how many are
   *     held, and of windows, how much is taken
   * @param chargedNanos of each bucket that was settled how much it was charged; else nothing
   * @param soonerNanos to whoever waits, of each bucket how much sooner it is full by what was put
   *     back in front of the last who waits, and how much sooner it is waited for than its level
   *     says; else nothing
   * @param windows how those of the buckets stand that are windows, by their positions
   * @param serverMicros the server's time where it has said that: of windows, to whoever waits, and
   *     with nothing else if it was told of none that are of its time; else 0
   */
  public record Answer(
      boolean held,
      Optional<Boolean> shadow,
      List<Long> levelNanos,
      List<Long> chargedNanos,
      List<Long> soonerNanos,
      Map<Integer, SaidWindow> windows,
      long serverMicros) {

    /**
     * Returns how far from full a bucket is for somebody who waits for it: less than it is, if
     * another has left them a place in the line.
     */
    public long awaitedNanos(int bucket) {
      return levelNanos.get(bucket) - soonerNanos.get(2 * bucket + 1);
    }

    /** Returns where somebody stands who waits for a bucket. */
    public PlaceInLine place(int bucket, Limit limit) {
      long waitNanos = awaitedNanos(bucket) - Inside.nanosToFill(limit);
      long at = Micros.toNanos(serverMicros) + levelNanos.get(bucket);
      return waitNanos > 0
          ? new PlaceInLine(at + soonerNanos.get(2 * bucket), serverMicros + Micros.ceil(waitNanos))
          : PlaceInLine.NONE;
    }

    static Answer ofOtherTime(long serverMicros) {
      return new Answer(
          false, Optional.empty(), List.of(), List.of(), List.of(), Map.of(), serverMicros);
    }
  }

  /**
   * Who asks, and when.
   *
   * @param known what is known of the buckets
   * @param now the time, by {@link System#nanoTime}
   * @param epoch how often Redis had been away by then
   */
  private record Asker(KnownBuckets known, long now, int epoch) {

    long carriedMicros(CalledBucket bucket) {
      return known.carriedMicros(bucket.hash(), bucket.terms().limit(), now, epoch);
    }

    /** Returns what is told of a bucket; nothing of one with tokens, of which that is a number. */
    @Nullable String text(CalledBucket bucket) {
      return bucket.terms() instanceof WindowTerms window
          ? window.text(known, bucket.hash(), now, epoch)
          : bucket.holders();
    }
  }

  private static final List<List<List<Integer>>> ONE = List.of(List.of(List.of(0)));
  private static final byte[] NOTHING_KNOWN = ScriptCall.ascii(0);

  /** What is less is the time of a server. */
  private static final long LEAST = -10;

  private final List<ScriptCall> calls;

  /**
   * The decisions of the script by their terms, each the positions of the calls that it answers.
   */
  private final Collection<? extends Collection<List<Integer>>> groups;

  /**
   * Gathers calls.
   *
   * @param calls at least one, whose buckets lie in one hash slot
   */
  public ScriptBatch(List<ScriptCall> calls) {
    this.calls = calls;
    this.groups = calls.size() == 1 ? ONE : grouped(calls);
  }

  private static List<Collection<List<Integer>>> grouped(List<ScriptCall> calls) {
    Map<DecisionTerms, Map<Object, List<Integer>>> groups = new LinkedHashMap<>();
    DecisionTerms last = calls.get(0).terms();
    Map<Object, List<Integer>> group = new LinkedHashMap<>();
    groups.put(last, group);
    for (int i = 0; i < calls.size(); i++) {
      ScriptCall call = calls.get(i);
      if (!call.terms().equals(last)) { // most are alike, and a hash of them takes long
        last = call.terms();
        group = groups.computeIfAbsent(last, terms -> new LinkedHashMap<>());
      }
      // Of those who wait each has a time of its own.
      boolean mayBeOne = call.operation().isAsking() && !call.waits() && !call.hasHolders();
      Object same = mayBeOne ? call.sameKeys() : call;
      group.computeIfAbsent(same, key -> new ArrayList<>(1)).add(i);
    }
    return groups.values().stream().map(Map::values).toList();
  }

  /** Returns whether no token too many is put back if the batch is carried out twice. */
  boolean mayBeRepeated() {
    return calls.stream().noneMatch(call -> call.operation() == Operation.RETURN);
  }

  List<byte[]> keys() {
    List<byte[]> keys = new ArrayList<>(calls.size());
    for (Collection<List<Integer>> group : groups) {
      for (List<Integer> same : group) {
        first(same).addKeys(keys);
      }
    }
    return keys;
  }

  /**
   * Returns the arguments, with what is known of the buckets.
   *
   * @param now when they are sent, by {@link System#nanoTime}
   * @param epoch how often Redis had been away by then
   */
  List<byte[]> arguments(KnownBuckets levels, long now, int epoch) {
    Asker asker = new Asker(levels, now, epoch);
    if (calls.size() == 1) {
      return argumentsOfOne(calls.get(0), asker);
    }
    List<byte[]> arguments = new ArrayList<>(groups.size());
    Map<String, Long> known = known(asker);
    for (Collection<List<Integer>> group : groups) {
      List<ScriptCall> alike = new ArrayList<>(group.size());
      int requests = 0;
      for (List<Integer> same : group) {
        ScriptCall call = first(same);
        int asking = call.operation().takes() ? same.size() : 1;
        if (asking != requests) {
          add(arguments, alike, requests, known, asker);
          alike.clear();
          requests = asking;
        }
        alike.add(call);
      }
      add(arguments, alike, requests, known, asker);
    }
    return arguments;
  }

  /** Likewise for one call, whose buckets differ. */
  private static List<byte[]> argumentsOfOne(ScriptCall call, Asker asker) {
    List<byte[]> told = new ArrayList<>(1 + call.buckets().size());
    told.add(NOTHING_KNOWN); // until it is known whether anything is told
    boolean tells = call.alwaysTells();
    for (CalledBucket bucket : call.buckets()) {
      @Nullable String text = asker.text(bucket);
      long level = text == null ? asker.carriedMicros(bucket) : 0;
      tells |= level != 0;
      byte[] number = level == 0 ? NOTHING_KNOWN : ScriptCall.ascii(level);
      told.add(text == null ? number : ScriptCall.ascii(text));
    }
    byte[] group = call.terms().group(1, 1, tells);
    if (!tells) {
      return List.of(group);
    }
    told.set(0, group);
    return told;
  }

  /** Adds decisions for which so many ask, with what is known of their buckets if anything is. */
  private static void add(
      List<byte[]> arguments,
      List<ScriptCall> alike,
      int requests,
      Map<String, Long> known,
      Asker asker) {
    if (alike.isEmpty()) {
      return;
    }
    boolean tells = alike.stream().anyMatch(call -> isTold(call, known));
    arguments.add(alike.get(0).terms().group(alike.size(), requests, tells));
    for (ScriptCall call : tells ? alike : List.<ScriptCall>of()) {
      for (CalledBucket bucket : call.buckets()) {
        @Nullable String text = asker.text(bucket);
        long level = known.getOrDefault(bucket.key(), 0L);
        arguments.add(text == null ? ScriptCall.ascii(level) : ScriptCall.ascii(text));
      }
    }
  }

  private static boolean isTold(ScriptCall call, Map<String, Long> known) {
    return call.alwaysTells()
        || call.buckets().stream().anyMatch(bucket -> known.getOrDefault(bucket.key(), 0L) != 0);
  }

  /**
   * Returns what is known of each bucket, to be said at its first decision: the one that finds a
   * key missing writes it, and all others believe what is written.
   */
  private Map<String, Long> known(Asker asker) {
    Map<String, Long> known = new HashMap<>();
    for (ScriptCall call : calls) {
      for (CalledBucket bucket : call.buckets()) {
        long micros = asker.carriedMicros(bucket);
        if (micros != 0) {
          known.merge(bucket.key(), micros, ScriptBatch::emptier);
        }
      }
    }
    return known;
  }

  /** A negative one counts also where the positive one would. */
  private static long emptier(long one, long other) {
    long most = Math.max(Math.abs(one), Math.abs(other));
    return one < 0 || other < 0 ? -most : most;
  }

  /** Returns what the reply says to each call; nothing to one with a key that holds no bucket. */
  public List<Optional<Answer>> answers(List<?> reply) {
    List<Optional<Answer>> answers =
        new ArrayList<>(Collections.nCopies(calls.size(), Optional.empty()));
    Reply numbers = new Reply(reply);
    for (Collection<List<Integer>> group : groups) {
      for (List<Integer> same : group) {
        addAnswers(answers, same, numbers);
      }
    }
    return answers;
  }

  private void addAnswers(List<Optional<Answer>> answers, List<Integer> same, Reply numbers) {
    ScriptCall call = first(same);
    long held = numbers.next();
    long tried = call.shadow() > 0 ? numbers.next() : -1;
    List<Long> last = numbers.nextNanos(call.buckets().size());
    Map<Integer, SaidWindow> windows = numbers.windows;
    boolean waits = call.waits();
    boolean settles = call.operation() == Operation.SETTLE;
    List<Long> charged = settles ? numbers.nextNanos(call.buckets().size()) : List.of();
    List<Long> sooner = waits ? numbers.nextNanos(2 * call.buckets().size()) : List.of();
    long micros = waits ? numbers.next() : numbers.serverMicros;
    if (held < 0) {
      if (held < LEAST) {
        same.forEach(asked -> answers.set(asked, Optional.of(Answer.ofOtherTime(-held))));
      }
      return;
    }
    boolean take = call.operation().takes();
    for (int i = 0; i < same.size(); i++) {
      long before = take ? i : 0;
      boolean isHeld = before < held;
      Optional<Boolean> shadow =
          isHeld && tried >= 0 ? Optional.of(before < tried) : Optional.empty();
      long after = take ? Math.max(0, held - 1 - i) : 0;
      long afterShadow = take ? Math.max(0, tried - 1 - i) : 0;
      List<Long> levels = before(call, last, after, afterShadow);
      Map<Integer, SaidWindow> used = before(windows, levels);
      answers.set(
          same.get(i),
          Optional.of(new Answer(isHeld, shadow, levels, charged, sooner, used, micros)));
    }
  }

  private static Map<Integer, SaidWindow> before(
      Map<Integer, SaidWindow> windows, List<Long> levels) {
    if (windows.isEmpty()) {
      return windows;
    }
    Map<Integer, SaidWindow> used = new HashMap<>();
    windows.forEach((i, window) -> used.put(i, window.with(levels.get(i))));
    return used;
  }

  /**
   * Returns the levels before so many more such calls have taken their cost.
   *
   * @param shadowCalls how many have taken it from what is only tried
   */
  private static List<Long> before(ScriptCall call, List<Long> last, long calls, long shadowCalls) {
    if (calls == 0) {
      return last;
    }
    int enforced = last.size() - call.shadow();
    List<Long> levels = new ArrayList<>(last.size());
    for (int i = 0; i < last.size(); i++) {
      levels.add(last.get(i) - (i < enforced ? calls : shadowCalls) * call.costNanos(i));
    }
    return levels;
  }

  private ScriptCall first(List<Integer> same) {
    return calls.get(same.get(0));
  }

  /** The numbers of a reply, one after the other. */
  private static final class Reply {
    private final List<?> numbers;
    private int read;

    /** Of the buckets that were read last. */
    private Map<Integer, SaidWindow> windows = Map.of();

    private long serverMicros;

    Reply(List<?> numbers) {
      this.numbers = numbers;
    }

    long next() {
      return (Long) numbers.get(read++);
    }

    List<Long> nextNanos(int buckets) {
      List<Long> nanos = new ArrayList<>(buckets);
      windows = Map.of();
      for (int i = 0; i < buckets; i++) {
        if (numbers.get(read) instanceof List<?> window) {
          nanos.add(nextWindow(i, window));
        } else {
          nanos.add(Micros.toNanos(next()) + next());
        }
      }
      return nanos;
    }

    private long nextWindow(int bucket, List<?> said) {
      SaidWindow window = SaidWindow.of(said);
      windows = windows.isEmpty() ? new HashMap<>() : windows;
      windows.put(bucket, window);
      serverMicros = window.at();
      read += 2;
      return window.current();
    }
  }
}
