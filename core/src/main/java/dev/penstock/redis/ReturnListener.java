package dev.penstock.redis;

import java.util.function.Consumer;

/**
 * Tells the operator's listener that Redis goes and comes, and has something done on its return.
 */
final class ReturnListener implements Consumer<Boolean> {

  private final Consumer<Boolean> listener;
  private volatile Runnable task = () -> {};

  ReturnListener(Consumer<Boolean> listener) {
    this.listener = listener;
  }

  /** Says what is to be done, soon and elsewhere. */
  void onReturn(Runnable whatIsDone) {
    this.task = whatIsDone;
  }

  @Override
  public void accept(Boolean available) {
    if (available) {
      task.run();
    }
    listener.accept(available);
  }
}
