package dev.penstock.jdkhttp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import com.sun.net.httpserver.Authenticator;
import com.sun.net.httpserver.BasicAuthenticator;
import com.sun.net.httpserver.HttpHandler;
import dev.penstock.Identity;
import dev.penstock.Limit;
import dev.penstock.LimitPolicy;
import dev.penstock.http.Gate;
import dev.penstock.http.HeaderField;
import dev.penstock.http.HttpAdapterContract;
import dev.penstock.http.HttpRateLimiter;
import dev.penstock.http.RawHttpClient;
import dev.penstock.http.ServerUser;
import dev.penstock.http.SettlingContract;
import dev.penstock.http.UnreadContentContract;
import dev.penstock.http.Verdict;
import dev.penstock.memory.InMemoryRateLimiter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

class WrappedHandlerTest extends HttpAdapterContract
    implements UnreadContentContract, SettlingContract {

  @Override
  protected LimitedServer start(Gate gate, Runnable handled) throws IOException {
    return RateLimitFilterTest.JdkServer.start(
        server ->
            server
                .createContext(
                    "/", RateLimitFilter.wrap(gate, RateLimitFilterTest.answering(handled)))
                .getFilters()
                .add(new RateLimitFilterTest.OuterFilter()));
  }

  @Override
  public LimitedServer startTelling(Gate gate, Function<Verdict.Proceed, List<HeaderField>> handler)
      throws IOException {
    return RateLimitFilterTest.JdkServer.start(
        server -> server.createContext("/", RateLimitFilter.wrap(gate, telling(handler))));
  }

  static LimitedHandler telling(Function<Verdict.Proceed, List<HeaderField>> handler) {
    return (exchange, verdict) -> {
      handler
          .apply(verdict)
          .forEach(field -> exchange.getResponseHeaders().add(field.name(), field.value()));
      RateLimitFilterTest.answering(() -> {}).handle(exchange);
    };
  }

  @Override
  public boolean continuesByItself() {
    return true;
  }

  /** An authenticator comes before the handler, and after every filter. */
  @Test
  void serverUser_wrappedHandler_isWhoTheAuthenticatorFound() throws IOException {
    HttpRateLimiter gate =
        HttpRateLimiter.builder(InMemoryRateLimiter.create())
            .identity(ServerUser.byName())
            .rule("/**", LimitPolicy.perIdentity("runs", Limit.perMinute(1)))
            .build();
    AtomicReference<Identity> charged = new AtomicReference<>();
    LimitedHandler handler =
        (exchange, verdict) -> {
          charged.set(verdict.identity().orElseThrow());
          RateLimitFilterTest.answering(() -> {}).handle(exchange);
        };
    Authenticator passwords =
        new BasicAuthenticator("agents") {
          @Override
          public boolean checkCredentials(String user, String password) {
            return password.equals("secret");
          }
        };
    try (LimitedServer server =
            RateLimitFilterTest.JdkServer.start(
                http ->
                    http.createContext("/", RateLimitFilter.wrap(gate, handler))
                        .setAuthenticator(passwords));
        RawHttpClient client = new RawHttpClient(server.port())) {
      for (String user : List.of("ann", "bob")) {
        String line = basic(user, "secret");
        assertThat(client.send("GET /", line).status()).isEqualTo(200);
        assertThat(charged.get()).isEqualTo(Identity.user("agents:" + user));
        assertThat(client.send("GET /", line).status()).isEqualTo(429);
      }
      assertThat(client.send("GET /", basic("eve", "x")).status()).isEqualTo(401);
    }
  }

  private static String basic(String user, String password) {
    String credentials = user + ":" + password;
    return "Authorization: Basic "
        + Base64.getEncoder().encodeToString(credentials.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  @SuppressWarnings("NullAway") // null is what is tested
  void nulls_nameTheParameter() {
    HttpRateLimiter gate =
        HttpRateLimiter.builder(InMemoryRateLimiter.create())
            .rule("/", LimitPolicy.everyone("all", Limit.perMinute(1)))
            .build();
    HttpHandler handler = exchange -> {};
    LimitedHandler limited = (exchange, verdict) -> {};
    assertThatNullPointerException()
        .isThrownBy(() -> new RateLimitFilter(null))
        .withMessage("gate");
    assertThatNullPointerException()
        .isThrownBy(() -> RateLimitFilter.wrap(null, handler))
        .withMessage("gate");
    assertThatNullPointerException()
        .isThrownBy(() -> RateLimitFilter.wrap(null, limited))
        .withMessage("gate");
    assertThatNullPointerException()
        .isThrownBy(() -> RateLimitFilter.wrap(gate, (HttpHandler) null))
        .withMessage("handler");
    assertThatNullPointerException()
        .isThrownBy(() -> RateLimitFilter.wrap(gate, (LimitedHandler) null))
        .withMessage("handler");
  }
}
