package dev.penstock.redis;

import dev.penstock.Cost;
import dev.penstock.Identity;
import dev.penstock.Limit;
import dev.penstock.LimitPolicy;
import dev.penstock.Reservation;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** A process that holds slots: arguments are the server's address, the life in ms and how many. */
public final class SlotHog {

  static final Identity USER = Identity.user("acme", "hog");

  private SlotHog() {}

  static LimitPolicy policy(long slots) {
    return LimitPolicy.perIdentity("hogged", Limit.inFlight(slots));
  }

  /** Says {@code held}, and what it was told to do when it has been told to. */
  public static void main(String[] arguments) throws IOException {
    int slots = Integer.parseInt(arguments[2]);
    BufferedReader told =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    try (RedisRateLimiter limiter =
        RedisRateLimiter.builder(arguments[0])
            .slotLife(Duration.ofMillis(Long.parseLong(arguments[1])))
            .build()) {
      List<Reservation> held = new ArrayList<>();
      for (int i = 0; i < slots; i++) {
        Reservation run = limiter.reserve(USER, policy(slots), Cost.ONE_REQUEST);
        if (!run.permitted()) {
          throw new IllegalStateException("denied: " + run.decision());
        }
        held.add(run);
      }
      System.out.println("held");
      told.readLine();
      held.forEach(Reservation::close);
      System.out.println("closed");
      told.readLine();
    }
  }
}
