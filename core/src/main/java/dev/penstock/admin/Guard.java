package dev.penstock.admin;

import dev.penstock.Identity;
import dev.penstock.Limit;
import dev.penstock.LimitPolicy;
import dev.penstock.RateLimiter;
import dev.penstock.Reservation;
import dev.penstock.base.BoundedLog;
import dev.penstock.http.ClientAddress;
import dev.penstock.http.RequestView;
import dev.penstock.memory.InMemoryRateLimiter;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.function.LongSupplier;

/**
 * Lets in who has the token. An address that has sent too many wrong ones is refused before its
 * token is looked at, so no more than these are ever tried.
 *
 * <p>The buckets are in the memory of this process, apart from those of the gate: neither does a
 * flood of clients crowd them, nor need Redis be there for an operator to see that it is not.
 */
final class Guard {

  /** In a minute, of one address. */
  private static final int WRONG_TOKENS = 20;

  private static final int MOST_ADDRESSES = 10_000;
  private static final LimitPolicy ATTEMPTS =
      LimitPolicy.perIdentity("admin-attempts", Limit.perMinute(WRONG_TOKENS));

  private final BoundedLog log = new BoundedLog(Admin.class);
  private final AdminToken token;
  private final ClientAddress clients;
  private final RateLimiter attempts;

  Guard(AdminToken token, ClientAddress clients, LongSupplier nanoClock) {
    this.token = token;
    this.clients = clients;
    this.attempts = InMemoryRateLimiter.create(MOST_ADDRESSES, nanoClock);
  }

  /** {@return the address of whoever has the token} Each attempt is paid until it proves right. */
  String admit(RequestView request) {
    List<String> lines = request.headerLines("Authorization");
    if (lines.isEmpty()) {
      throw Refusal.unauthorized("Authorization must be Bearer and the token of this page");
    }
    Identity address = clients.resolve(request).orElseThrow();
    try (Reservation attempt = attempts.reserve(address, ATTEMPTS)) {
      if (!attempt.permitted()) {
        throw Refusal.tooManyWrong(attempt.decision().retryAfter().orElse(Duration.ZERO));
      }
      if (!token.isIn(lines)) {
        log.warn("wrong token: by=" + address.text());
        throw Refusal.unauthorized("Authorization must be Bearer and the right token");
      }
      attempt.cancel();
    }
    return address.text();
  }

  /**
   * Refuses what another page may have sent. None has the token, which no browser sends by itself,
   * so this is a second lock: nothing is changed by what a link, a form or a foreign script can
   * send without asking first.
   */
  static void requireOwnJson(RequestView request) {
    List<String> types = request.headerLines("Content-Type");
    if (types.size() != 1 || !mediaType(types.get(0)).equals("application/json")) {
      throw Refusal.notJson();
    }
    List<String> origins = request.headerLines("Origin");
    if (!origins.isEmpty() && !isOwn(origins, request.headerLines("Host"))) {
      throw Refusal.foreignOrigin();
    }
  }

  private static String mediaType(String contentType) {
    int end = contentType.indexOf(';');
    return (end < 0 ? contentType : contentType.substring(0, end)).strip().toLowerCase(Locale.ROOT);
  }

  private static boolean isOwn(List<String> origins, List<String> hosts) {
    if (origins.size() != 1 || hosts.size() != 1) {
      return false;
    }
    String origin = origins.get(0);
    String host = hosts.get(0);
    return origin.equalsIgnoreCase("http://" + host) || origin.equalsIgnoreCase("https://" + host);
  }
}
