package dev.penstock.servlet;

import dev.penstock.http.HttpAdapterContract.LimitedServer;
import dev.penstock.http.OddTargetsSearch;
import dev.penstock.http.RawHttpClient;
import dev.penstock.http.ServerModel;
import jakarta.servlet.ServletContext;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/**
 * No run is free in a container, as it comes and as lenient as it can be told to be, however the
 * application finds out what it is asked for.
 */
abstract class OddTargetsContract {

  abstract LimitedServer serve(ServletContainer.Setup setup, boolean lenient) throws IOException;

  @Test
  void targets_asItComes_noRunIsFree() throws IOException {
    assertNoRunIsFree(serve(OddTargetsContract::limited, false));
  }

  @Test
  void targets_lenient_noRunIsFree() throws IOException {
    assertNoRunIsFree(serve(OddTargetsContract::limited, true));
  }

  @Test
  void targets_lenientOverHttp2_noRunIsFree() throws IOException {
    try (LimitedServer server = serve(OddTargetsContract::limited, true)) {
      OddTargetsSearch.assertNoRunIsFree(() -> new RawHttp2Client(server.port()));
    }
  }

  static void assertNoRunIsFree(LimitedServer started) throws IOException {
    try (LimitedServer server = started) {
      OddTargetsSearch.assertNoRunIsFree(() -> new RawHttpClient(server.port()));
    }
  }

  /** One servlet is for everything, and another for what the container takes for an agent's. */
  static void limited(ServletContext context) {
    ServletContainer.filter(context, "limits", OddTargetsSearch.gate());
    ServletContainer.servlet(context, (request, response) -> answer(response, isRun(request)));
    context
        .addServlet(
            "agents",
            new HandlerServlet(
                (request, response) ->
                    answer(
                        response,
                        isRun(request) || isRunBelow(Objects.toString(request.getPathInfo(), "")))))
        .addMapping("/agents/*");
  }

  private static boolean isRun(HttpServletRequest request) {
    String path = request.getServletPath() + Objects.toString(request.getPathInfo(), "");
    return ServerModel.isRun(path) || ServerModel.isRun(request.getRequestURI());
  }

  private static boolean isRunBelow(String pathInfo) {
    return ServerModel.isRun("/agents" + pathInfo);
  }

  private static void answer(HttpServletResponse response, boolean run) throws IOException {
    String text = run ? OddTargetsSearch.RUN : OddTargetsSearch.OTHER;
    response.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
  }
}
