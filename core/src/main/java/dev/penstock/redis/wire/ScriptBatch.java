package dev.penstock.redis.wire;

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
   *     held
   * @param chargedNanos of each bucket that was settled how much it was charged, else nothing
   */
  public record Answer(
      boolean held, Optional<Boolean> shadow, List<Long> levelNanos, List<Long> chargedNanos) {

    Answer(boolean held, List<Long> levelNanos, List<Long> chargedNanos) {
      this(held, Optional.empty(), levelNanos, chargedNanos);
    }
  }

  private static final List<List<List<Integer>>> ONE = List.of(List.of(List.of(0)));
  private static final byte[] NOTHING_KNOWN = ScriptCall.ascii(0);

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
    for (int i = 0; i < calls.size(); i++) {
      ScriptCall call = calls.get(i);
      boolean mayBeOne = call.operation().isAsking() && !call.hasHolders();
      Object same = mayBeOne ? call.keys() : call;
      groups
          .computeIfAbsent(call.terms(), terms -> new LinkedHashMap<>())
          .computeIfAbsent(same, key -> new ArrayList<>(1))
          .add(i);
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
    if (calls.size() == 1) {
      return argumentsOfOne(calls.get(0), levels, now, epoch);
    }
    List<byte[]> arguments = new ArrayList<>(groups.size());
    Map<String, Long> known = known(levels, now, epoch);
    for (Collection<List<Integer>> group : groups) {
      List<ScriptCall> alike = new ArrayList<>(group.size());
      int requests = 0;
      for (List<Integer> same : group) {
        ScriptCall call = first(same);
        int asking = call.operation() == Operation.TAKE ? same.size() : 1;
        if (asking != requests) {
          add(arguments, alike, requests, known);
          alike.clear();
          requests = asking;
        }
        alike.add(call);
      }
      add(arguments, alike, requests, known);
    }
    return arguments;
  }

  /** Likewise for one call, whose buckets differ. */
  private static List<byte[]> argumentsOfOne(
      ScriptCall call, KnownBuckets levels, long now, int epoch) {
    List<byte[]> told = new ArrayList<>(1 + call.buckets().size());
    told.add(NOTHING_KNOWN); // until it is known whether anything is told
    boolean tells = call.hasHolders();
    for (CalledBucket bucket : call.buckets()) {
      String holders = bucket.holders();
      long level = holders == null ? carried(bucket, levels, now, epoch) : 0;
      tells |= level != 0;
      told.add(level == 0 ? NOTHING_KNOWN : ScriptCall.ascii(level));
      if (holders != null) {
        told.set(told.size() - 1, ScriptCall.ascii(holders));
      }
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
      List<byte[]> arguments, List<ScriptCall> alike, int requests, Map<String, Long> known) {
    if (alike.isEmpty()) {
      return;
    }
    boolean tells = alike.stream().anyMatch(call -> isTold(call, known));
    arguments.add(alike.get(0).terms().group(alike.size(), requests, tells));
    for (ScriptCall call : tells ? alike : List.<ScriptCall>of()) {
      for (CalledBucket bucket : call.buckets()) {
        String holders = bucket.holders();
        long level = known.getOrDefault(bucket.key(), 0L);
        arguments.add(holders == null ? ScriptCall.ascii(level) : ScriptCall.ascii(holders));
      }
    }
  }

  private static boolean isTold(ScriptCall call, Map<String, Long> known) {
    return call.hasHolders()
        || call.buckets().stream().anyMatch(bucket -> known.getOrDefault(bucket.key(), 0L) != 0);
  }

  /**
   * Returns what is known of each bucket, to be said at its first decision: the one that finds a
   * key missing writes it, and all others believe what is written.
   */
  private Map<String, Long> known(KnownBuckets levels, long now, int epoch) {
    Map<String, Long> known = new HashMap<>();
    for (ScriptCall call : calls) {
      for (CalledBucket bucket : call.buckets()) {
        known.merge(bucket.key(), carried(bucket, levels, now, epoch), ScriptBatch::emptier);
      }
    }
    return known;
  }

  private static long carried(CalledBucket bucket, KnownBuckets levels, long now, int epoch) {
    return levels.carriedMicros(bucket.hash(), bucket.terms().limit(), now, epoch);
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
    boolean settles = call.operation() == Operation.SETTLE;
    List<Long> charged = numbers.nextNanos(settles ? call.buckets().size() : 0);
    if (held < 0) {
      return;
    }
    boolean take = call.operation() == Operation.TAKE;
    for (int i = 0; i < same.size(); i++) {
      long before = take ? i : 0;
      boolean isHeld = before < held;
      Optional<Boolean> shadow =
          isHeld && tried >= 0 ? Optional.of(before < tried) : Optional.empty();
      long after = take ? Math.max(0, held - 1 - i) : 0;
      long afterShadow = take ? Math.max(0, tried - 1 - i) : 0;
      List<Long> levels = before(call, last, after, afterShadow);
      answers.set(same.get(i), Optional.of(new Answer(isHeld, shadow, levels, charged)));
    }
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

    Reply(List<?> numbers) {
      this.numbers = numbers;
    }

    long next() {
      return (Long) numbers.get(read++);
    }

    List<Long> nextNanos(int buckets) {
      List<Long> nanos = new ArrayList<>(buckets);
      for (int i = 0; i < buckets; i++) {
        nanos.add(next() * 1000 + next());
      }
      return nanos;
    }
  }
}
