package dev.penstock.redis;

import dev.penstock.base.Inside;
import dev.penstock.redis.AheadOfTime.Part;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Those of this process who wait for as much of the same buckets, in the order in which they pass.
 * Who leaves has the place of the last of them, and each behind that of the one before: for Redis
 * it is the last one that has left, behind whom there are fewest others.
 *
 * <p>Thread-safe: the lock of a line is held for as long as it takes to pass it.
 */
final class WaitersAlike {

  private record Place(long bucket, long tokens, long fillNanos) {

    static Place of(Part part) {
      long fill = Inside.nanosToFill(part.bucket().limit().limit());
      return new Place(part.bucket().hash(), part.tokens(), fill);
    }
  }

  private final Map<List<Place>, List<SharedWait>> lines = new ConcurrentHashMap<>();

  private static List<Place> places(AheadOfTime ahead) {
    return ahead.parts().stream().map(Place::of).toList();
  }

  void join(SharedWait wait, AheadOfTime ahead) {
    lines.compute(
        places(ahead),
        (where, old) -> {
          List<SharedWait> line = old == null ? new ArrayList<>() : old;
          int at = line.size();
          while (at > 0 && line.get(at - 1).dueAt() - ahead.dueAt() > 0) {
            at--;
          }
          line.add(at, wait);
          return line;
        });
  }

  /** Says that somebody has passed. */
  void pass(SharedWait wait, AheadOfTime ahead) {
    lines.computeIfPresent(
        places(ahead),
        (where, line) -> {
          line.remove(wait);
          return line.isEmpty() ? null : line;
        });
  }

  /** Says that somebody leaves whose time has not come; their place is then another one. */
  void leave(SharedWait wait, AheadOfTime ahead) {
    List<SharedWait> moved = new ArrayList<>();
    lines.computeIfPresent(
        places(ahead),
        (where, line) -> {
          int at = line.indexOf(wait);
          for (int i = at + 1; at >= 0 && i < line.size(); i++) {
            line.get(i).changePlaces(wait);
            moved.add(line.get(i));
          }
          line.remove(wait);
          return line.isEmpty() ? null : line;
        });
    moved.forEach(SharedWait::wake);
  }
}
