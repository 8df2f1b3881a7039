package dev.penstock.servlet;

import dev.penstock.Limit;
import dev.penstock.LimitPolicy;
import dev.penstock.RateLimiter;
import dev.penstock.admin.Admin;
import dev.penstock.http.Gate;
import dev.penstock.http.HeaderField;
import dev.penstock.http.HttpAdapterContract;
import dev.penstock.http.HttpRateLimiter;
import dev.penstock.http.Patience;
import dev.penstock.http.SettlingContract;
import dev.penstock.http.Verdict;
import dev.penstock.memory.InMemoryRateLimiter;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.FilterRegistration;
import jakarta.servlet.ServletContext;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRegistration;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.EnumSet;
import java.util.List;
import java.util.function.Function;

/** A container to test in: how it starts, and what is registered in it. */
abstract class ServletContainer extends HttpAdapterContract implements SettlingContract {

  /** Registers filters and servlets. */
  interface Setup {
    void accept(ServletContext context) throws ServletException;
  }

  /** An error, and the path to which a container sends a request that was answered with it. */
  static final int ERROR_STATUS = 409;

  /** In bytes; little, so that few answers fill the socket of a client that takes none. */
  static final int SEND_BUFFER = 8 * 1024;

  static final String ERROR_PAGE = "/error";

  static final String RUN = "POST /agents/a1/runs";

  /**
   * Starts a container on a free port of the loopback interface, with HTTP/1.1 and HTTP/2 in clear
   * text, as lenient about request targets as it can be, so that all of them reach the filter.
   */
  abstract LimitedServer serve(Setup setup) throws IOException;

  @Override
  protected LimitedServer start(Gate gate, Runnable handled) throws IOException {
    return serve(
        context -> {
          everywhere(context.addFilter("outer", new OuterFilter()));
          filter(context, "limits", gate);
          servlet(
              context,
              (request, response) -> {
                handled.run();
                answer(response);
              });
        });
  }

  @Override
  public LimitedServer startTelling(Gate gate, Function<Verdict.Proceed, List<HeaderField>> handler)
      throws IOException {
    return serve(
        context -> {
          filter(context, "limits", gate);
          servlet(
              context,
              (request, response) -> {
                Verdict.Proceed verdict =
                    (Verdict.Proceed) request.getAttribute(RateLimitFilter.VERDICT);
                handler
                    .apply(verdict)
                    .forEach(field -> response.addHeader(field.name(), field.value()));
                answer(response);
              });
        });
  }

  /** Starts a container that serves an admin below {@code /admin/}. */
  public LimitedServer startAdmin(Admin admin) throws IOException {
    return serve(
        context -> context.addServlet("admin", new AdminServlet(admin)).addMapping("/admin/*"));
  }

  /** Likewise, of its own port and as many more: which is free is known by a request alone. */
  public LimitedServer startAdminOfPort(Admin admin, int more) throws IOException {
    return serve(
        context ->
            servlet(
                context,
                (request, response) ->
                    new AdminServlet(admin, request.getLocalPort() + more)
                        .service(request, response)));
  }

  static HttpRateLimiter gate(String name, long tokens) {
    return gate(InMemoryRateLimiter.create(), name, tokens);
  }

  static HttpRateLimiter gate(RateLimiter limiter, String name, long tokens) {
    LimitPolicy policy = LimitPolicy.perIdentity(name, Limit.perMinute(tokens));
    return HttpRateLimiter.builder(limiter)
        .rule("/agents/*/runs", policy)
        .rule(ERROR_PAGE, policy)
        .patience(Patience.least()) // so that no test waits for long
        .build();
  }

  static void filter(ServletContext context, String name, Gate gate) {
    everywhere(context.addFilter(name, new RateLimitFilter(gate)));
  }

  static void everywhere(FilterRegistration.Dynamic filter) {
    filter.setAsyncSupported(true);
    filter.addMappingForUrlPatterns(EnumSet.allOf(DispatcherType.class), false, "/*");
  }

  static void servlet(ServletContext context, Handler handler) {
    ServletRegistration.Dynamic servlet =
        context.addServlet("handler", new HandlerServlet(handler));
    servlet.setAsyncSupported(true);
    servlet.addMapping("/*");
  }

  static void answer(HttpServletResponse response) throws IOException {
    response.addHeader(OWN_FIELD.name(), OWN_FIELD.value());
    response.getOutputStream().write(HANDLED.getBytes(StandardCharsets.UTF_8));
  }

  static boolean isFirst(ServletRequest request) {
    return request.getDispatcherType() == DispatcherType.REQUEST;
  }

  /** What has seen a request before the gate. */
  private static final class OuterFilter implements Filter {
    @Override
    public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain)
        throws IOException, ServletException {
      HttpServletResponse answer = (HttpServletResponse) response;
      OUTER_FIELDS.forEach(field -> answer.setHeader(field.name(), field.value()));
      chain.doFilter(request, response);
    }
  }
}
