package dev.penstock;

import dev.penstock.base.NumberedName;
import java.util.Objects;

/**
 * One limit of a policy, under one name, with a bucket for each key of its partition.
 *
 * <p>The name and the partition key say which bucket is charged; the limit does not take part, so a
 * changed limit goes on with the bucket, and what was used stays used, as a fraction of the
 * capacity.
 *
 * <p>A limit {@linkplain #asShadow in shadow} is only tried: it has buckets of its own, and says
 * what it would have decided ({@link Decision#shadow}). Immutable and thread-safe.
 */
@SuppressWarnings("exports") // its superclass is hidden on purpose
public final class PartitionedLimit extends NumberedName {

  private static final int MAX_LENGTH = 128;

  private final String name;
  private final Limit limit;
  private final Partition partition;

  /** Asked by every decision. */
  private final boolean isShadow;

  /**
   * Makes a limit of these parts.
   *
   * @param name 1 to 128 printable ASCII characters (0x20 to 0x7E), since it travels as a
   *     structured field String (RFC 9651 section 3.3.3)
   * @param limit the numbers
   * @param partition among whom the limit is shared
   * @throws IllegalArgumentException if the name is empty, too long or not printable ASCII
   */
  public PartitionedLimit(String name, Limit limit, Partition partition) {
    this(kind(Objects.requireNonNull(limit, "limit")), name, limit, partition, false);
  }

  private PartitionedLimit(
      char kind, String name, Limit limit, Partition partition, boolean isShadow) {
    super(isShadow ? Character.toUpperCase(kind) : kind, requireName(name), limit);
    this.name = name;
    this.limit = limit;
    this.partition = Objects.requireNonNull(partition, "partition");
    this.isShadow = isShadow;
  }

  /** Returns one of the limits that a {@link Ban} is made of, of each identity. */
  static PartitionedLimit ofBan(String name, Limit limit) {
    return new PartitionedLimit(BAN, name, limit, Partition.IDENTITY, false);
  }

  /**
   * {@return a limit like this one that is only tried: it never denies a request, and is charged
   * what it would have permitted, of buckets of its own}
   */
  public PartitionedLimit asShadow() {
    return new PartitionedLimit(kind(limit), name, limit, partition, true);
  }

  /** {@return whether the limit is only tried} */
  public boolean isShadow() {
    return isShadow;
  }

  private static char kind(Limit limit) {
    return limit instanceof InFlightLimit ? 'f' : 'l';
  }

  private static String requireName(String name) {
    return requirePrintable("name", Objects.requireNonNull(name, "name"));
  }

  /** Returns a text that can travel as a structured field String. */
  static String requirePrintable(String parameter, String text) {
    if (text.isEmpty() || text.length() > MAX_LENGTH) {
      throw new IllegalArgumentException(
          parameter + " must be 1 to " + MAX_LENGTH + " characters: " + text.length());
    }
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) < 0x20 || text.charAt(i) > 0x7E) {
        throw new IllegalArgumentException(
            parameter
                + " must be printable ASCII: character "
                + Integer.toHexString(text.charAt(i))
                + " (hex) at position "
                + i);
      }
    }
    return text;
  }

  /** {@return the name} */
  public String name() {
    return name;
  }

  /** {@return the numbers} */
  public Limit limit() {
    return limit;
  }

  /** {@return among whom the limit is shared} */
  public Partition partition() {
    return partition;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof PartitionedLimit that
        && name.equals(that.name)
        && limit.equals(that.limit)
        && partition == that.partition
        && isShadow == that.isShadow;
  }

  @Override
  public int hashCode() {
    return Objects.hash(name, limit, partition, isShadow);
  }

  @Override
  public String toString() {
    return "PartitionedLimit[name="
        + name
        + ", limit="
        + limit
        + ", partition="
        + partition
        + (isShadow ? ", shadow" : "")
        + "]";
  }
}
