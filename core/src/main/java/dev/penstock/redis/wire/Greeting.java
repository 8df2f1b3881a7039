package dev.penstock.redis.wire;

import dev.penstock.Limit;
import dev.penstock.base.Inside;
import dev.penstock.redis.wire.ScriptBatch.Answer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.Protocol;
import redis.clients.jedis.UnifiedJedis;
import redis.clients.jedis.exceptions.JedisClusterOperationException;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.exceptions.JedisException;

/**
 * Finds out what answers, before any request does: whether it runs every command that is needed,
 * whether its Lua counts as Redis's, and whether one call sees what single calls wrote. Where a
 * proxy spreads keys over several servers, a call of several keys goes to where the first of them
 * belongs, so a bucket that is asked for in company is another than the same bucket alone.
 */
public final class Greeting {

  /** How the keys of several buckets lie. */
  public enum Layout {
    /** One server has them all. */
    TOGETHER,

    /** A cluster, which refuses a call with keys of several hash slots. */
    CLUSTER,

    /** Several servers behind a proxy, which has those of one hash tag on one of them. */
    SHARDED
  }

  private static final Duration REFILL = Duration.ofSeconds(20);

  /** Twice a token is taken of each probe, which is gone by itself after the refill of both. */
  private static final Limit LIMIT = Limit.of(2, 1, REFILL);

  private static final long COST = 1;
  private static final long COST_NANOS = REFILL.toNanos();
  private static final long LONGEST_NANOS = COST_NANOS / 4;

  /** What probe.lua says first of Lua that writes and reads as Redis's. */
  private static final String WRITTEN = "02431912faf9d6cb000007408c200000000000005c";

  private static final String POLICY = "maxmemory-policy";
  private static final long READ = 2 + 123_456 + 7 + 900 + 92;

  private final RedisScript script;
  private final RedisScript probe = new RedisScript(RedisScript.resource("probe.lua"));
  private final RedisKeys keys;
  private final RedisPeer peer;

  Greeting(RedisScript script, RedisKeys keys, RedisPeer peer) {
    this.script = script;
    this.keys = keys;
    this.peer = peer;
  }

  /**
   * Returns how the keys lie.
   *
   * @param key of our own, which the server serves
   * @param cluster whether the client is known to be that of a cluster
   * @throws UnusableException if the server is of no use
   */
  Layout greet(UnifiedJedis jedis, String key, boolean cluster) {
    requireScripts(jedis, key);
    // What an earlier greeting, which was cut short, has left must not be read by this one.
    String name = UUID.randomUUID().toString();
    List<String> spread = keys.spreadProbes(name);
    if (cluster || refusesSeveralSlots(jedis, spread)) {
      if (!seesItself(jedis, keys.joinedProbes(name))) {
        throw foreignLua();
      }
      if (peer.isFixed()) {
        // One node of a cluster says of some slots that they have moved.
        spread.forEach(probe -> look(jedis, List.of(probe)));
      }
      return Layout.CLUSTER;
    }
    if (seesItself(jedis, spread)) {
      return Layout.TOGETHER;
    }
    if (seesItself(jedis, keys.joinedProbes(name))) {
      return Layout.SHARDED;
    }
    throw new UnusableException(
        "it is a proxy that spreads the keys of one hash tag over several servers",
        "have it go by hash tags (twemproxy: hash_tag: \"{}\"), or use one server",
        "");
  }

  /** Tells a Sentinel, which knows no scripts, from other servers without them. */
  private void requireScripts(UnifiedJedis jedis, String key) {
    try {
      requireCommands(jedis, key);
    } catch (JedisDataException e) {
      if (ServerReply.of(String.valueOf(e.getMessage())).isUnknownCommand()
          && isSentinel(jedis, key)) {
        throw new UnusableException(
            "it is a Sentinel",
            "name the primary, or pass a RedisSentinelClient to"
                + " RedisRateLimiter.builder(UnifiedJedis)",
            "");
      }
      throw e;
    }
  }

  @SuppressWarnings("deprecation") // a command with a key is what every line of jedis can send
  private static boolean isSentinel(UnifiedJedis jedis, String key) {
    try {
      return jedis.sendCommand(key, Protocol.Command.ROLE) instanceof List<?> role
          && !role.isEmpty()
          && "sentinel".equals(text(role.get(0)));
    } catch (JedisException e) {
      // It does not know this one, either.
      return false;
    }
  }

  /**
   * Tries what requests need of a server.
   *
   * @param key of our own, which it serves
   * @throws UnusableException if it does not have it, for whatever reason
   */
  void requireCommands(UnifiedJedis jedis, String key) {
    List<byte[]> probed = Stream.of(key, key + ":slots").map(ScriptCall::utf8).toList();
    List<?> reply = probe.send(jedis, probed, List.of());
    if (reply.size() < 2
        || !WRITTEN.equals(text(reply.get(0)))
        || !Long.valueOf(READ).equals(reply.get(1))) {
      throw foreignLua();
    }
    for (int i = 2; i + 1 < reply.size(); i += 2) {
      ServerReply said = ServerReply.of(text(reply.get(i + 1)));
      Optional<UnusableException> refusal =
          RedisErrors.refusal(said, peer.isFixed(), text(reply.get(i)));
      if (refusal.isPresent()) {
        throw refusal.get();
      }
      throw new JedisDataException(said.text());
    }
  }

