package dev.penstock.redis;

import dev.penstock.base.Inside;
import dev.penstock.redis.AheadOfTime.Part;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Those of this process who wait for as much of the same buckets, in the order in which they pass.
 * Who leaves has the place of the last of them, and each behind that of the one before: for Redis
 * it is the last one that has left, behind whom there are fewest others.
 *
 * <p>Thread-safe: a lock is held for as long as it takes to pass a line.
 */
final class WaitersAlike {

  private record Place(long bucket, long tokens, long fillNanos) {

    static Place of(Part part) {
      long fill = Inside.nanosToFill(part.bucket().limit().limit());
      return new Place(part.bucket().hash(), part.tokens(), fill);
    }
  }

  private final Map<List<Place>, List<SharedWait>> lines = new HashMap<>();

  private static List<Place> places(AheadOfTime ahead) {
    return ahead.parts().stream().map(Place::of).toList();
  }

  synchronized void join(SharedWait wait, AheadOfTime ahead) {
    List<SharedWait> line = lines.computeIfAbsent(places(ahead), any -> new ArrayList<>());
    int at = line.size();
    while (at > 0 && line.get(at - 1).dueAt() - ahead.dueAt() > 0) {
      at--;
    }
    line.add(at, wait);
  }

  /** Says that somebody has passed. */
  synchronized void pass(SharedWait wait, AheadOfTime ahead) {
    List<Place> where = places(ahead);
    List<SharedWait> line = lines.getOrDefault(where, List.of());
    line.remove(wait);
    if (line.isEmpty()) {
      lines.remove(where);
    }
  }

  /** Says that somebody leaves whose time has not come; their place is then another one. */
  synchronized void leave(SharedWait wait, AheadOfTime ahead) {
    List<SharedWait> line = lines.getOrDefault(places(ahead), List.of());
    for (int i = line.indexOf(wait); i >= 0 && i < line.size() - 1; i++) {
      line.set(i, line.get(i + 1));
      line.set(i + 1, wait);
      line.get(i).changePlaces(wait);
    }
    pass(wait, ahead);
  }
}
