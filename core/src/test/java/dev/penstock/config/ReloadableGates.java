package dev.penstock.config;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.penstock.Limit;
import dev.penstock.LimitPolicy;
import dev.penstock.RateLimiter;
import dev.penstock.http.Gate;
import dev.penstock.http.HttpRateLimiter;
import dev.penstock.http.HttpRateLimiterBuilder;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** Gates of one limiter, made of lines such as {@code /runs runs 10/minute}, and what they were. */
final class ReloadableGates implements Function<byte[], Gate> {

  private final RateLimiter limiter;
  private final List<String> made = new ArrayList<>();

  ReloadableGates(RateLimiter limiter) {
    this.limiter = limiter;
  }

  /** Returns what gates were made of, or tried to be. */
  List<String> made() {
    return made;
  }

  @Override
  public Gate apply(byte[] content) {
    String text = new String(content, UTF_8);
    made.add(text);
    List<String> faults = new ArrayList<>();
    HttpRateLimiterBuilder builder = HttpRateLimiter.builder(limiter);
    for (String line : text.lines().toList()) {
      String[] parts = line.split(" ", -1);
      try {
        Limit limit = parts[2].equals("slot") ? Limit.inFlight(1) : Limit.parse(parts[2]);
        builder.rule(parts[0], LimitPolicy.perIdentity(parts[1], limit));
      } catch (RuntimeException e) {
        faults.add(e.getMessage());
      }
    }
    if (!faults.isEmpty()) {
      throw new IllegalArgumentException(String.join("\n", faults));
    }
    return builder.build();
  }
}
