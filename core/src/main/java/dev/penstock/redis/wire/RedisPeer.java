package dev.penstock.redis.wire;

import java.util.Optional;

/** Who is spoken to, as the operator named it. */
interface RedisPeer {

  /** Returns how messages call it: with host and port where they are known. */
  String name();

  /** Returns whether this is always the same server, and not whoever is the primary just now. */
  boolean isFixed();

  /** Returns whether only the one server is spoken to, even if it is one of a cluster. */
  boolean isAlone();

  /** Returns a text without what is secret. */
  String hide(String text);

  /**
   * Looks whether somebody answers there whom waiting does not make a Redis, after a connection
   * that failed without a word.
   *
   * @param key of our own
   */
  Optional<UnusableException> lookInto(RuntimeException failure, String key);
}
