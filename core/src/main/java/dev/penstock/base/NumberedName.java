package dev.penstock.base;

import org.jspecify.annotations.Nullable;

/**
 * What the name of a limit is in this process, and the number of its time to fill among those of
 * the name. Read by {@link Inside}. Immutable and thread-safe.
 */
public abstract class NumberedName {

  /** The kind of the limits that a ban is made of. */
  protected static final char BAN = 'b';

  final char kind;
  final long nameHash;
  final FillNumbers numbers;

  /**
   * Keeps the number: it is not forgotten as long as words may be written under it. Words of
   * windows have none.
   */
  final FillNumbers.@Nullable Holder holder;

  final int number;

  /** How far from full a word may be until which its number is forgotten, in nanoseconds. */
  final long lifeNanos;

  /** The number, or one that no word bears where the number stands for another time to fill. */
  final int ownNumber;

  /**
   * Finds hash and number.
   *
   * @param kind of the limit: buckets of one name and of different kinds are different buckets
   * @param name of the limit
   * @param limit its numbers
   */
  protected NumberedName(char kind, String name, RefillNanos limit) {
    this.kind = kind;
    this.nameHash = KeyedHash.OF_THIS_PROCESS.hash(kind, name, null, null);
    this.numbers = NamedFillNumbers.OF_THIS_PROCESS.of(nameHash);
    if (limit.windows != null) {
      this.holder = null;
      this.number = 0;
      this.lifeNanos = Long.MAX_VALUE;
      this.ownNumber = FillNumbers.COUNT;
      return;
    }
    FillNumbers.Holder held = numbers.hold(limit);
    this.holder = held;
    this.number = held.number;
    this.lifeNanos = FillNumbers.lifeNanos(limit, numbers.fill(number));
    this.ownNumber = numbers.fill(number) == limit.nanosToFill ? number : FillNumbers.COUNT;
  }
}
