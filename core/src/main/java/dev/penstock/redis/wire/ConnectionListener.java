package dev.penstock.redis.wire;

/** Is told, on any thread, what becomes of connections off the request path. */
public interface ConnectionListener {

  /** A connection could not be opened. */
  void onOpeningFailed(RuntimeException e);

  /** A connection that nobody used was ended by the other side. */
  void onIdleLost();

  /** Takes no notice. */
  ConnectionListener NOBODY =
      new ConnectionListener() {
        @Override
        public void onOpeningFailed(RuntimeException e) {}

        @Override
        public void onIdleLost() {}
      };
}
