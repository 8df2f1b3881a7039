package dev.penstock.servlet;

import dev.penstock.http.HeaderField;
import dev.penstock.http.HttpRateLimiter;
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
 * that is a {@code Function<FilterConfig, HttpRateLimiter>}, so it may read init-params of its own.
 * Either way set {@code async-supported}, and put the filter first: then a client that is rejected
 * keeps no thread. Rules see the whole path, the context path included.
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
 * <p>The application finds who was charged under {@link #VERDICT}. If it resets the response, the
 * rate limit fields of a permitted request are gone: they are hints, and the decision stands.
 *
 * <p>The peer is what {@code getRemoteAddr} says. Where the container itself takes that from a
 * forwarding header, the container is who has to trust the right proxies.
 */
public final class RateLimitFilter implements Filter {

  /** The request attribute that holds the {@link Verdict.Proceed} of a request that may pass. */
  public static final String VERDICT = "dev.penstock.verdict";

  /** Holds what this filter has decided; another filter has its own gate, and its own. */
  private final String decided = VERDICT + "." + UUID.randomUUID();

  private @Nullable HttpRateLimiter gate;

  /** Makes a filter that takes its gate from its init-param; for {@code web.xml}. */
  public RateLimitFilter() {}

  /**
   * Makes a filter of a gate.
   *
   * @param gate who decides
   */
  public RateLimitFilter(HttpRateLimiter gate) {
    this.gate = Objects.requireNonNull(gate, "gate");
  }

  /**
   * Takes the gate from the init-param, unless there is one.
   *
   * @param config the init-params
   * @throws ServletException if the init-param names nothing that makes a gate
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
      chain.doFilter(request, response);
      return;
    }
    HttpServletRequest asked = (HttpServletRequest) request;
    HttpServletResponse answer = (HttpServletResponse) response;
    ServletView view = new ServletView(asked);
    Verdict verdict = earlier == null ? gate().decide(view) : earlier;
    if (verdict instanceof Verdict.Proceed proceed) {
      addFields(answer, proceed);
      request.setAttribute(VERDICT, proceed);
      if (proceed.identity().isPresent()) {
        request.setAttribute(decided, proceed);
      }
      chain.doFilter(request, response);
    } else if (verdict instanceof Verdict.Reject reject) {
      request.setAttribute(decided, reject);
      if (!answer.isCommitted()) { // else the response ends as it stands
        boolean head = asked.getMethod().equals("HEAD");
        answer(asked, new RejectedAnswer(answer, reject, head), UnreadContent.of(view));
      }
    }
  }

  private HttpRateLimiter gate() {
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
