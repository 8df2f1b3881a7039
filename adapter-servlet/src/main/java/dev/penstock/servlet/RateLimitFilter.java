package dev.penstock.servlet;

import dev.penstock.http.Gate;
import dev.penstock.http.HeaderField;
import dev.penstock.http.UnreadContent;
import dev.penstock.http.Verdict;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.FilterConfig;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Limits the requests of a web application (Servlet 6.0 and later): those that may pass go on, the
 * others are answered at once.
 *
 * <p>Thread-safe. Register it in code with a gate, or declare it in {@code web.xml} with an
 * init-param {@code gate}: the name of a public class with a public constructor without parameters
 * that is a {@code Function<FilterConfig, Gate>}, or one of a gate such as {@code HttpRateLimiter},
 * so it may read init-params of its own; or with an init-param {@code policyFile}: the path of a
 * {@linkplain dev.penstock.config.PenstockConfig policy file}, {@code /WEB-INF/policy.yaml} for one
 * in the application, which is taken anew when it changes. Either way set {@code async-supported},
 * and put the filter first: then a client that is rejected keeps no thread. Rules see the whole
 * path, the context path included.
 *
 * <pre>{@code
 * FilterRegistration.Dynamic filter = context.addFilter("limits", new RateLimitFilter(gate));
 * filter.setAsyncSupported(true);
 * filter.addMappingForUrlPatterns(null, false, "/*");
 * }</pre>
 *
 * <p>A request is charged once, at its first dispatch that a rule matches: forwarded, included,
 * resumed after waiting, or sent to an error page, it is not charged again. A filter that is mapped
 * to {@code FORWARD} and {@code ASYNC} too also limits what another path leads to. What was
 * rejected stays so: only an error page is served after it.
 *
 * <p>The application finds who was charged, and what that has taken, under {@link #VERDICT}; an
 * error page finds why a request was rejected. If the application resets the response, the rate
 * limit fields of a permitted request are gone: they are hints, and the decision stands.
 *
 * <p>A request that holds a slot, or that its response settles, is {@linkplain
 * Verdict.Proceed#isWatched watched}: what stands behind this filter gets a request and a response
 * that wrap the container's. All others get what the container made, with its ways of sending
 * files. A watched response has ended when the chain returns or throws, and if something
 * asynchronous was begun, when that is complete. So an error page that the container dispatches to
 * afterwards is shown without a slot, and what comes after an upgrade, such as a web socket, is not
 * limited by it: reserve there, and close with the socket.
 *
 * <p>A client that goes away frees its slot, and the tasks of {@link
 * dev.penstock.Reservation#onClientGone} run, before the application sees the first failed write,
 * also where it writes text, which never throws. Nobody tells a filter more than that:
 *
 * <ul>
 *   <li>over HTTP/1.1, of a client that has gone nothing is known until something is written to it,
 *       mostly twice: a heartbeat, such as a line of comment in an event stream, finds out;
 *   <li>a handler that writes nothing, and an answer to {@code HEAD}, keep their slot to the end;
 *   <li>a client that stays and does not read is given up by the container's own timeout for
 *       writes: Undertow has none by default;
 *   <li>asynchronous work without a timeout that nobody completes keeps its slot for good; on
 *       Jetty, also the rest of its reservation, once the client has gone;
 *   <li>Undertow tells of a failed {@code flush()} only with the next write, and of what was
 *       written without {@code text/event-stream} perhaps later.
 * </ul>
 *
 * <p>So give limits of requests under way a longest time ({@link
 * dev.penstock.InFlightLimit#withHeldAtMost}), and asynchronous work a timeout.
 *
 * <p>The peer is what {@code getRemoteAddr} says. Where the container itself takes that from a
 * forwarding header, the container is who has to trust the right proxies. For {@link
 * dev.penstock.http.ServerUser} the user is {@code getUserPrincipal()}: put this filter behind the
 * one that authenticates, such as Spring Security's.
 */
public final class RateLimitFilter implements Filter {

  /**
   * The request attribute that holds the verdict: the {@link Verdict.Proceed} of a request that may
   * pass, the {@link Verdict.Reject} of one that was rejected.
   */
  public static final String VERDICT = "dev.penstock.verdict";

  /** Holds what this filter has decided; another filter has its own gate, and its own. */
  private final String decided = VERDICT + "." + UUID.randomUUID();

  /** Holds who watches the response; another filter's verdict has its own. */
  private final String watched = decided + ".watched";

  private @Nullable Gate gate;

  /** Makes a filter that takes its gate from its init-params; for {@code web.xml}. */
  public RateLimitFilter() {}

  /**
   * Makes a filter of a gate.
   *
   * @param gate who decides
   */
  public RateLimitFilter(Gate gate) {
    this.gate = Objects.requireNonNull(gate, "gate");
  }

  /**
   * Takes the gate from the init-params, unless there is one.
   *
   * @param config the init-params
   * @throws ServletException if the init-params name nothing that a gate is made by
   */
  @Override
  public void init(FilterConfig config) throws ServletException {
    if (gate == null) {
      gate = new DeclaredGate(config).make();
    }
  }

  @Override
  public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain)
      throws IOException, ServletException {
    Verdict earlier = (Verdict) request.getAttribute(decided);
    if (earlier instanceof Verdict.Proceed
        || (earlier != null && request.getDispatcherType() == DispatcherType.ERROR)) {
      passAgain(request, response, chain);
      return;
    }
    HttpServletRequest asked = (HttpServletRequest) request;
    HttpServletResponse answer = (HttpServletResponse) response;
    ServletView view = new ServletView(asked);
    Verdict verdict = earlier == null ? gate().decide(view) : earlier;
    if (verdict instanceof Verdict.Proceed proceed) {
      pass(asked, answer, proceed, chain);
    } else if (verdict instanceof Verdict.Reject reject) {
      request.setAttribute(VERDICT, reject);
      request.setAttribute(decided, reject);
      if (!answer.isCommitted()) { // else the response ends as it stands
        boolean head = asked.getMethod().equals("HEAD");
        RejectedAnswer rejected = new RejectedAnswer(answer, reject, head);
        answer(asked, rejected, UnreadContent.of(view));
      }
    }
  }

  private void pass(
      HttpServletRequest request,
      HttpServletResponse response,
      Verdict.Proceed proceed,
      FilterChain chain)
      throws IOException, ServletException {
    request.setAttribute(VERDICT, proceed);
    if (proceed.identity().isPresent()) {
      request.setAttribute(decided, proceed);
    }
    if (proceed.isWatched()) {
      Watch watch = new Watch(proceed, request, response);
      request.setAttribute(watched, watch);
      watch.pass(
          (asked, answer) -> {
            addFields(response, proceed);
            chain.doFilter(asked, answer);
          });
    } else {
      addFields(response, proceed);
      chain.doFilter(request, response);
    }
  }

  private void passAgain(ServletRequest request, ServletResponse response, FilterChain chain)
      throws IOException, ServletException {
    if (request.getAttribute(watched) instanceof Watch watch) {
      watch.passAgain((HttpServletRequest) request, (HttpServletResponse) response, chain);
    } else {
      chain.doFilter(request, response);
    }
  }

  private Gate gate() {
    if (gate == null) {
      throw new IllegalStateException("init must be called before doFilter");
    }
    return gate;
  }

  static void addFields(HttpServletResponse response, Verdict verdict) {
    for (HeaderField field : verdict.fields()) {
      if (field.replaces()) {
        response.setHeader(field.name(), field.value());
      } else {
        response.addHeader(field.name(), field.value());
      }
    }
  }

  private static void answer(
      HttpServletRequest request, RejectedAnswer answer, UnreadContent announced)
      throws IOException {
    answer.begin();
    UnreadContent content = isHttp1(request) ? announced : UnreadContent.NONE;
    if (content == UnreadContent.SMALL && RejectedRequest.hasArrived(request)) {
      content = UnreadContent.NONE;
    }
    boolean waits = content != UnreadContent.NONE || answer.nonBlocking() != null;
    if (!waits
        || !RejectedRequest.isPossible(request)
        || !RejectedRequest.answers(request, answer, content)) {
      answer.writeBlocking(content);
    }
  }

  /** HTTP/2 ends the stream of a request, not the connection. */
  static boolean isHttp1(HttpServletRequest request) {
    return request.getProtocol().startsWith("HTTP/1.");
  }
}
