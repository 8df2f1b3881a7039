package dev.penstock.http;

import static dev.penstock.base.JsonStrings.string;

import dev.penstock.BucketState;
import dev.penstock.Cost;
import dev.penstock.Decision;
import dev.penstock.FixedWindowLimit;
import dev.penstock.InFlightLimit;
import dev.penstock.Limit;
import dev.penstock.TokenBucketLimit;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;

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
   * @param error the member by which some clients know a rejection
   */
  static String quotaExceeded(
      String type, int status, Decision decision, RetryAdvice advice, ErrorMember error) {
    List<BucketState> violated = decision.deniedBy();
    String detail = detail(decision, violated, advice);
    StringBuilder json = begin(type, ProblemType.titleOf(type), status);
    string(json.append(",\"detail\":"), detail);
    if (error == ErrorMember.SLOW_API) {
      String rate = slowApiRate(violated.get(0).limit());
      string(json.append(",\"error\":"), "Rate limit exceeded: " + rate);
    } else if (decision.never()) {
      error(json, error, detail, "request_too_large", "request_too_large");
    } else {
      error(json, error, detail, "rate_limit_error", "rate_limit_exceeded");
    }
    violated(json, violated);
    retryAfter(json, advice).append(",\"policies\":[");
    for (Iterator<BucketState> i = violated.iterator(); i.hasNext(); ) {
      policy(json, i.next()).append(i.hasNext() ? "," : "");
    }
    return json.append("]}").toString();
  }

  /** Returns the problem of a request of an identity that is banned. */
  static String abnormalUsage(
      int status, Decision decision, RetryAdvice advice, ErrorMember error) {
    ProblemType type = ProblemType.ABNORMAL_USAGE;
    String detail = "Too many requests were denied before this one." + retryIn(advice);
    StringBuilder json = begin(type.uri(), type.title(), status);
    string(json.append(",\"detail\":"), detail);
    if (error == ErrorMember.SLOW_API) {
      string(json.append(",\"error\":"), "Rate limit exceeded: " + type.title());
    } else {
      error(json, error, detail, "rate_limit_error", "abnormal_usage_detected");
    }
    violated(json, decision.deniedBy());
    return retryAfter(json, advice).append('}').toString();
  }

  private static void error(
      StringBuilder json, ErrorMember error, String message, String type, String code) {
    if (error == ErrorMember.OBJECT) {
      string(json.append(",\"error\":{\"message\":"), message);
      string(json.append(",\"type\":"), type);
      string(json.append(",\"code\":"), code).append('}');
    }
  }

  /** Returns the problem of a request that nobody could decide. */
  static String reducedCapacity(int status, RetryAdvice advice, ErrorMember error) {
    ProblemType type = ProblemType.REDUCED_CAPACITY;
    String detail = "The service takes no such requests at the moment." + retryIn(advice);
    StringBuilder json = begin(type.uri(), type.title(), status);
    string(json.append(",\"detail\":"), detail);
    error(json, error, detail, "overloaded_error", "overloaded");
    return retryAfter(json, advice).append('}').toString();
  }

  /** Returns the problem of a request whose token is not valid: what its status says. */
  static String unauthorized(int status, String detail, ErrorMember error) {
    StringBuilder json = begin("about:blank", "Unauthorized", status);
    string(json.append(",\"detail\":"), detail);
    error(json, error, detail, "authentication_error", "invalid_token");
    return json.append('}').toString();
  }

  /** Returns the problem of a request whose path may be almost any. */
  static String ambiguous(int status, ErrorMember error) {
    String detail = "The path can be read in too many ways.";
    StringBuilder json = begin("about:blank", "Bad Request", status);
    string(json.append(",\"detail\":"), detail);
    error(json, error, detail, "invalid_request_error", "ambiguous_path");
    return json.append('}').toString();
  }

  private static void violated(StringBuilder json, List<BucketState> violated) {
    json.append(",\"violated-policies\":[");
    for (Iterator<BucketState> i = violated.iterator(); i.hasNext(); ) {
      string(json, i.next().name()).append(i.hasNext() ? "," : "");
    }
    json.append(']');
  }

  private static StringBuilder retryAfter(StringBuilder json, RetryAdvice advice) {
    advice.millis().ifPresent(millis -> json.append(",\"retry_after_ms\":").append(millis));
    return json;
  }

  private static String retryIn(RetryAdvice advice) {
    return advice
        .seconds()
        .map(seconds -> " Retry in " + counted(seconds, "second") + ".")
        .orElse("");
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
  private static String detail(Decision decision, List<BucketState> violated, RetryAdvice advice) {
    StringBuilder text = new StringBuilder();
    for (BucketState bucket : violated) {
      text.append(text.isEmpty() ? "Policy " : " Policy ").append(bucket.name());
      text.append(" allows ").append(quota(bucket.limit()));
      text.append(' ').append(time(bucket.limit())).append('.');
    }
    boolean never = decision.never();
    String end = never ? " This request costs more than that and can never pass." : retryIn(advice);
    return text.append(end).toString();
  }

  private static String quota(Limit limit) {
    return countsRequests(limit) || limit.unit().equals(Cost.CONCURRENT_REQUESTS)
        ? counted(limit.capacity(), "request")
        : limit.capacity() + " " + limit.unit();
  }

  private static String time(Limit limit) {
    return limit instanceof InFlightLimit ? "at a time" : "per " + window(limit);
  }

  private static boolean countsRequests(Limit limit) {
    return limit.unit().equals(Cost.REQUESTS);
  }

  private static String window(Limit limit) {
    if (limit instanceof FixedWindowLimit fixed) {
      return fixed.calendarUnit().name().toLowerCase(Locale.ROOT) + " (" + fixed.zone() + ")";
    }
    long nanos = windowNanos(limit);
    if (nanos < 1_000_000_000) {
      return counted(RateLimitFields.ceilDivide(nanos, NANOS_PER_MILLI), "millisecond");
    }
    return counted(RateLimitFields.windowSeconds(limit), "second");
  }

  private static long windowNanos(Limit limit) {
    return limit instanceof TokenBucketLimit bucket
        ? bucket.window().toNanos()
        : RateLimitFields.windowSeconds(limit) * 1_000_000_000;
  }

  /** {@return a rate as SlowAPI writes it: {@code 10 per 1 minute}, never in the plural} */
  private static String slowApiRate(Limit limit) {
    if (limit instanceof InFlightLimit) {
      return limit.capacity() + " at a time";
    }
    String rate = limit.capacity() + " per ";
    if (limit instanceof FixedWindowLimit fixed) {
      return rate + "1 " + fixed.calendarUnit().name().toLowerCase(Locale.ROOT);
    }
    long nanos = windowNanos(limit);
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
}
