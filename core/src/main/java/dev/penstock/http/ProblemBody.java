package dev.penstock.http;

import dev.penstock.BucketState;
import dev.penstock.Cost;
import dev.penstock.Decision;
import dev.penstock.Limit;
import dev.penstock.TokenBucketLimit;
import java.util.Iterator;
import java.util.List;

/**
 * The content of a rejection: problem details (RFC 9457) with the members that
 * draft-ietf-httpapi-ratelimit-headers-10 registers, and the numbers for clients that read JSON
 * rather than fields.
 */
final class ProblemBody {

  static final String CONTENT_TYPE = "application/problem+json";

  private static final long NANOS_PER_MILLI = 1_000_000;

  private ProblemBody() {}

  /**
   * Returns the problem of a request that a bucket denied.
   *
   * @param slowApiError whether to add the member by which SlowAPI's clients know a rejection
   */
  static String quotaExceeded(String type, int status, Decision decision, boolean slowApiError) {
    List<BucketState> violated = decision.deniedBy();
    StringBuilder json = begin(type, ProblemType.titleOf(type), status);
    string(json.append(",\"detail\":"), detail(decision, violated));
    if (slowApiError) {
      String rate = slowApiRate(violated.get(0).limit());
      string(json.append(",\"error\":"), "Rate limit exceeded: " + rate);
    }
    json.append(",\"violated-policies\":[");
    for (Iterator<BucketState> i = violated.iterator(); i.hasNext(); ) {
      string(json, i.next().name()).append(i.hasNext() ? "," : "");
    }
    json.append(']');
    retryAfter(json, decision).append(",\"policies\":[");
    for (Iterator<BucketState> i = violated.iterator(); i.hasNext(); ) {
      policy(json, i.next()).append(i.hasNext() ? "," : "");
    }
    return json.append("]}").toString();
  }

  /** Returns the problem of a request that nobody could decide while the store is away. */
  static String reducedCapacity(int status, Decision decision) {
    return retryAfter(reducedCapacity(status, retryIn(decision)), decision).append('}').toString();
  }

  private static StringBuilder retryAfter(StringBuilder json, Decision decision) {
    decision
        .retryAfter()
        .map(after -> RateLimitFields.ceilDivide(after.toNanos(), NANOS_PER_MILLI))
        .ifPresent(millis -> json.append(",\"retry_after_ms\":").append(millis));
    return json;
  }

  private static String retryIn(Decision decision) {
    return decision
        .retryAfter()
        .map(after -> RateLimitFields.retrySeconds(after.toNanos()))
        .map(seconds -> " Retry in " + counted(seconds, "second") + ".")
        .orElse("");
  }

  /** Returns the problem of a request that nobody could decide, and nobody knows until when. */
  static String reducedCapacity(int status) {
    return reducedCapacity(status, "").append('}').toString();
  }

  private static StringBuilder reducedCapacity(int status, String advice) {
    ProblemType type = ProblemType.REDUCED_CAPACITY;
    return string(
        begin(type.uri(), type.title(), status).append(",\"detail\":"),
        "The service takes no such requests at the moment." + advice);
  }

  /** Returns the problem of a request whose token is not valid: what its status says. */
  static String unauthorized(int status, String detail) {
    StringBuilder json = begin("about:blank", "Unauthorized", status);
    return string(json.append(",\"detail\":"), detail).append('}').toString();
  }

  private static StringBuilder begin(String type, String title, int status) {
    StringBuilder json = new StringBuilder(512).append("{\"type\":");
    string(json, type).append(",\"title\":");
    return string(json, title).append(",\"status\":").append(status);
  }

  private static StringBuilder policy(StringBuilder json, BucketState bucket) {
    string(json.append("{\"name\":"), bucket.name());
    json.append(",\"quota\":").append(bucket.limit().capacity());
    if (!countsRequests(bucket.limit())) {
      string(json.append(",\"unit\":"), bucket.limit().unit());
    }
    long window = RateLimitFields.windowSeconds(bucket.limit());
    if (window > 0) {
      json.append(",\"window_seconds\":").append(window);
    }
    json.append(",\"remaining\":").append(bucket.remaining());
    if (bucket.retryAfter().isPresent()) {
      long reset = RateLimitFields.retrySeconds(bucket.retryAfterNanos());
      json.append(",\"reset_seconds\":").append(reset);
    }
    return json.append('}');
  }

  /** A plain sentence or more: clients of AgentOS and FastAPI show it as it is. */
  private static String detail(Decision decision, List<BucketState> violated) {
    StringBuilder text = new StringBuilder();
    for (BucketState bucket : violated) {
      text.append(text.isEmpty() ? "Policy " : " Policy ").append(bucket.name());
      text.append(" allows ").append(quota(bucket.limit()));
      text.append(' ').append(time(bucket.limit())).append('.');
    }
    boolean never = decision.never();
    String end =
        never ? " This request costs more than that and can never pass." : retryIn(decision);
    return text.append(end).toString();
  }

  private static String quota(Limit limit) {
    return countsRequests(limit) || limit.unit().equals(Cost.CONCURRENT_REQUESTS)
        ? counted(limit.capacity(), "request")
        : limit.capacity() + " " + limit.unit();
  }

  private static String time(Limit limit) {
    return limit instanceof TokenBucketLimit bucket ? "per " + window(bucket) : "at a time";
  }

  private static boolean countsRequests(Limit limit) {
    return limit.unit().equals(Cost.REQUESTS);
  }

  private static String window(TokenBucketLimit limit) {
    long nanos = limit.window().toNanos();
    if (nanos < 1_000_000_000) {
      return counted(RateLimitFields.ceilDivide(nanos, NANOS_PER_MILLI), "millisecond");
    }
    return counted(RateLimitFields.windowSeconds(limit), "second");
  }

  /** {@return a rate as SlowAPI writes it: {@code 10 per 1 minute}, never in the plural} */
  private static String slowApiRate(Limit limit) {
    return limit instanceof TokenBucketLimit bucket
        ? slowApiRate(bucket)
        : limit.capacity() + " at a time";
  }

  private static String slowApiRate(TokenBucketLimit limit) {
    String rate = limit.capacity() + " per ";
    long nanos = limit.window().toNanos();
    if (nanos < 1_000_000_000) {
      return rate + RateLimitFields.ceilDivide(nanos, NANOS_PER_MILLI) + " millisecond";
    }
    long seconds = RateLimitFields.windowSeconds(limit);
    if (seconds % 86_400 == 0) {
      return rate + seconds / 86_400 + " day";
    }
    if (seconds % 3_600 == 0) {
      return rate + seconds / 3_600 + " hour";
    }
    return seconds % 60 == 0 ? rate + seconds / 60 + " minute" : rate + seconds + " second";
  }

  private static String counted(long count, String noun) {
    return count + " " + noun + (count == 1 ? "" : "s");
  }

  /**
   * Appends a JSON string (RFC 8259 section 7), with no {@code <} in it, so that a page which holds
   * the text in a script is not ended by it.
   */
  private static StringBuilder string(StringBuilder json, String text) {
    json.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') {
        json.append('\\').append(c);
      } else if (c < 0x20 || c == '<') {
        json.append(c < 0x10 ? "\\u000" : "\\u00").append(Integer.toHexString(c));
      } else {
        json.append(c);
      }
    }
    return json.append('"');
  }
}
