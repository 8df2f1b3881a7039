package dev.penstock.memory;

/** What is reachable, by a full collection. */
final class UsedHeap {

  private UsedHeap() {}

  static long bytes() {
    Runtime runtime = Runtime.getRuntime();
    long least = Long.MAX_VALUE;
    for (int i = 0; i < 3; i++) {
      System.gc();
      least = Math.min(least, runtime.totalMemory() - runtime.freeMemory());
    }
    return least;
  }
}
