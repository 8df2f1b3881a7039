package dev.penstock;

import java.util.Objects;

/**
 * One limit of a policy, under one name, with a bucket for each key of its partition.
 *
 * <p>The name and the partition key say which bucket is charged; the limit does not take part, so a
 * changed limit goes on with the bucket as it stands.
 *
 * @param name 1 to 128 printable ASCII characters (0x20 to 0x7E), since it travels as a structured
 *     field String (RFC 9651 section 3.3.3)
 * @param limit the numbers
 * @param partition among whom the limit is shared
 */
public record PartitionedLimit(String name, Limit limit, Partition partition) {

  private static final int MAX_NAME_LENGTH = 128;

  /**
   * Checks the parts.
   *
   * @param name 1 to 128 printable ASCII characters
   * @param limit the numbers
   * @param partition among whom the limit is shared
   * @throws IllegalArgumentException if the name is empty, too long or not printable ASCII
   */
  public PartitionedLimit {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(limit, "limit");
    Objects.requireNonNull(partition, "partition");
    if (name.isEmpty() || name.length() > MAX_NAME_LENGTH) {
      throw new IllegalArgumentException(
          "name must be 1 to " + MAX_NAME_LENGTH + " characters: " + name.length());
    }
    for (int i = 0; i < name.length(); i++) {
      if (name.charAt(i) < 0x20 || name.charAt(i) > 0x7E) {
        throw new IllegalArgumentException(
            "name must be printable ASCII: character "
                + Integer.toHexString(name.charAt(i))
                + " (hex) at position "
                + i);
      }
    }
  }
}
