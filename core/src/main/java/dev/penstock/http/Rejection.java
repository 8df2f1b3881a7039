package dev.penstock.http;

import java.util.Objects;

/**
 * The part of a rejection that a service may choose: all other fields, {@code Retry-After} first of
 * all, are added to it whatever it is.
 *
 * @param status the status code, from 400 to 599
 * @param contentType the media type of the content; empty where there is none
 * @param body the content, to be sent in UTF-8; empty where the answer has none
 */
public record Rejection(int status, String contentType, String body) {

  /**
   * Checks the parts.
   *
   * @param status from 400 to 599
   * @param contentType printable ASCII
   * @param body the content
   * @throws IllegalArgumentException if the status or the type is none
   */
  public Rejection {
    Objects.requireNonNull(contentType, "contentType");
    Objects.requireNonNull(body, "body");
    if (status < 400 || status > 599) {
      throw new IllegalArgumentException("status must be from 400 to 599: " + status);
    }
    if (!contentType.chars().allMatch(c -> c >= 0x20 && c < 0x7F)) {
      throw new IllegalArgumentException(
          "contentType must be printable ASCII: \"" + contentType + "\"");
    }
  }
}
