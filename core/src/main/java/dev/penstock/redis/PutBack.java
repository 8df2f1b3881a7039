package dev.penstock.redis;

import dev.penstock.Identity;
import dev.penstock.Limit;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A refund or a reset of the buckets of one decision: what is put back into each, and since when.
 *
 * @param operation {@link ScriptCall.Operation#REFUND} or {@link ScriptCall.Operation#RESET}
 * @param nanos what each bucket is to get, as time of refill; of a reset all that it can hold
 * @param since the nanosecond at which it was asked for
 * @param receipt the key by which Redis knows that it has been carried out
 * @param sent whether Redis may have carried it out
 */
record PutBack(
    ScriptCall.Operation operation,
    Identity identity,
    List<Question> questions,
    List<Long> nanos,
    long since,
    String receipt,
    boolean sent) {

  /** Returns a refund of so many tokens, of each bucket at most its capacity. */
  static PutBack refund(
      Identity identity, List<Question> questions, long tokens, long now, String receipt) {
    List<Long> nanos = new ArrayList<>(questions.size());
    for (Question question : questions) {
      Limit limit = question.limit().limit();
      nanos.add(Math.min(tokens, limit.capacity()) * limit.nanosPerToken());
    }
    return new PutBack(
        ScriptCall.Operation.REFUND, identity, questions, nanos, now, receipt, false);
  }

  static PutBack reset(Identity identity, List<Question> questions, long now, String receipt) {
    List<Long> nanos = questions.stream().map(q -> q.limit().limit().nanosToFill()).toList();
    return new PutBack(ScriptCall.Operation.RESET, identity, questions, nanos, now, receipt, false);
  }

  boolean isReset() {
    return operation == ScriptCall.Operation.RESET;
  }

  List<Long> buckets() {
    return questions.stream().map(Question::bucket).toList();
  }

  PutBack asSent() {
    return new PutBack(operation, identity, questions, nanos, since, receipt, true);
  }

  PutBack of(List<Long> otherNanos) {
    return new PutBack(operation, identity, questions, otherNanos, since, receipt, sent);
  }

  /** Returns this and a later one of the same buckets in one, as of the time of this. */
  PutBack with(PutBack later) {
    List<Long> sums = new ArrayList<>(nanos.size());
    for (int i = 0; i < nanos.size(); i++) {
      long most = questions.get(i).limit().limit().nanosToFill();
      sums.add(Math.min(most, nanos.get(i) + later.nanos.get(i)));
    }
    return of(sums);
  }

  /**
   * Returns what is left to be put back now. What was due earlier would have met the refill since,
   * and what a full bucket gets is lost: so it is what is known to be missing, or else what time
   * has not refilled.
   */
  List<Long> nanosLeft(KnownBuckets known, long now) {
    List<Long> left = new ArrayList<>(nanos.size());
    for (int i = 0; i < nanos.size(); i++) {
      KnownBuckets.@Nullable Known last = known.find(questions.get(i).bucket());
      long missing = last == null ? 0 : Math.min(nanos.get(i), last.resetAfterNanos(now));
      left.add(Math.max(missing, nanos.get(i) - (now - since)));
    }
    return left;
  }
}