  /**
   * Returns the setting by which the server drops keys that live, where it has one and tells it.
   * Last of all, as a proxy may end a connection that asks for it.
   */
  @SuppressWarnings("deprecation") // a command with a key is what every line of jedis can send
  static Optional<String> evictingPolicy(UnifiedJedis jedis, String key) {
    try {
      Object reply = jedis.sendCommand(key, Protocol.Command.CONFIG, "GET", POLICY);
      String policy = reply instanceof List<?> pair && pair.size() == 2 ? text(pair.get(1)) : "";
      return policy.isEmpty() || policy.equals("noeviction")
          ? Optional.empty()
          : Optional.of(POLICY + " " + ServerReply.of(policy).text());
    } catch (JedisException e) {
      // Who may not read it is not told.
      return Optional.empty();
    }
  }

  /** Asks, as the class of a client does not tell whether it speaks to a cluster. */
  private boolean refusesSeveralSlots(UnifiedJedis jedis, List<String> probes) {
    try {
      look(jedis, probes);
      return false;
    } catch (JedisClusterOperationException e) {
      // The client knows the slots by itself.
      return true;
    } catch (JedisDataException e) {
      if (!RedisErrors.isCrossSlot(e)) {
        throw e;
      }
      if (peer.isAlone()) {
        throw RedisErrors.clusterNode(String.valueOf(e.getMessage()));
      }
      return true;
    }
  }

  /**
   * Returns whether calls of one key see what a call of all has written, and the other way round.
   */
  private boolean seesItself(UnifiedJedis jedis, List<String> probes) {
    long since = System.nanoTime();
    boolean seen = holds(take(jedis, probes), 1, since);
    for (Answer single : takeEach(jedis, probes)) {
      seen = holds(single, 2, since) && seen;
    }
    seen = holds(look(jedis, probes), 2, since) && seen;
    if (System.nanoTime() - since > LONGEST_NANOS) {
      // Some may have been full again by the time they were read.
      throw new JedisConnectionException("too slow to be told apart from several servers");
    }
    return seen;
  }

  /** Returns whether each bucket is by so many costs from full, but for what has been refilled. */
  private static boolean holds(Answer answer, int costs, long since) {
    long taken = costs * COST_NANOS;
    long refilled = System.nanoTime() - since + COST_NANOS / 2;
    return answer.levelNanos().stream().allMatch(level -> level > taken - refilled);
  }

  private Answer take(UnifiedJedis jedis, List<String> probes) {
    return ask(jedis, ScriptCall.Operation.TAKE, probes, COST);
  }

  /** Takes from one after the other, on a connection of our own without waiting in between. */
  private List<Answer> takeEach(UnifiedJedis jedis, List<String> probes) {
    if (!(jedis instanceof BoundedConnection.OneConnection own)) {
      return probes.stream().map(probe -> take(jedis, List.of(probe))).toList();
    }
    List<ScriptBatch> batches =
        probes.stream()
            .map(probe -> batch(ScriptCall.Operation.TAKE, List.of(probe), COST))
            .toList();
    List<Object> replies = own.askAll(batches.stream().map(one -> script.command(one)).toList());
    List<Answer> answers = new ArrayList<>(batches.size());
    for (int i = 0; i < batches.size(); i++) {
      answers.add(
          replies.get(i) instanceof List<?> reply
              ? answer(batches.get(i), reply)
              // Another server than that of the first key, which the script has been sent to.
              : take(jedis, List.of(probes.get(i))));
    }
    return answers;
  }

  private Answer look(UnifiedJedis jedis, List<String> probes) {
    return ask(jedis, ScriptCall.Operation.LOOK, probes, COST);
  }

  private Answer ask(
      UnifiedJedis jedis, ScriptCall.Operation operation, List<String> probes, long cost) {
    ScriptBatch batch = batch(operation, probes, cost);
    return answer(batch, script.call(jedis, batch));
  }

  private static ScriptBatch batch(ScriptCall.Operation operation, List<String> probes, long cost) {
    ScriptCall call = new ScriptCall(operation);
    long nanos = cost * Inside.nanosPerToken(LIMIT);
    probes.forEach(key -> call.addOwn(key, LIMIT, nanos));
    return new ScriptBatch(List.of(call));
  }

  /** What is no reply of the script's is that of another Lua. */
  private static Answer answer(ScriptBatch batch, List<?> reply) {
    try {
      return batch.answers(reply).get(0).orElseThrow(Greeting::foreignLua);
    } catch (ClassCastException | IndexOutOfBoundsException e) {
      throw foreignLua();
    }
  }

  private static UnusableException foreignLua() {
    return new UnusableException(
        "its Lua reads or writes numbers otherwise than Redis's", "use Redis or Valkey", "");
  }

  private static String text(@Nullable Object reply) {
    return reply instanceof byte[] bytes
        ? new String(bytes, StandardCharsets.UTF_8)
        : String.valueOf(reply);
  }
}
