package dev.penstock.servlet;

import dev.penstock.http.HeaderField;
import dev.penstock.http.HttpRateLimiter;
import dev.penstock.http.UnreadContent;
import dev.penstock.http.Verdict;
import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.FilterConfig;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
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
 * Either way set {@code async-supported}, and put the filter first. Rules see the whole path, the
 * context path included.
 *
 * <pre>{@code
 * FilterRegistration.Dynamic filter = context.addFilter("limits", new RateLimitFilter(gate));
 * filter.setAsyncSupported(true);
 * filter.addMappingForUrlPatterns(null, false, "/*");
 * }</pre>
 *
 * <p>A request is charged once, at its first dispatch that a rule matches: forwarded, included,
 * resumed after waiting, or sent to an error page, it is not charged again. A filter that is mapped
 * to {@code FORWARD} and {@code ASYNC} too also limits what another path leads to.
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

  /** How long content is read for after an answer, so that the client sees it before the close. */
  private static final Duration LINGER = Duration.ofSeconds(1);

  /** Marks a request as charged by this filter; another filter has its own gate, and its own. */
  private final String charged = VERDICT + "." + UUID.randomUUID();

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
    if (request.getAttribute(charged) != null) {
      chain.doFilter(request, response);
      return;
    }
    HttpServletRequest asked = (HttpServletRequest) request;
    HttpServletResponse answer = (HttpServletResponse) response;
    ServletView view = new ServletView(asked);
    Verdict verdict = gate().decide(view);
    if (verdict instanceof Verdict.Proceed proceed) {
      addFields(answer, proceed);
      request.setAttribute(VERDICT, proceed);
      if (proceed.identity().isPresent()) {
        request.setAttribute(charged, true);
      }
      chain.doFilter(request, response);
    } else if (verdict instanceof Verdict.Reject reject) {
      answer(asked, answer, reject, UnreadContent.of(view));
    }
  }

  private HttpRateLimiter gate() {
    if (gate == null) {
      throw new IllegalStateException("init must be called before doFilter");
    }
    return gate;
  }

  private static void addFields(HttpServletResponse response, Verdict verdict) {
    for (HeaderField field : verdict.fields()) {
      if (field.replaces()) {
        response.setHeader(field.name(), field.value());
      } else {
        response.addHeader(field.name(), field.value());
      }
    }
  }

  /**
   * Answers at once, but for a little content that is still on its way: that is read away first, so
   * that the connection can go on.
   */
  private static void answer(
      HttpServletRequest request,
      HttpServletResponse response,
      Verdict.Reject reject,
      UnreadContent content)
      throws IOException {
    if (response.isCommitted()) {
      return; // begun before a dispatch led to a limited path: it ends as it stands
    }
    boolean large = content == UnreadContent.LARGE;
    if (content == UnreadContent.NONE || !isHttp1(request)) {
      write(response, reject, false);
    } else if (!large && RejectedContent.hasArrived(request)) {
      write(response, reject, false);
    } else if (!request.isAsyncSupported()) {
      write(response, reject, true);
    } else if (large || RejectedContent.mustEnd(request)) {
      write(response, reject, true);
      RejectedContent.readAway(request, LINGER, whole -> {});
    } else {
      RejectedContent.readAway(
          request, UnreadContent.DEADLINE, whole -> write(response, reject, !whole));
    }
  }

  /** HTTP/2 ends the stream of a request, not the connection. */
  private static boolean isHttp1(HttpServletRequest request) {
    return request.getProtocol().startsWith("HTTP/1.");
  }

  /**
   * Takes the place of what the application wrote before a dispatch led here. Flushed, so that no
   * container takes an answer without content for one that lacks it.
   */
  private static void write(HttpServletResponse response, Verdict.Reject reject, boolean close)
      throws IOException {
    response.resetBuffer();
    response.setStatus(reject.status());
    addFields(response, reject);
    if (close) {
      response.setHeader("Connection", "close");
    }
    if (!reject.body().isEmpty()) {
      writeContent(response, reject.body());
    }
    response.flushBuffer();
  }

  private static void writeContent(HttpServletResponse response, String body) throws IOException {
    ServletOutputStream content;
    try {
      content = response.getOutputStream();
    } catch (IllegalStateException takenAsText) {
      response.getWriter().write(body); // in the charset that the application chose
      return;
    }
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    response.setContentLength(bytes.length);
    content.write(bytes);
  }
}
