package dev.penstock.http;

import dev.penstock.BucketState;
import dev.penstock.Cost;
import dev.penstock.Limit;
import org.jspecify.annotations.Nullable;

/**
 * What the {@code RateLimit} fields say of a limit whatever its bucket holds.
 *
 * <p>Kept from one request to the next, for at most {@value #SLOTS} names: the last limit of a slot
 * takes it. Races on a slot are benign: it holds a whole text or null, since a record's fields are
 * final, and a text that is lost or not seen yet is made once more.
 *
 * @param name the name of the limit
 * @param limit its numbers
 * @param item the name as {@link #item(String)} has it
 * @param window as {@link RateLimitFields#windowSeconds} has it
 * @param policy {@code RateLimit-Policy} where this limit is the only one
 */
record LimitText(String name, Limit limit, String item, long window, HeaderField policy) {

  private static final int SLOTS = 1 << 8;
  private static final @Nullable LimitText[] KEPT = new LimitText[SLOTS];

  static LimitText of(BucketState bucket) {
    String name = bucket.name();
    Limit limit = bucket.limit();
    int slot = name.hashCode() & (SLOTS - 1);
    LimitText text = KEPT[slot];
    if (text == null || !text.name.equals(name) || !text.limit.equals(limit)) {
      text = of(name, limit);
      KEPT[slot] = text;
    }
    return text;
  }

  private static LimitText of(String name, Limit limit) {
    String item = item(name);
    long window = RateLimitFields.windowSeconds(limit);
    boolean countsRequests = limit.unit().equals(Cost.REQUESTS);
    String unit = countsRequests ? "" : ";qu=" + item(limit.unit());
    String quota = item + ";q=" + limit.capacity() + unit;
    String policy = window > 0 ? quota + ";w=" + window : quota;
    return new LimitText(name, limit, item, window, new HeaderField("RateLimit-Policy", policy));
  }

  /**
   * Returns a String item (RFC 9651 section 4.1.6) of printable ASCII, which names are: but for
   * those of a limiter of the application's own.
   *
   * @throws IllegalArgumentException if the name is not, and would break the header
   */
  static String item(String name) {
    if (!name.chars().allMatch(c -> c >= 0x20 && c <= 0x7E)) {
      throw new IllegalArgumentException("name must be printable ASCII: \"" + name + "\"");
    }
    return '"' + name.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
  }
}
