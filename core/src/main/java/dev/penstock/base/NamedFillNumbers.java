package dev.penstock.base;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The {@link FillNumbers} of each name. As many names as there is room for have numbers of their
 * own; more than that are made of what requests say, and share sets by their hashes. So memory is
 * bounded whatever the names are, and only the late ones of one set count their times to fill
 * together.
 *
 * <p>A name keeps its numbers for as long as the process lives. Thread-safe.
 */
final class NamedFillNumbers {

  /** Those of this process: of 131,072 names, at 170 bytes each, and for all others. */
  static final NamedFillNumbers OF_THIS_PROCESS = new NamedFillNumbers(1 << 17, 1 << 15);

  private final int most;
  private final int sets;
  private final Map<Long, FillNumbers> own = new ConcurrentHashMap<>();
  private final Map<Long, FillNumbers> shared = new ConcurrentHashMap<>();
  private final AtomicInteger names = new AtomicInteger();

  /**
   * @param most names with numbers of their own
   * @param sets of numbers for all others, a power of two
   */
  NamedFillNumbers(int most, int sets) {
    this.most = most;
    this.sets = sets;
  }

  /**
   * Returns the numbers of a name.
   *
   * @param hash of the name, random
   */
  FillNumbers of(long hash) {
    FillNumbers numbers = own.computeIfAbsent(hash, this::ofNewcomer);
    return numbers == null
        ? shared.computeIfAbsent(hash & (sets - 1), any -> new FillNumbers())
        : numbers;
  }

  /** Once there is no room there is none for anybody, so a name never moves. */
  private @Nullable FillNumbers ofNewcomer(long hash) {
    boolean hasRoom = names.getAndUpdate(seen -> Math.min(seen + 1, most)) < most;
    return hasRoom ? new FillNumbers() : null;
  }
}
