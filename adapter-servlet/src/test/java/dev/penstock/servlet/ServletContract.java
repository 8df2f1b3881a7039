package dev.penstock.servlet;

import static org.assertj.core.api.Assertions.assertThat;

import com.example.RunLimits;
import dev.penstock.Limit;
import dev.penstock.LimitPolicy;
import dev.penstock.http.Gate;
import dev.penstock.http.HttpRateLimiter;
import dev.penstock.http.RawHttpClient;
import dev.penstock.http.ServerUser;
import dev.penstock.http.Verdict;
import dev.penstock.memory.InMemoryRateLimiter;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.FilterRegistration;
import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.WriteListener;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import jakarta.servlet.http.HttpUpgradeHandler;
import jakarta.servlet.http.WebConnection;
import java.io.IOException;
import java.security.Principal;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What the filter owes in every container over HTTP/1.1, besides what every adapter owes. */
abstract class ServletContract extends CookieContract {

  private static final String OTHER_RUN = "/agents/a2/runs";

  private LimitedServer serve(Gate gate, Handler handler) throws IOException {
    return serve(
        context -> {
          filter(context, "limits", gate);
          servlet(context, handler);
        });
  }

  /** Sends two requests, each of which takes one token, whatever it is dispatched to. */
  private void assertChargedOnce(Handler first, int status) throws IOException {
    Handler handler =
        (request, response) -> {
          if (isFirst(request)) {
            first.handle(request, response);
          } else {
            answer(response);
          }
        };
    try (LimitedServer server = serve(gate("agent-runs", 2), handler);
        RawHttpClient client = new RawHttpClient(server.port())) {
      for (int remaining = 1; remaining >= 0; remaining--) {
        RawHttpClient.Response response = client.send(RUN);
        assertThat(response.status()).isEqualTo(status);
        assertThat(response.body()).isEqualTo(HANDLED);
        assertThat(response.value("RateLimit")).startsWith("\"agent-runs\";r=" + remaining + ";");
      }
      assertThat(client.send(RUN).status()).isEqualTo(429);
    }
  }

  /** Behind a filter that authenticates by a wrapper, as Spring Security's does. */
  @Test
  void serverUser_behindAFilterThatAuthenticates_isCharged() throws IOException {
    HttpRateLimiter gate =
        HttpRateLimiter.builder(InMemoryRateLimiter.create())
            .identity(ServerUser.byName())
            .rule("/agents/*/runs", LimitPolicy.perIdentity("runs", Limit.perMinute(1)))
            .build();
    Setup setup =
        context -> {
          everywhere(context.addFilter("login", new Login()));
          filter(context, "limits", gate);
          servlet(context, (request, response) -> answer(response));
        };
    try (LimitedServer server = serve(setup);
        RawHttpClient client = new RawHttpClient(server.port())) {
      for (String user : List.of("X-User: ann", "X-User: bob", "X-Nobody: x")) {
        assertThat(client.send("GET /agents/a1/runs", user).status()).as(user).isEqualTo(200);
        assertThat(client.send("GET /agents/a1/runs", user).status()).as(user).isEqualTo(429);
      }
    }
  }

