package dev.penstock.http;

import dev.penstock.BucketState;
import dev.penstock.Decision;
import dev.penstock.InFlightLimit;

/**
 * The standard rejection of each request that may not pass: its status, and the problem that says
 * so.
 *
 * @param type the problem type of 429
 * @param error the member by which some clients know a rejection
 * @param neverStatus the status of what can never pass
 */
record Problems(String type, ErrorMember error, int neverStatus) {

  static final int TOO_MANY_REQUESTS = 429;
  private static final int BAD_REQUEST = 400;
  private static final int UNAUTHORIZED = 401;
  private static final int SERVICE_UNAVAILABLE = 503;

  /** Of a decision that denies. */
  Rejection denied(Decision decision, RetryAdvice advice) {
    int status = status(decision);
    return rejection(status, problem(status, decision, advice));
  }

  /** Likewise with a status of the service's own. */
  String problem(int status, Decision decision, RetryAdvice advice) {
    if (isOurs(decision)) {
      return ProblemBody.reducedCapacity(status, advice, error);
    }
    return decision.banned()
        ? ProblemBody.abnormalUsage(status, decision, advice, error)
        : ProblemBody.quotaExceeded(type, status, decision, advice, error);
  }

  /** Where nobody could decide. */
  Rejection undecided() {
    return rejection(
        SERVICE_UNAVAILABLE,
        ProblemBody.reducedCapacity(SERVICE_UNAVAILABLE, RetryAdvice.UNKNOWN, error));
  }

  /** Of a bearer token that is not valid. */
  Rejection unverified(String reason) {
    return rejection(UNAUTHORIZED, ProblemBody.unauthorized(UNAUTHORIZED, reason, error));
  }

  /** Of a request of which nobody knows what it is (RFC 9110 section 15.5.1). */
  Rejection ambiguous() {
    return rejection(BAD_REQUEST, ProblemBody.ambiguous(BAD_REQUEST, error));
  }

  private static Rejection rejection(int status, String problem) {
    return new Rejection(status, ProblemBody.CONTENT_TYPE, problem);
  }

  private int status(Decision decision) {
    if (isOurs(decision)) {
      return SERVICE_UNAVAILABLE;
    }
    return decision.never() ? neverStatus : TOO_MANY_REQUESTS;
  }

  /**
   * Whether it is the service that falls short, and not the client that asks for too much: the
   * store is away, and nobody decides, or this instance's share can never pay what the limit can.
   */
  private static boolean isOurs(Decision decision) {
    boolean shareTooSmall =
        decision.source() == Decision.Source.LOCAL
            && !decision.never()
            && decision.deniedBy().stream().anyMatch(Problems::isWithoutTime);
    return decision.source() == Decision.Source.CLOSED || shareTooSmall;
  }

  /** Of a slot it is not known, either, but that is the client's own doing. */
  private static boolean isWithoutTime(BucketState denied) {
    return !(denied.limit() instanceof InFlightLimit) && denied.retryAfter().isEmpty();
  }
}
