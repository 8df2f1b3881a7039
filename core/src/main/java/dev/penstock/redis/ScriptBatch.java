package dev.penstock.redis;

import dev.penstock.redis.ScriptCall.Operation;
import dev.penstock.redis.ScriptCall.Terms;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
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
final class ScriptBatch {

  /**
   * What the script says to one call.
   *
   * @param held whether every bucket holds the cost
   * @param levelNanos of each bucket how far from full it is afterwards
   */
  record Answer(boolean held, List<Long> levelNanos) {}

  private final List<ScriptCall> calls;
  private final Map<Terms, Map<Object, List<ScriptCall>>> groups = new LinkedHashMap<>();

  /** The decisions of the script, each with the calls that it answers. */
  private final List<List<ScriptCall>> decisions = new ArrayList<>();

  /**
   * Gathers calls.
   *
   * @param calls at least one, whose buckets lie in one hash slot
   */
  ScriptBatch(List<ScriptCall> calls) {
    this.calls = calls;
    for (ScriptCall call : calls) {
      Object same = call.operation() == Operation.REFUND ? call : call.keys();
      groups
          .computeIfAbsent(call.terms(), terms -> new LinkedHashMap<>())
          .computeIfAbsent(same, key -> new ArrayList<>(1))
          .add(call);
    }
    groups.values().forEach(group -> decisions.addAll(group.values()));
  }

  List<byte[]> keys() {
    List<byte[]> keys = new ArrayList<>(calls.size());
    for (List<ScriptCall> same : decisions) {
      for (String key : same.get(0).keys()) {
        keys.add(key.getBytes(StandardCharsets.UTF_8));
      }
    }
    return keys;
  }

  List<byte[]> arguments() {
    List<byte[]> arguments = new ArrayList<>(calls.size() + 11 * groups.size());
    groups.forEach(
        (terms, group) -> {
          arguments.add(ascii(terms.operation().word()));
          arguments.add(number(terms.buckets().size()));
          arguments.add(number(group.size()));
          for (String bucket : terms.buckets()) {
            for (String argument : bucket.split(" ", -1)) {
              arguments.add(ascii(argument));
            }
          }
          group.values().forEach(same -> arguments.add(number(requests(same))));
        });
    return arguments;
  }

  /** Returns what the reply says to each call; nothing to one with a key that holds no bucket. */
  List<Optional<Answer>> answers(List<?> reply) {
    Map<ScriptCall, Answer> answers = new HashMap<>(calls.size());
    Reply numbers = new Reply(reply);
    decisions.forEach(same -> addAnswers(answers, same, numbers));
    List<Optional<Answer>> ordered = new ArrayList<>(calls.size());
    for (ScriptCall call : calls) {
      ordered.add(Optional.ofNullable(answers.get(call)));
    }
    return ordered;
  }

  private static void addAnswers(
      Map<ScriptCall, Answer> answers, List<ScriptCall> same, Reply numbers) {
    long held = numbers.next();
    int buckets = same.get(0).keys().size();
    List<Long> last = new ArrayList<>(buckets);
    for (int i = 0; i < buckets; i++) {
      last.add(numbers.nextNanos());
    }
    if (held < 0) {
      return;
    }
    boolean take = same.get(0).operation() == Operation.TAKE;
    for (int i = 0; i < same.size(); i++) {
      ScriptCall call = same.get(i);
      long after = take ? Math.max(0, held - 1 - i) : 0;
      answers.put(call, new Answer(take ? i < held : held > 0, before(call, last, after)));
    }
  }

  /** Returns the levels before so many more such calls have taken their cost. */
  private static List<Long> before(ScriptCall call, List<Long> last, long calls) {
    if (calls == 0) {
      return last;
    }
    List<Long> levels = new ArrayList<>(last.size());
    for (int i = 0; i < last.size(); i++) {
      levels.add(last.get(i) - calls * call.costNanos(i));
    }
    return levels;
  }

  private static int requests(List<ScriptCall> same) {
    return same.get(0).operation() == Operation.TAKE ? same.size() : 1;
  }

  private static byte[] number(int value) {
    return ascii(Integer.toString(value));
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
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

    long nextNanos() {
      return next() * 1000 + next();
    }
  }
}
