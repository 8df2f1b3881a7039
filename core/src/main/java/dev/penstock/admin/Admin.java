package dev.penstock.admin;

import dev.penstock.RateLimiter;
import dev.penstock.base.BoundedLog;
import dev.penstock.http.RequestView;
import dev.penstock.metrics.DeniedIdentities;
import dev.penstock.metrics.Metrics;
import java.io.IOException;
import java.io.InputStream;
import java.time.InstantSource;
import java.util.Objects;
import java.util.Optional;

/**
 * What an operator sees of a running gate, and may do to it, over HTTP: JSON, and a status page. An
 * adapter serves it ({@code AdminHandler}, {@code AdminServlet}), on a port of its own, at a path
 * that ends in a slash; the page finds the rest beside itself. {@code docs/admin.md} has all
 * requests.
 *
 * <p>Off unless an application makes one. Every request bears {@code Authorization: Bearer} and the
 * {@link AdminToken}, but for the files of the page, which hold no data and ask for it. The page
 * keeps it in its own memory: no cookie, storage or URL has it, so a browser sends it for nobody
 * else, and a foreign page can do nothing. All the same nothing is changed but by {@code POST} of
 * {@code application/json}, and not where {@code Origin} is another's. An address that has sent 20
 * wrong tokens within a minute is answered with 429, whatever token it sends next.
 *
 * <p>Identities stand in the content of requests, never in a URL. What is done is a line of the
 * system logger {@code dev.penstock.admin.Admin}, without the identity.
 *
 * <p>There is no refund. What a request has taken is known to its reservation alone, and is put
 * back by that; afterwards a limit can be filled ({@code reset}), whole or one of several.
 *
 * <p>Needs {@code com.fasterxml.jackson.core:jackson-core}. Thread-safe; content is read up to 32
 * KiB, and only for who has the token.
 *
 * <pre>{@code
 * Admin admin =
 *     Admin.builder(AdminToken.from("env:ADMIN_TOKEN"), limiter, metrics).file(gate).build();
 * }</pre>
 */
public final class Admin {

  private final BoundedLog log = new BoundedLog(Admin.class);
  private final Guard guard;
  private final KnownPolicies policies;
  private final Actions actions;
  private final Metrics metrics;
  private final Optional<DeniedIdentities> denied;
  private final InstantSource clock;

  Admin(
      Guard guard,
      RateLimiter limiter,
      KnownPolicies policies,
      Metrics metrics,
      Optional<DeniedIdentities> denied,
      InstantSource clock) {
    this.guard = guard;
    this.policies = policies;
    this.actions = new Actions(limiter, policies);
    this.metrics = metrics;
    this.denied = denied;
    this.clock = clock;
  }

  /**
   * Starts an admin of a limiter.
   *
   * @param token what whoever administers has to know
   * @param limiter whose buckets are shown and filled: the store, without listeners and bans
   * @param metrics what is counted of it
   * @return a builder
   * @throws IllegalStateException if the library that reads JSON is missing
   */
  public static AdminBuilder builder(AdminToken token, RateLimiter limiter, Metrics metrics) {
    return new AdminBuilder(token, limiter, metrics);
  }

  /**
   * Answers a request.
   *
   * @param request the request; of its path only what follows the last slash counts
   * @param content its content, which is read once it is clear who sends it, and not closed
   * @return what to write
   * @throws IOException if the content cannot be read
   */
  public AdminAnswer answer(RequestView request, InputStream content) throws IOException {
    Objects.requireNonNull(request, "request");
    Objects.requireNonNull(content, "content");
    try {
      return answer(request, name(request.target()), content);
    } catch (Refusal refusal) {
      return refusal.answer();
    } catch (IOException e) {
      throw e;
    } catch (Throwable e) { // of a store or a policy, an Error too: it is to be answered
      log.error("a request of the admin failed", e);
      return Refusal.failed().answer();
    }
  }

  private AdminAnswer answer(RequestView request, String name, InputStream content)
      throws IOException {
    Optional<AdminAnswer> file = PageFiles.named(name);
    if (file.isPresent()) {
      requireGet(request);
      return file.get();
    }
    String by = guard.admit(request);
    return AdminAnswer.ofJson(
        switch (name) {
          case "policies", "status", "denied" -> view(request, name);
          case "peek", "reset", "lift", "reload" -> act(request, name, by, content);
          default -> throw Refusal.notFound("there is nothing of this name");
        });
  }

  private JsonWriter view(RequestView request, String name) {
    requireGet(request);
    return switch (name) {
      case "policies" -> Views.policies(policies.all());
      case "status" -> Views.status(clock.millis(), policies.file(), metrics);
      default -> Views.denied(denied);
    };
  }

  private JsonWriter act(RequestView request, String name, String by, InputStream content)
      throws IOException {
    if (!request.method().equals("POST")) {
      throw Refusal.methodNotAllowed("POST");
    }
    Guard.requireOwnJson(request);
    return switch (name) {
      case "peek" -> actions.peek(by, content);
      case "reset" -> actions.reset(by, content);
      case "lift" -> actions.lift(by, content);
      default -> actions.reload(by, content);
    };
  }

  private static void requireGet(RequestView request) {
    if (!request.method().equals("GET") && !request.method().equals("HEAD")) {
      throw Refusal.methodNotAllowed("GET, HEAD");
    }
  }

  /** A query is refused, so that nobody gets used to writing there what logs are not to keep. */
  private static String name(String target) {
    if (target.indexOf('?') >= 0) {
      throw Refusal.bad("target must have no query");
    }
    return target.substring(target.lastIndexOf('/') + 1);
  }
}