  /** Believes whatever name stands in a field. */
  private static final class Login implements Filter {
    @Override
    public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain)
        throws IOException, ServletException {
      String name = ((HttpServletRequest) request).getHeader("X-User");
      chain.doFilter(
          new HttpServletRequestWrapper((HttpServletRequest) request) {
            @Override
            public @Nullable Principal getUserPrincipal() {
              return name == null ? null : () -> name;
            }
          },
          response);
    }
  }

  @Test
  void forward_ofAChargedRequest_isNotChargedAgain() throws IOException {
    assertChargedOnce(
        (request, response) -> request.getRequestDispatcher(OTHER_RUN).forward(request, response),
        200);
  }

  @Test
  void include_ofAChargedRequest_isNotChargedAgain() throws IOException {
    assertChargedOnce(
        (request, response) -> request.getRequestDispatcher(OTHER_RUN).include(request, response),
        200);
  }

  @Test
  void errorPage_ofAChargedRequest_isNotChargedAgain() throws IOException {
    assertChargedOnce((request, response) -> response.sendError(ERROR_STATUS), ERROR_STATUS);
  }

  @Test
  void asyncDispatch_ofAChargedRequest_isNotChargedAgain() throws IOException {
    assertChargedOnce((request, response) -> request.startAsync().dispatch(), 200);
    assertChargedOnce((request, response) -> request.startAsync().dispatch(OTHER_RUN), 200);
  }

  /** Else another path that leads to a limited one would be a way around the limit. */
  @Test
  void forward_ofAnUnmatchedRequest_isChargedByWhereItLeads() throws IOException {
    Handler handler =
        (request, response) -> {
          if (isFirst(request)) {
            request.getRequestDispatcher(OTHER_RUN).forward(request, response);
          } else {
            answer(response);
          }
        };
    try (LimitedServer server = serve(gate("agent-runs", 1), handler);
        RawHttpClient client = new RawHttpClient(server.port())) {
      assertThat(client.send("POST /shortcut").value("RateLimit"))
          .startsWith("\"agent-runs\";r=0;");
      RawHttpClient.Response denied = client.send("POST /shortcut");
      assertThat(denied.status()).isEqualTo(429);
      assertThat(denied.value("Content-Type")).isEqualTo("application/problem+json");
    }
  }

  @Test
  void denied_afterTheApplicationReadTheContent_isAnsweredWith429() throws IOException {
    Handler handler =
        (request, response) -> {
          if (request.getRequestURI().equals(OTHER_RUN)) {
            answer(response);
          } else {
            assertThat(request.getReader().readLine()).isEqualTo("text");
            request.getRequestDispatcher(OTHER_RUN).forward(request, response);
          }
        };
    try (LimitedServer server = serve(gate("agent-runs", 1), handler);
        RawHttpClient client = new RawHttpClient(server.port())) {
      client.send("POST " + OTHER_RUN);
      client.sendBytes(
          "POST /shortcut HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\n\r\ntext");
      assertThat(client.read(false).status()).isEqualTo(429);
    }
  }

  @Test
  void denied_afterTheApplicationTookTheWriter_isAnsweredWith429() throws IOException {
    assertDeniedWhole(
        (request, response) -> {
          response.getWriter().write("text");
          request.getRequestDispatcher(OTHER_RUN).forward(request, response);
        });
  }

  @Test
  void denied_afterTheApplicationBeganToWrite_isAnsweredWith429Alone() throws IOException {
    assertDeniedWhole(
        (request, response) -> {
          answer(response);
          request.startAsync().dispatch(OTHER_RUN);
        });
    assertDeniedWhole(
        (request, response) -> {
          response.getWriter().write("text");
          request.startAsync().dispatch(OTHER_RUN);
        });
  }

  @Test
  void denied_afterTheApplicationDescribedItsContent_isDescribedAsItself() throws IOException {
    List<Handler> descriptions =
        List.of(
            (request, response) -> response.setContentLength(5),
            (request, response) -> response.setCharacterEncoding("UTF-16"),
            (request, response) -> response.setContentType("text/plain;charset=UTF-16"),
            (request, response) -> response.setLocale(Locale.JAPANESE),
            (request, response) -> response.setHeader("Content-Encoding", "gzip"));
    for (Handler description : descriptions) {
      assertDeniedWhole(
          (request, response) -> {
            description.handle(request, response);
            request.getRequestDispatcher(OTHER_RUN).forward(request, response);
          });
      assertDeniedWhole(
          (request, response) -> {
            description.handle(request, response);
            request.startAsync().dispatch(OTHER_RUN);
          });
    }
  }

  @Test
  void denied_afterTheApplicationSetAReadListener_isAnsweredWith429() throws IOException {
    Handler handler =
        (request, response) -> {
          if (isFirst(request) && request.getRequestURI().equals("/shortcut")) {
            AsyncContext waiting = request.startAsync();
            request.getInputStream().setReadListener(new DispatchingListener(waiting));
          } else {
            answer(response);
          }
        };
    try (LimitedServer server = serve(gate("agent-runs", 1), handler)) {
      try (RawHttpClient client = new RawHttpClient(server.port())) {
        client.send("POST " + OTHER_RUN);
      }
      for (String content : List.of("x", "x".repeat(1000))) {
        try (RawHttpClient client = new RawHttpClient(server.port())) {
          client.sendBytes(
              "POST /shortcut HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n"
                  + content);
          RawHttpClient.Response denied = client.read(false);
          assertThat(denied.status()).isEqualTo(429);
          assertThat(denied.body()).startsWith("{\"type\":").endsWith("}");
          if (denied.members("Connection").contains("close")) {
            assertThat(client.isClosedByServer()).isTrue();
          } else {
            assertThat(content).hasSize(1000);
            assertThat(client.send("GET /elsewhere").body()).isEqualTo(HANDLED);
          }
        }
      }
    }
  }

  @Test
  void denied_afterTheApplicationSetAWriteListener_isAnsweredWith429() throws IOException {
    assertDeniedWhole(
        (request, response) -> {
          AsyncContext waiting = request.startAsync();
          response.getOutputStream().setWriteListener(new DispatchingListener(waiting));
        });
  }

  /** Leads to where no token is left, as soon as there is content, or room. */
  private record DispatchingListener(AsyncContext waiting) implements ReadListener, WriteListener {

    @Override
    public void onDataAvailable() {
      waiting.dispatch(OTHER_RUN);
    }

    @Override
    public void onWritePossible() {
      waiting.dispatch(OTHER_RUN);
    }

    @Override
    public void onAllDataRead() {}

    @Override
    public void onError(Throwable failure) {}
  }

  /** Sends a request that no rule matches, and that is dispatched to where no token is left. */
  private void assertDeniedWhole(Handler first) throws IOException {
    Handler handler =
        (request, response) -> {
          if (isFirst(request) && request.getRequestURI().equals("/shortcut")) {
            first.handle(request, response);
          } else {
            answer(response);
          }
        };
    try (LimitedServer server = serve(gate("agent-runs", 1), handler);
        RawHttpClient client = new RawHttpClient(server.port())) {
      client.send("POST " + OTHER_RUN);
      RawHttpClient.Response denied = client.send("POST /shortcut");
      assertThat(denied.status()).isEqualTo(429);
      assertThat(denied.value("Content-Type"))
          .matches("(?i)application/problem\\+json(;charset=utf-8)?");
      assertThat(denied.values("Content-Encoding")).isEmpty();
      assertThat(denied.values("Content-Language")).isEmpty();
      assertThat(denied.body()).startsWith("{\"type\":").endsWith("}");
      assertThat(client.send("GET /elsewhere").body()).isEqualTo(HANDLED);
    }
  }

  @Test
  void denied_afterTheResponseHasBegun_endsItUnchanged() throws IOException {
    Handler handler =
        (request, response) -> {
          if (isFirst(request) && !request.getRequestURI().equals(OTHER_RUN)) {
            answer(response);
            response.flushBuffer();
            request.startAsync().dispatch(OTHER_RUN);
          } else {
            answer(response);
          }
        };
    try (LimitedServer server = serve(gate("agent-runs", 1), handler);
        RawHttpClient client = new RawHttpClient(server.port())) {
      client.send("POST " + OTHER_RUN);
      RawHttpClient.Response begun = client.send("POST /begun");
      assertThat(begun.status()).isEqualTo(200);
      assertThat(begun.body()).isEqualTo(HANDLED);
    }
  }

  @Test
  void twoFilters_chargeEachItsOwnBucket() throws IOException {
    Setup setup =
        context -> {
          filter(context, "first", gate("first", 3));
          filter(context, "second", gate("second", 3));
          servlet(
              context,
              (request, response) -> {
                if (isFirst(request)) {
                  request.getRequestDispatcher(OTHER_RUN).forward(request, response);
                } else {
                  answer(response);
                }
              });
        };
    try (LimitedServer server = serve(setup);
        RawHttpClient client = new RawHttpClient(server.port())) {
      client.send(RUN);
      List<String> fields = client.send(RUN).values("RateLimit");
      assertThat(fields).hasSize(2);
      assertThat(fields.get(0)).startsWith("\"first\";r=1;");
      assertThat(fields.get(1)).startsWith("\"second\";r=1;");
    }
  }

  @Test
  void declared_takesItsGateFromTheInitParam() throws IOException {
    Setup setup =
        context -> {
          FilterRegistration.Dynamic filter =
              context.addFilter("limits", RateLimitFilter.class.getName());
          filter.setInitParameter("gate", RunLimits.class.getName());
          filter.setInitParameter("runs", "2/minute");
          everywhere(filter);
          servlet(context, (request, response) -> answer(response));
        };
    try (LimitedServer server = serve(setup);
        RawHttpClient client = new RawHttpClient(server.port())) {
      assertThat(client.send(RUN).value("RateLimit")).startsWith("\"agent-runs\";r=1;");
    }
  }

  @Test
  void verdict_ofAPermittedRequest_isARequestAttribute() throws IOException {
    Handler handler =
        (request, response) -> {
          Verdict.Proceed verdict = (Verdict.Proceed) request.getAttribute(RateLimitFilter.VERDICT);
          response.addHeader("X-Charged", verdict.identity().map(i -> i.kind().name()).orElse("-"));
        };
    try (LimitedServer server = serve(gate("agent-runs", 1), handler);
        RawHttpClient client = new RawHttpClient(server.port())) {
      assertThat(client.send(RUN).value("X-Charged")).isEqualTo("ADDRESS");
      assertThat(client.send("GET /health").value("X-Charged")).isEqualTo("-");
    }
  }

  /** What is spoken after an upgrade (RFC 9110 section 7.8): nothing. */
  public static final class Silence implements HttpUpgradeHandler {

    private static final LinkedBlockingQueue<WebConnection> BEGUN = new LinkedBlockingQueue<>();

    @Override
    public void init(WebConnection connection) {
      BEGUN.add(connection);
    }

    @Override
    public void destroy() {}
  }

  /** What comes after is no response, and no container tells a filter when it ends. */
  @Test
  void upgrade_holdsASlotUntilTheHandshakeAlone() throws Exception {
    Slots slots = new Slots();
    AtomicLong held = new AtomicLong();
    Handler handler =
        (request, response) -> {
          held.set(slots.held());
          response.setHeader("Upgrade", "silence");
          response.setHeader("Connection", "Upgrade");
          request.upgrade(Silence.class);
        };
    try (LimitedServer server = serve(slots.gate("/agents/*/runs"), handler);
        RawHttpClient client = new RawHttpClient(server.port())) {
      client.sendBytes(
          RUN + " HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: silence\r\n\r\n");
      slots.awaitEnds(1);
      assertThat(held).hasValue(1);
      slots.awaitHeld(0);
      WebConnection connection = Silence.BEGUN.poll(20, TimeUnit.SECONDS);
      assertThat(connection).isNotNull();
      assertThat(slots.held()).isZero();
      connection.close();
    }
  }
}
