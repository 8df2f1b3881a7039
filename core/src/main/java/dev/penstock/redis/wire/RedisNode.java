package dev.penstock.redis.wire;

/**
 * One server, or one node of a cluster: it is asked, and left alone while it is away, by itself.
 */
final class RedisNode {

  private static final int FAILURES_IN_A_ROW = 5;

  private final int number;
  private final String name;
  private final CircuitBreaker breaker = new CircuitBreaker(FAILURES_IN_A_ROW);
  private volatile String probeKey;
  private volatile boolean lost;

  /**
   * Makes a node that answers, as far as is known.
   *
   * @param number how many there were before
   * @param name its address where it is one of several, or else nothing
   * @param probeKey a key of our own that it serves
   */
  RedisNode(int number, String name, String probeKey) {
    this.number = number;
    this.name = name;
    this.probeKey = probeKey;
  }

  int number() {
    return number;
  }

  String name() {
    return name;
  }

  CircuitBreaker breaker() {
    return breaker;
  }

  /** Returns a key of our own that it served when it last failed. */
  String probeKey() {
    return probeKey;
  }

  void probeBy(String key) {
    probeKey = key;
  }

  /** Returns whether the last call has lost its connection: somebody else may serve its slots. */
  boolean isLost() {
    return lost;
  }

  void lost(boolean isLost) {
    if (lost != isLost) {
      lost = isLost;
    }
  }
}
