package dev.penstock.base;

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

  /** Keeps the number: it is not forgotten as long as words may be written under it. */
  final FillNumbers.Holder holder;

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
    this.holder = numbers.hold(limit);
    this.number = holder.number;
    this.lifeNanos = FillNumbers.lifeNanos(limit, numbers.fill(number));
    this.ownNumber = numbers.fill(number) == limit.nanosToFill ? number : FillNumbers.COUNT;
  }
}
