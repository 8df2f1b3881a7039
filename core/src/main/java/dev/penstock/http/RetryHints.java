package dev.penstock.http;

import java.util.ArrayList;
import java.util.List;

/**
 * What the SDKs of OpenAI, Anthropic and others read besides {@code Retry-After}: {@code
 * retry-after-ms}, and {@code x-should-retry: false}, which keeps them from trying again by
 * themselves.
 *
 * @param sent whether they are sent at all
 * @param mostNanos the time beyond which nobody should wait for another try
 */
record RetryHints(boolean sent, long mostNanos) {

  static final RetryHints NONE = new RetryHints(false, 0);

  List<HeaderField> fields(RetryAdvice advice) {
    List<HeaderField> fields = new ArrayList<>();
    if (sent) {
      advice
          .timerMillis()
          .ifPresent(millis -> fields.add(new HeaderField("Retry-After-Ms", millis.toString())));
      if (advice.isBeyond(mostNanos)) {
        fields.add(new HeaderField("X-Should-Retry", "false"));
      }
    }
    return fields;
  }
}
