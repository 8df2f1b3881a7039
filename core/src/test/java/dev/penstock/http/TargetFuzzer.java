package dev.penstock.http;

import java.util.Random;

/**
 * Targets that are runs of an agent before something is done to them: characters are encoded, once
 * or several times over, and pieces that servers treat specially are put in or left out.
 */
public final class TargetFuzzer {

  private static final String[] PIECES =
      (";|/|.|%|2|f|5|c|e|\\|#|?|u|0|//|/./|/../|..|%2f|%5c|%2e|%3b|%23|%3f|%25|%252f|%255c|%u002f"
              + "|%00|%0a|;/|/;|;x=1|/x|x/|agents|runs|a1|/agents|/runs|/a1|%c0%af|%2F|%5C|%2E")
          .split("\\|");

  private static final String[] STARTS = {
    "/agents/a1/runs",
    "/agents/a1/runs",
    "/agents/a1/runs/",
    "//agents/a1/runs",
    "agents/a1/runs",
    "/x/../agents/a1/runs",
    "//h/agents/a1/runs",
    "http://h/agents/a1/runs",
    "/agents/runs/a1",
    "/agents/a1/runs/r1/cancel",
    "/runs/agents",
    ""
  };

  private final Random random;

  public TargetFuzzer(long seed) {
    random = new Random(seed);
  }

  /** {@return the next target} */
  public String next() {
    StringBuilder target = new StringBuilder(one(STARTS));
    for (int left = random.nextInt(6); left > 0; left--) {
      int at = random.nextInt(target.length() + 1);
      switch (random.nextInt(5)) {
        case 0 -> target.delete(at, Math.min(target.length(), at + 1 + random.nextInt(2)));
        case 1, 2 -> target.insert(at, one(PIECES));
        default -> {
          if (at < target.length()) {
            target.replace(at, at + 1, encoded(target.charAt(at)));
          }
        }
      }
    }
    return target.toString();
  }

  private String encoded(char c) {
    String encoded =
        random.nextInt(6) == 0
            ? String.format("%%u%04x", (int) c)
            : String.format("%%%02x", (int) c);
    if (random.nextInt(3) > 0) {
      return encoded;
    }
    int at = random.nextInt(encoded.length());
    return encoded.substring(0, at) + encoded(encoded.charAt(at)) + encoded.substring(at + 1);
  }

  private String one(String[] texts) {
    return texts[random.nextInt(texts.length)];
  }
}
