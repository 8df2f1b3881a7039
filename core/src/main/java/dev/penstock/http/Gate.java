package dev.penstock.http;

/**
 * Decides requests: what an adapter asks, once for each request. {@link HttpRateLimiter} is the one
 * that most have; around it may stand one that is replaced while requests flow.
 *
 * <p>A verdict says all that is to be done, so a request never sees half of two gates. Thread-safe.
 */
@FunctionalInterface
public interface Gate {

  /**
   * Decides a request, and takes its cost where it may pass. To be called once for each request,
   * before anything else is done for it. Whatever goes wrong is a verdict, too: an adapter has no
   * answer for a gate that throws.
   *
   * @param request the request
   * @return what to do with it
   */
  Verdict decide(RequestView request);
}
