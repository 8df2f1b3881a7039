package dev.penstock.redis;

import java.nio.ByteBuffer;
import java.util.StringJoiner;

/** What {@code acquire.lua} is told and writes in numbers of bytes, as numbers in text. */
public final class ScriptBytes {

  private static final int BUCKET_BYTES = 49;
  private static final int VALUE_BYTES = 21;

  private ScriptBytes() {}

  /**
   * A bucket of tokens as it is written.
   *
   * @param form 1, or 2 if tokens were put back into it
   * @param fullAtMicros when it is full, since 1970, and in {@code nanos} what is beyond
   * @param fillNanos how long an empty one takes to fill under the limit of its writer
   */
  public record Value(int form, long fullAtMicros, int nanos, long fillNanos) {}

  /** Returns a value. */
  public static Value value(byte[] written) {
    if (written.length != VALUE_BYTES) {
      throw new IllegalArgumentException("value must have 21 bytes: " + written.length);
    }
    ByteBuffer bytes = ByteBuffer.wrap(written);
    int form = bytes.get();
    long fullAt = whole(bytes);
    int nanos = bytes.getShort();
    return new Value(form, fullAt, nanos, whole(bytes) * 1000 + bytes.getShort());
  }

  /** Returns the head of a group and each of its buckets, with a bar before each. */
  public static String group(byte[] argument) {
    ByteBuffer bytes = ByteBuffer.wrap(argument);
    StringJoiner text = new StringJoiner(" ");
    text.add(String.valueOf((char) bytes.get()));
    for (int i = 0; i < 4; i++) {
      text.add(Short.toString(bytes.getShort()));
    }
    text.add(Byte.toString(bytes.get()));
    while (bytes.remaining() >= BUCKET_BYTES) {
      text.add("|").add(Byte.toString(bytes.get()));
      pair(bytes, text);
      pair(bytes, text);
      text.add(Long.toString(whole(bytes)));
      pair(bytes, text);
      pair(bytes, text);
    }
    if (bytes.hasRemaining()) {
      throw new IllegalArgumentException("group must have no more bytes: " + bytes.remaining());
    }
    return text.toString();
  }

  private static void pair(ByteBuffer bytes, StringJoiner text) {
    text.add(Long.toString(whole(bytes))).add(Short.toString(bytes.getShort()));
  }

  private static long whole(ByteBuffer bytes) {
    double number = bytes.getDouble();
    if (number != Math.rint(number)) {
      throw new IllegalArgumentException("number must be whole: " + number);
    }
    return (long) number;
  }
}
