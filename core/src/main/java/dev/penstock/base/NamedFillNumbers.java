package dev.penstock.base;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The {@link FillNumbers} of each name. As many names as there is room for have numbers of their
 * own; more than that are made of what requests say, and share sets by their hashes. So memory is
 * bounded whatever the names are, and only the late ones of one set count their times to fill
 * together.
 *
 * <p>A name stays for as long as the process lives. Thread-safe.
 */
final class NamedFillNumbers {

  /** Those of this process: of 131,072 names, at 270 bytes each, and for all others. */
  static final NamedFillNumbers OF_THIS_PROCESS =
      new NamedFillNumbers(1 << 17, 1 << 15, System::nanoTime);

  private final int most;
  private final int sets;
  private final LongSupplier nanoClock;
  private final Map<Long, FillNumbers> own = new ConcurrentHashMap<>();
  private final Map<Long, FillNumbers> shared = new ConcurrentHashMap<>();
  private final AtomicInteger names = new AtomicInteger();

  /**
   * @param most names with numbers of their own
   * @param sets of numbers for all others, a power of two
   * @param nanoClock by which numbers are forgotten
   */
  NamedFillNumbers(int most, int sets, LongSupplier nanoClock) {
    this.most = most;
    this.sets = sets;
    this.nanoClock = nanoClock;
  }

  /**
   * Returns the numbers of a name.
   *
   * @param hash of the name, random
   */
  FillNumbers of(long hash) {
    FillNumbers numbers = own.computeIfAbsent(hash, this::ofNewcomer);
    return numbers == null
        ? shared.computeIfAbsent(hash & (sets - 1), any -> new FillNumbers(nanoClock))
        : numbers;
  }

  /** Once there is no room there is none for anybody, so a name never moves. */
  private @Nullable FillNumbers ofNewcomer(long hash) {
    boolean hasRoom = names.getAndUpdate(seen -> Math.min(seen + 1, most)) < most;
    return hasRoom ? new FillNumbers(nanoClock) : null;
  }
}
