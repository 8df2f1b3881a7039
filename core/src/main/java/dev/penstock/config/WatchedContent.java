package dev.penstock.config;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** What one reading of a file found: its bytes, or what is wrong with it. */
final class WatchedContent {

  private final byte[] bytes;
  private final String version;
  private final String fault;

  private WatchedContent(byte[] bytes, String version, String fault) {
    this.bytes = bytes;
    this.version = version;
    this.fault = fault;
  }

  static WatchedContent of(byte[] bytes) {
    return new WatchedContent(bytes, digest(bytes), "");
  }

  /**
   * Returns the lack of a content, for such a reason as {@code file must not be empty:
   * limits.yaml}.
   */
  static WatchedContent missing(String fault) {
    return new WatchedContent(new byte[0], fault, fault);
  }

  private static String digest(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // every Java has it
    }
  }

  boolean isMissing() {
    return !fault.isEmpty();
  }

  String fault() {
    return fault;
  }

  byte[] bytes() {
    return bytes;
  }

  /** {@return what tells it from other contents} */
  String version() {
    return version;
  }
}
