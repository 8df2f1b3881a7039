package dev.penstock.redis;

/** Is told, on any thread, what becomes of connections off the request path. */
interface ConnectionListener {

  /** A connection could not be opened. */
  void onOpeningFailed(RuntimeException e);

  /** A connection that nobody used was ended by the other side. */
  void onIdleLost();
}
