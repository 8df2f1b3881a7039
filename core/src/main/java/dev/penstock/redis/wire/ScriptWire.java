package dev.penstock.redis.wire;

import dev.penstock.redis.wire.ScriptBatch.Answer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.exceptions.JedisMovedDataException;
import redis.clients.jedis.exceptions.JedisNoScriptException;
import redis.clients.jedis.exceptions.JedisRedirectionException;

/**
 * Carries what is asked at once to Redis: as one call of the script, or to a node of a cluster as
 * one for each hash slot, all in one message. What a node has not decided, as it does not know the
 * script or does not serve the slot, is asked again by itself, by the client's ordinary way.
 */
public final class ScriptWire implements Gathering.Wire<ScriptCall, ScriptWire.CallOutcome> {

  /**
   * What became of a call.
   *
   * @param answer what the script says; nothing if a key holds no bucket, or after a failure
   */
  public record CallOutcome(Optional<Answer> answer, @Nullable RuntimeException failure) {}

  /**
   * What one call of the script bears.
   *
   * @param positions of its calls among those that travel together
   */
  private record SlotBatch(List<Integer> positions, ScriptBatch batch) {}

  /** In the place of a reply: no node has been asked, or it has not decided. */
  private static final Object UNDECIDED = new Object();

  private static final List<Integer> ONE = List.of(0);

  private static final CallOutcome CLOCK_JUMPS =
      new CallOutcome(
          Optional.empty(),
          new NoConnectionException("the clock of the server does not stand still"));

  private final RedisNodes nodes;
  private final RedisScript script;
  private final KnownBuckets known;
  private final LongAdder roundTrips = new LongAdder();
  private final BatchSizes batches = new BatchSizes();

  public ScriptWire(RedisNodes nodes, RedisScript script, KnownBuckets known) {
    this.nodes = nodes;
    this.script = script;
    this.known = known;
  }

  /** {@return how many messages were sent} */
  long roundTrips() {
    return roundTrips.sum();
  }

  /** {@return how many calls have travelled together} */
  BatchSizes batches() {
    return batches;
  }

  @Override
  public boolean mayJoin(ScriptCall call, ScriptCall other) {
    return nodes.takeSeveralSlots() || call.hasTagOf(other);
  }

  @Override
  public List<CallOutcome> ask(List<ScriptCall> calls, long since) {
    long asked = System.nanoTime();
    CallOutcome[] said = askOnce(calls, since, asked);
    List<Integer> undecided = learnTime(said, asked);
    if (!undecided.isEmpty()) {
      long askedAgain = System.nanoTime();
      List<ScriptCall> again = undecided.stream().map(calls::get).toList();
      CallOutcome[] saidAgain = askOnce(again, since, askedAgain);
      learnTime(saidAgain, askedAgain).forEach(position -> saidAgain[position] = CLOCK_JUMPS);
      for (int i = 0; i < saidAgain.length; i++) {
        said[undecided.get(i)] = saidAgain[i];
      }
    }
    return Arrays.asList(said);
  }

  /**
   * Returns the positions of what is to be asked once more, now that the server's time is known.
   */
  private List<Integer> learnTime(CallOutcome[] said, long asked) {
    List<Integer> undecided = List.of();
    for (int i = 0; i < said.length; i++) {
      Optional<Answer> answer = said[i].answer();
      long micros = answer.isEmpty() ? 0 : answer.get().serverMicros();
      if (micros > 0) {
        known.serverTime().learn(micros, asked, System.nanoTime());
        if (answer.get().levelNanos().isEmpty()) {
          undecided = undecided.isEmpty() ? new ArrayList<>() : undecided;
          undecided.add(i);
        }
      }
    }
    return undecided;
  }

  private CallOutcome[] askOnce(List<ScriptCall> calls, long since, long sentAt) {
    batches.add(calls.size());
    ScriptCall first = calls.get(0);
    RedisNode node = nodes.of(first);
    List<SlotBatch> parts = parts(calls);
    List<Object> replies = sent(node, first, parts);
    askAgain(parts, replies, since);
    CallOutcome[] said = new CallOutcome[calls.size()];
    int failed = 0;
    RuntimeException failure = null;
    for (int i = 0; i < parts.size(); i++) {
      RuntimeException why = tell(parts.get(i), replies.get(i), said);
      if (why != null) {
        failed++;
        boolean counts = failure == null || (isBroken(why) && !isBroken(failure));
        failure = counts ? why : failure;
      }
    }
    if (failure == null || (failed < parts.size() && !isBroken(failure))) {
      nodes.answered(node);
    } else {
      nodes.failed(node, failure, first.firstKey(), sentAt);
    }
    return said;
  }

