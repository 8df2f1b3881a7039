package dev.penstock.config;

/** Hands whole numbers of the file to those who take smaller ones. */
final class Numbers {

  private Numbers() {}

  /** {@return the number, or the nearest that there is, which is out of range as well} */
  static int asInt(long number) {
    return (int) Math.max(Integer.MIN_VALUE, Math.min(Integer.MAX_VALUE, number));
  }
}
