package dev.penstock.http;

import dev.penstock.Cost;
import dev.penstock.base.BoundedLog;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.ToLongFunction;

/**
 * What the requests of a rule cost, by unit: as estimated when one comes, and where the response
 * tells, as it was in the end.
 *
 * <pre>{@code
 * RequestCost cost =
 *     RequestCost.of(Cost.of(1).and("model-tokens", 500))
 *         .settledByHiddenField("X-Model-Tokens", "model-tokens");
 * }</pre>
 *
 * <p>Where the response does not tell, as one that failed may not, the estimate stays charged. What
 * it tells wrongly, such as {@code -1}, changes nothing either, and a line of the log says so. It
 * says the total of the request, as {@link dev.penstock.Reservation#settle} has it, and has the
 * last word where the application has settled, too.
 *
 * <p>Immutable and thread-safe. Each method returns another cost.
 */
public final class RequestCost {

  static final RequestCost ONE_REQUEST = of(Cost.ONE_REQUEST);

  private final Function<MatchedRequest, Cost> estimate;
  private final String nameOfEstimate;
  private final Cost fallback;
  private final Settling settling;
  private final BoundedLog log;

  private RequestCost(
      Function<MatchedRequest, Cost> estimate,
      String nameOfEstimate,
      Cost fallback,
      Settling settling,
      BoundedLog log) {
    this.estimate = estimate;
    this.nameOfEstimate = nameOfEstimate;
    this.fallback = fallback;
    this.settling = settling;
    this.log = log;
  }

  private static RequestCost of(
      Function<MatchedRequest, Cost> estimate, Object named, Cost fallback) {
    return new RequestCost(
        estimate,
        named.getClass().getName(),
        fallback,
        Settling.untold(false),
        new BoundedLog(HttpRateLimiter.class));
  }

  /**
   * Returns the cost of requests that all cost the same.
   *
   * @param cost amounts by unit
   * @return the cost
   */
  public static RequestCost of(Cost cost) {
    Objects.requireNonNull(cost, "cost");
    return of(new Fixed(cost), cost, cost);
  }

  /**
   * Returns the cost of requests that cost what a function says.
   *
   * <p>The function is asked for every such request, and returns at once. What it sees is the
   * client's word: a cost that is too high is denied for ever. Where it throws anything or returns
   * null, the request costs the fallback, and a line of the log says so. A client that can make the
   * function fail chooses between both costs, so the fallback is no less than what most requests
   * cost; one above a capacity has all such requests denied. Of a path that servers may read in
   * different ways it is asked once for each rule, and cannot know a variable: a request whose
   * function asks for one then costs, in each unit, as much as the smallest bucket can hold.
   *
   * @param cost gives what a request costs; thread-safe
   * @param fallback what a request costs whose cost is not known
   * @return the cost
   */
  public static RequestCost by(Function<MatchedRequest, Cost> cost, Cost fallback) {
    Objects.requireNonNull(cost, "cost");
    Objects.requireNonNull(fallback, "fallback");
    return of(cost, cost, fallback);
  }

  /** Returns the cost of requests of which a function says how many each is worth. */
  static RequestCost ofRequests(ToLongFunction<MatchedRequest> cost, long fallback) {
    return of(request -> requests(cost.applyAsLong(request)), cost, Cost.of(fallback));
  }

  private static Cost requests(long requests) {
    if (requests < 1) {
      throw new OutOfRange("cost must be at least 1", requests);
    }
    return Cost.of(requests);
  }

  /**
   * Returns a cost like this one, of which a field of the response says the amount of one unit: a
   * whole number from 0 to 2^63 - 1, in one line. A successful response (2xx) without the field is
   * a line of the log: the estimate stays charged.
   *
   * @param field the name of the field, such as {@code X-Model-Tokens}; the client sees it
   * @param unit what it counts, a unit of the rule's policy
   * @return the cost
   * @throws IllegalArgumentException if the name is none of a field
   */
  public RequestCost settledByField(String field, String unit) {
    return with(Settling.byField(field, unit, false));
  }

  /**
   * Returns a cost as {@link #settledByField} does, but for a field that is removed from the
   * response: the client does not see it.
   *
   * @param field the name of the field, such as {@code X-Model-Tokens}
   * @param unit what it counts, a unit of the rule's policy
   * @return the cost
   * @throws IllegalArgumentException if the name is none of a field
   */
  public RequestCost settledByHiddenField(String field, String unit) {
    return with(Settling.byField(field, unit, true));
  }

  /**
   * Returns a cost like this one, of which a function says by the response what it was in the end,
   * in the units that it names. Where it throws anything or returns null, the estimate stays
   * charged, and a line of the log says so.
   *
   * @param total gives what a request has cost; called once for each, by whichever thread ends the
   *     response, so it must not block; thread-safe
   * @return the cost
   */
  public RequestCost settledBy(Function<ResponseView, Cost> total) {
    return with(Settling.by(total));
  }

  /**
   * Returns a cost like this one of requests whose responses are watched to their end, so that the
   * application hears of clients that go away ({@link dev.penstock.Reservation#onClientGone}).
   * Responses that the rule settles are watched in any case, and so are those of requests that hold
   * slots of an {@linkplain dev.penstock.Limit#inFlight in-flight} limit. To watch one costs a
   * little, and keeps a servlet container from sending files by itself.
   *
   * @return the cost
   */
  public RequestCost watched() {
    return settling.watches() ? this : with(Settling.untold(true));
  }

  private RequestCost with(Settling other) {
    return new RequestCost(estimate, nameOfEstimate, fallback, other, log);
  }

  /** Returns what is known of it before there is a request: what most requests cost, or may. */
  Cost fallback() {
    return fallback;
  }

  /** Returns what every request costs; empty where that differs. */
  Optional<Cost> fixed() {
    return estimate instanceof Fixed all ? Optional.of(all.cost) : Optional.empty();
  }

  Settling settling() {
    return settling;
  }

  /**
   * Returns what a request costs; empty where that hangs on a variable that nobody knows. A
   * function that fails must not fail the request, nor let it pass for nothing.
   */
  Optional<Cost> estimateOf(MatchedRequest request) {
    Cost cost = null;
    Throwable failure = null;
    try {
      cost = estimate.apply(request);
    } catch (Throwable e) { // an Error, too, which a client may know how to provoke
      failure = e;
    }
    if (request.hidesVariable()) {
      return Optional.empty();
    }
    if (cost != null) {
      return Optional.of(cost);
    }
    String charged = ", and " + fallback + " is charged";
    if (failure instanceof OutOfRange bad) {
      log.warn(bad.constraint + charged + ": " + bad.value);
    } else if (failure != null) {
      log.warn(nameOfEstimate + " failed" + charged, failure);
    } else {
      log.warn(nameOfEstimate + " returned null" + charged);
    }
    return Optional.of(fallback);
  }

  private record Fixed(Cost cost) implements Function<MatchedRequest, Cost> {

    @Override
    public Cost apply(MatchedRequest request) {
      return cost;
    }
  }

  /** Has no stack trace, as clients may have it made at any rate. */
  private static final class OutOfRange extends RuntimeException {

    private static final long serialVersionUID = 1;

    private final String constraint;
    private final long value;

    OutOfRange(String constraint, long value) {
      super(constraint, null, false, false);
      this.constraint = constraint;
      this.value = value;
    }
  }
}