  private List<SlotBatch> parts(List<ScriptCall> calls) {
    if (!nodes.isCluster()) {
      List<Integer> all =
          calls.size() == 1 ? ONE : IntStream.range(0, calls.size()).boxed().toList();
      return List.of(new SlotBatch(all, new ScriptBatch(calls)));
    }
    Map<Integer, List<Integer>> bySlot = new LinkedHashMap<>();
    for (int i = 0; i < calls.size(); i++) {
      bySlot.computeIfAbsent(calls.get(i).slot(), slot -> new ArrayList<>(1)).add(i);
    }
    List<SlotBatch> parts = new ArrayList<>(bySlot.size());
    for (List<Integer> positions : bySlot.values()) {
      List<ScriptCall> together = new ArrayList<>(positions.size());
      positions.forEach(position -> together.add(calls.get(position)));
      parts.add(new SlotBatch(positions, new ScriptBatch(together)));
    }
    return parts;
  }

  /** Sends all to the node at once if that can be; it may not be the right one any more. */
  private List<Object> sent(RedisNode node, ScriptCall first, List<SlotBatch> parts) {
    Optional<ClusterNodes> cluster = nodes.severalAtOnce();
    if (cluster.isEmpty() || node.isLost()) {
      return new ArrayList<>(Collections.nCopies(parts.size(), UNDECIDED));
    }
    List<byte[][]> commands = new ArrayList<>(parts.size());
    for (SlotBatch part : parts) {
      commands.add(script.command(part.batch().keys(), arguments(part.batch())));
    }
    roundTrips.increment();
    List<Object> replies = cluster.get().ask(first.slot(), commands);
    for (Object reply : replies) {
      if (reply instanceof JedisMovedDataException moved) {
        cluster.get().moved(moved.getSlot(), moved.getTargetNode());
      }
    }
    return replies;
  }

  /** Asks for what is not decided; once Redis has not answered, that is the failure of the rest. */
  private void askAgain(List<SlotBatch> parts, List<Object> replies, long since) {
    @Nullable Object broken = null;
    for (int i = 0; i < parts.size(); i++) {
      Object reply = replies.get(i);
      if (isUndecided(reply)) {
        reply = broken == null ? ordinary(parts.get(i).batch(), since) : broken;
        replies.set(i, reply);
      }
      broken = isBroken(reply) ? reply : broken;
    }
  }

  /**
   * Asks once more where the connection was lost: it may have been dead for long. If the server had
   * carried out the first, the second takes as much again, which errs against the request.
   */
  private Object ordinary(ScriptBatch batch, long since) {
    Object reply = once(batch, since);
    if (isLost(reply) && batch.mayBeRepeated() && !Thread.currentThread().isInterrupted()) {
      nodes.lostConnection();
      Object again = once(batch, since);
      return again instanceof NoConnectionException ? reply : again;
    }
    return reply;
  }

  private Object once(ScriptBatch batch, long since) {
    roundTrips.increment();
    try {
      return nodes
          .connection()
          .call(since, jedis -> script.call(jedis, batch.keys(), arguments(batch)));
    } catch (RuntimeException e) {
      return e;
    }
  }

  private List<byte[]> arguments(ScriptBatch batch) {
    return batch.arguments(known, System.nanoTime(), nodes.epoch());
  }

  /** Says what became of each call of a part; returns the failure if there is no reply. */
  private static @Nullable RuntimeException tell(SlotBatch part, Object reply, CallOutcome[] said) {
    RuntimeException failure;
    try {
      if (reply instanceof List<?> numbers) {
        List<Optional<Answer>> answers = part.batch().answers(numbers);
        for (int i = 0; i < answers.size(); i++) {
          said[part.positions().get(i)] = new CallOutcome(answers.get(i), null);
        }
        return null;
      }
      failure = (RuntimeException) reply;
    } catch (RuntimeException e) {
      failure = e;
    }
    for (int position : part.positions()) {
      said[position] = new CallOutcome(Optional.empty(), failure);
    }
    return failure;
  }

  private static boolean isLost(Object reply) {
    return reply instanceof JedisConnectionException e && !RedisErrors.isLate(e);
  }

  private static boolean isUndecided(Object reply) {
    return reply == UNDECIDED
        || reply instanceof JedisRedirectionException
        || reply instanceof JedisNoScriptException;
  }

  /** Returns whether this is a failure, and not one that the server has answered with. */
  private static boolean isBroken(Object reply) {
    return reply instanceof RuntimeException && !(reply instanceof JedisDataException);
  }
}
