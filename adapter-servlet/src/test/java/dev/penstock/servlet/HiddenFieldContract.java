package dev.penstock.servlet;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.http.HttpAdapterContract.LimitedServer;
import dev.penstock.http.RawHttpClient.Response;
import dev.penstock.http.TestClient;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.Test;

/** A field that settles is kept from the client, however it is set. */
abstract class HiddenFieldContract extends HeldContract {

  /** Every way to set a field, in any case, before the header is sent and long after. */
  private static final List<BiConsumer<HttpServletResponse, String>> SETTERS =
      List.of(
          (response, value) -> response.setHeader("X-Model-Tokens", value),
          (response, value) -> response.addHeader("x-model-tokens", value),
          (response, value) -> response.setIntHeader("X-MODEL-TOKENS", Integer.parseInt(value)),
          (response, value) -> response.addIntHeader("x-Model-Tokens", Integer.parseInt(value)),
          (response, value) -> {
            response.setHeader(Slots.TOKENS, "1");
            response.setHeader(Slots.TOKENS, value);
          },
          (response, value) -> {
            response.addHeader(Slots.TOKENS, "1");
            response.reset();
            response.addHeader(Slots.TOKENS, value);
          },
          (response, value) -> {
            response.addHeader(Slots.TOKENS, "1");
            response.setHeader(Slots.TOKENS, null);
            response.addHeader(Slots.TOKENS, value);
          });

  @Test
  void hiddenField_setInAnyWay_settlesAndIsNotSeenByTheClient() throws IOException {
    List<String> seen = new CopyOnWriteArrayList<>();
    Handler handler =
        (request, response) -> {
          int way = Integer.parseInt(request.getParameter("way"));
          if (request.getParameter("late") != null) {
            response.flushBuffer();
            if (way == 5) {
              return; // too late to reset
            }
          }
          SETTERS.get(way).accept(response, "7");
          seen.add(response.getHeader("X-model-Tokens"));
          seen.addAll(response.getHeaders("x-model-tokens"));
          seen.add("" + response.containsHeader(Slots.TOKENS));
          seen.add("" + response.getHeaderNames().contains(Slots.TOKENS));
          answer(response);
        };
    try (LimitedServer server = serveSettled(handler);
        TestClient client = connect(server)) {
      int settled = 0;
      for (String late : List.of("", "&late=1")) {
        for (int way = 0; way < SETTERS.size(); way++) {
          Response response = client.send(RUN + "?way=" + way + late);
          assertThat(response.status()).isEqualTo(200);
          assertThat(response.values(Slots.TOKENS)).isEmpty();
          settled += late.isEmpty() || way != 5 ? 7 : 0;
          int total = settled;
          Slots.await(way + late + " settled", () -> slots.tokens() == total);
        }
      }
      assertThat(seen).containsOnly("7", "true");
    }
  }

  @Test
  void hiddenField_inATrailerOrAsADate_isNotSeenByTheClient() throws IOException {
    Handler handler =
        (request, response) -> {
          response.setDateHeader(Slots.TOKENS, 0);
          response.addDateHeader(Slots.TOKENS, 0);
          response.setHeader("Trailer", "X-Other");
          response.setTrailerFields(
              () -> Map.of(Slots.TOKENS.toLowerCase(Locale.ROOT), "hidden", "X-Other", "seen"));
          answer(response);
          response.flushBuffer();
        };
    try (LimitedServer server = serveSettled(handler);
        EventClient client = listen(server)) {
      String response = client.listen(RUN, "seen");
      assertThat(response)
          .doesNotContainIgnoringCase(Slots.TOKENS)
          .doesNotContain("hidden", "1970");
    }
  }

  @Test
  void hiddenField_ofAnAnswerOfAnotherThread_settles() throws IOException {
    Handler handler =
        (request, response) -> {
          AsyncContext later = request.startAsync();
          threads.execute(
              () -> {
                try {
                  answer(later.getResponse());
                  later.getResponse().flushBuffer();
                  ((HttpServletResponse) later.getResponse()).setHeader(Slots.TOKENS, "7");
                } catch (IOException e) {
                  throw new UncheckedIOException(e);
                } finally {
                  later.complete();
                }
              });
        };
    try (LimitedServer server = serveSettled(handler);
        TestClient client = connect(server)) {
      assertThat(client.send(RUN).values(Slots.TOKENS)).isEmpty();
      Slots.await("settled", () -> slots.tokens() == 7);
    }
  }

  private LimitedServer serveSettled(Handler handler) throws IOException {
    return serve(
        context -> {
          ServletContainer.filter(context, "limits", slots.gateOfTokens(RUNS));
          ServletContainer.servlet(context, handler);
        });
  }
}
