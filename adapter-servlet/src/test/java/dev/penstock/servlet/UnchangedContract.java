package dev.penstock.servlet;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.http.HeaderField;
import dev.penstock.http.HttpAdapterContract.LimitedServer;
import dev.penstock.http.RawHttpClient.Response;
import dev.penstock.http.TestClient;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.CharConversionException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UnsupportedEncodingException;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Whether a response is watched or not, the client gets the same. */
abstract class UnchangedContract extends WatchedContract {

  private static final String TEXT = "héllo \uD83D\uDE80\n";
  private static final int MUCH = 40_000;

  /** Of the filter, or of the time. */
  private static final Set<String> OTHERS =
      Set.of("ratelimit", "ratelimit-policy", "date", "content-location");

  private static final List<String> METHODS = List.of("GET ", "HEAD ");
  private static final Set<String> FRAMING = Set.of("content-length", "transfer-encoding");

  private static final Map<String, Handler> HANDLERS = new TreeMap<>();

  static {
    HANDLERS.put("nothing", (request, response) -> {});
    HANDLERS.put("bytes", (request, response) -> response.getOutputStream().write(bytes(TEXT)));
    HANDLERS.put("muchInBytes", (request, response) -> writeMuch(response.getOutputStream()));
    HANDLERS.put(
        "singleBytes",
        (request, response) -> {
          for (byte b : bytes(TEXT)) {
            response.getOutputStream().write(b);
          }
        });
    HANDLERS.put(
        "printedToTheStream",
        (request, response) -> {
          ServletOutputStream out = response.getOutputStream();
          out.print("a");
          out.println("b");
          out.println();
          out.println(7);
          out.print(true);
        });
    HANDLERS.put(
        "textThatTheStreamCannotEncode",
        (request, response) -> {
          try {
            response.getOutputStream().print("\uD83D\uDE80");
          } catch (CharConversionException e) {
            response.getOutputStream().print("refused");
          }
        });
    HANDLERS.put("text", (request, response) -> response.getWriter().write(TEXT));
    HANDLERS.put("muchText", (request, response) -> writeMuch(response.getWriter()));
    for (String type :
        List.of(
            "text/plain",
            "text/html;charset=utf-8",
            "application/json",
            "text/event-stream",
            "text/plain;charset=utf-16")) {
      HANDLERS.put(
          "textOf-" + type.replaceAll("[^a-z0-9]", "-"),
          (request, response) -> {
            response.setContentType(type);
            response.getWriter().write(TEXT);
          });
      HANDLERS.put(
          "textByFieldOf-" + type.replaceAll("[^a-z0-9]", "-"),
          (request, response) -> {
            response.setHeader("Content-Type", type);
            response.getWriter().write(TEXT);
          });
    }
    HANDLERS.put(
        "printedToTheWriter",
        (request, response) -> {
          response.setCharacterEncoding("UTF-8");
          PrintWriter out = response.getWriter();
          out.println("é");
          out.println(7);
          out.print('é');
          out.print(new char[] {'\uD83D', '\uDE80'});
          out.append("abc", 1, 2).append('x').printf(Locale.ROOT, "%s;", 1.5);
          out.format("%s;", "f").println(List.of());
        });
    HANDLERS.put(
        "surrogatesInTwoWrites",
        (request, response) -> {
          response.setCharacterEncoding("UTF-8");
          response.getWriter().write("\uD83D\uDE80", 0, 2);
          response.getWriter().print("x");
        });
    HANDLERS.put(
        "charsetAfterTheWriter",
        (request, response) -> {
          response.setContentType("text/plain;charset=utf-8");
          PrintWriter out = response.getWriter();
          response.setCharacterEncoding("UTF-16");
          out.write(TEXT);
        });
    HANDLERS.put(
        "typeAfterTheWriter",
        (request, response) -> {
          response.setCharacterEncoding("UTF-8");
          PrintWriter out = response.getWriter();
          response.setContentType("text/html;charset=UTF-16");
          out.write(TEXT);
        });
    HANDLERS.put(
        "typeFieldAfterTheWriter",
        (request, response) -> {
          response.setCharacterEncoding("UTF-8");
          PrintWriter out = response.getWriter();
          response.setHeader("content-type", "text/html");
          out.write(TEXT);
        });
    HANDLERS.put(
        "localeAfterTheWriter",
        (request, response) -> {
          PrintWriter out = response.getWriter();
          response.setLocale(Locale.JAPANESE);
          out.write(TEXT);
        });
    HANDLERS.put(
        "unknownCharset",
        (request, response) -> {
          try {
            response.setContentType("text/plain;charset=nothing-like-this");
            response.getWriter().write(TEXT);
          } catch (UnsupportedEncodingException e) {
            response.setStatus(406);
          }
        });
    HANDLERS.put(
        "streamAfterTheWriter",
        (request, response) -> {
          response.getWriter().print(refused(response::getOutputStream));
          response.getWriter().print(response.getWriter().checkError());
        });
    HANDLERS.put(
        "writerAfterTheStream",
        (request, response) -> response.getOutputStream().print(refused(response::getWriter)));
    HANDLERS.put(
        "resetThenTheOther",
        (request, response) -> {
          response.getWriter().write(TEXT);
          response.reset();
          response.getOutputStream().print("stream");
          response.reset();
          response.setContentType("text/plain;charset=utf-8");
          response.getWriter().write(TEXT);
        });
    HANDLERS.put(
        "resetBuffer",
        (request, response) -> {
          response.getWriter().write("dropped");
          response.resetBuffer();
          response.getWriter().write("kept");
        });
    HANDLERS.put(
        "flushed",
        (request, response) -> {
          response.flushBuffer();
          response.getWriter().print(response.isCommitted());
        });
    HANDLERS.put(
        "flushedWriter",
        (request, response) -> {
          response.getWriter().write(TEXT);
          response.getWriter().flush();
          response.getWriter().print(response.isCommitted());
        });
    HANDLERS.put(
        "closedEarly",
        (request, response) -> {
          response.getWriter().write(TEXT);
          response.getWriter().close();
          response.getWriter().write("not sent");
          response.getWriter().flush();
        });
    HANDLERS.put(
        "closedStream",
        (request, response) -> {
          response.getOutputStream().print("x");
          response.getOutputStream().close();
          response.getOutputStream().flush();
          response.getOutputStream().close();
        });
    HANDLERS.put(
        "ownLength",
        (request, response) -> {
          response.setContentLength(1);
          response.getOutputStream().print("x");
        });
    HANDLERS.put(
        "bufferSize",
        (request, response) -> {
          response.setBufferSize(4096);
          response.getWriter().print(response.getBufferSize());
        });
    HANDLERS.put(
        "fields",
        (request, response) -> {
          response.setHeader("X-A", "1");
          response.addHeader("x-a", "2");
          response.setIntHeader("X-B", 3);
          response.addIntHeader("X-B", 4);
          response.setDateHeader("X-C", 0);
          response.addDateHeader("X-C", 1000);
          response
              .getWriter()
              .print(
                  response.containsHeader("X-A")
                      + response.getHeader("X-B")
                      + List.copyOf(response.getHeaders("X-A"))
                      + response.getHeaderNames().contains("X-C"));
        });
    HANDLERS.put("redirect", (request, response) -> response.sendRedirect("/elsewhere"));
    HANDLERS.put(
        "errorAfterText",
        (request, response) -> {
          response.getWriter().write("dropped");
          response.sendError(404);
        });
    HANDLERS.put("errorPage", (request, response) -> response.sendError(409));
    HANDLERS.put(
        "forward",
        (request, response) ->
            request.getRequestDispatcher("/other/text").forward(request, response));
    HANDLERS.put(
        "forwardOfWhatClosesTheWriter",
        (request, response) ->
            request.getRequestDispatcher("/other/closedEarly").forward(request, response));
    HANDLERS.put(
        "include",
        (request, response) -> {
          response.getWriter().write("before ");
          request.getRequestDispatcher("/other/text").include(request, response);
          response.getWriter().write(" after");
        });
    HANDLERS.put(
        "includeOfBytes",
        (request, response) -> {
          response.getOutputStream().print("before ");
          request.getRequestDispatcher("/other/bytes").include(request, response);
          response.getOutputStream().print(" after");
        });
    HANDLERS.put(
        "includeOfWhatClosesTheWriter",
        (request, response) -> {
          response.getWriter().write("before ");
          request.getRequestDispatcher("/other/closedEarly").include(request, response);
          response.getWriter().write(" after");
        });
    HANDLERS.put(
        "asyncText",
        (request, response) -> {
          ServletResponse answer = request.startAsync().getResponse();
          answer.getWriter().write(TEXT);
          request.getAsyncContext().complete();
        });
    HANDLERS.put(
        "asyncOfAForward",
        (request, response) ->
            request.getRequestDispatcher("/other/redispatched").forward(request, response));
    HANDLERS.put(
        "redispatched",
        (request, response) -> {
          if (request.getAttribute("again") == null) {
            request.setAttribute("again", true);
            request.startAsync().dispatch();
          } else {
            response.getWriter().write(request.getRequestURI().replaceFirst("^/[a-z]+/", ""));
          }
        });
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static void writeMuch(ServletOutputStream out) throws IOException {
    for (int i = 0; i < MUCH; i += TEXT.length()) {
      out.write(bytes(TEXT));
    }
  }

  private static void writeMuch(PrintWriter out) {
    for (int i = 0; i < MUCH; i += TEXT.length()) {
      out.write(TEXT);
    }
  }

  private interface Taking {
    Object take() throws IOException;
  }

  private static boolean refused(Taking other) throws IOException {
    try {
      other.take();
      return false;
    } catch (IllegalStateException e) {
      return true;
    }
  }

  static Stream<String> handlers() {
    return HANDLERS.keySet().stream();
  }

  /** Answers by the last segment of the path, and with an error page. */
  private static void answer(HttpServletRequest request, HttpServletResponse response)
      throws IOException, ServletException {
    String path = request.getRequestURI();
    Object included = request.getAttribute("jakarta.servlet.include.request_uri");
    String name = (included == null ? path : included.toString()).replaceFirst("^/[a-z]+/", "");
    Handler handler = HANDLERS.get(name);
    if (handler == null) {
      response.getWriter().write("page of " + path);
    } else {
      handler.handle(request, response);
    }
  }

  /** Handlers whose content this container may end in another way where a response is watched. */
  Set<String> otherwiseFramed() {
    return Set.of();
  }

  @ParameterizedTest
  @MethodSource("handlers")
  void response_watchedOrNot_isTheSame(String handler) throws IOException {
    try (LimitedServer server =
        serve(
            context -> {
              ServletContainer.filter(context, "limits", slots.gate("/watched/*"));
              ServletContainer.servlet(context, UnchangedContract::answer);
            })) {
      for (String method : METHODS) {
        assertSame(server, method, handler);
        slots.awaitHeld(0);
      }
      slots.awaitEnds(METHODS.size());
    }
  }

  private void assertSame(LimitedServer server, String method, String handler) throws IOException {
    Response plain = send(server, method + "/neither/" + handler);
    Response watched = send(server, method + "/watched/" + handler);
    assertThat(watched.status()).isEqualTo(plain.status());
    assertThat(fields(watched, handler)).isEqualTo(fields(plain, handler));
    assertThat(watched.body()).isEqualTo(plain.body().replace("neither", "watched"));
  }

  /** Over a connection of its own: after an error, Jetty may reset the next stream of HTTP/2. */
  private Response send(LimitedServer server, String request) throws IOException {
    try (TestClient client = connect(server)) {
      return client.send(request);
    }
  }

  private List<String> fields(Response response, String handler) {
    Set<String> left = new HashSet<>(OTHERS);
    left.addAll(otherwiseFramed().contains(handler) ? FRAMING : Set.of());
    return response.fields().stream()
        .filter(field -> !left.contains(field.name().toLowerCase(Locale.ROOT)))
        .map(HeaderField::toString)
        .sorted()
        .toList();
  }

  @Test
  void unwatched_reachesTheHandlerInTheContainersOwnObjects() throws IOException {
    AtomicReference<Object> request = new AtomicReference<>();
    AtomicReference<Object> response = new AtomicReference<>();
    AtomicReference<Boolean> same = new AtomicReference<>();
    try (LimitedServer server =
            serve(
                context -> {
                  ServletContainer.everywhere(
                      context.addFilter(
                          "outer",
                          (asked, answer, chain) -> {
                            request.set(asked);
                            response.set(answer);
                            chain.doFilter(asked, answer);
                          }));
                  ServletContainer.filter(
                      context, "limits", ServletContainer.gate("agent-runs", 10));
                  ServletContainer.servlet(
                      context,
                      (asked, answer) ->
                          same.set(asked == request.get() && answer == response.get()));
                });
        TestClient client = connect(server)) {
      assertThat(client.send(RUN).values("RateLimit")).hasSize(1);
      assertThat(same.get()).isTrue();
      client.send("GET /elsewhere");
      assertThat(same.get()).isTrue();
    }
  }
}
