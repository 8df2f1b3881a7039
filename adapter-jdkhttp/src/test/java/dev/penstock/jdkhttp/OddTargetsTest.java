package dev.penstock.jdkhttp;

import com.sun.net.httpserver.HttpHandler;
import dev.penstock.http.HttpAdapterContract.LimitedServer;
import dev.penstock.http.HttpRateLimiter;
import dev.penstock.http.OddTargetsSearch;
import dev.penstock.http.RawHttpClient;
import dev.penstock.http.ServerModel;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** No run is free, by whatever of the URI a handler finds out what it is asked for. */
class OddTargetsTest {

  @Test
  void targets_noRunIsFree() throws IOException {
    HttpRateLimiter gate = OddTargetsSearch.gate();
    try (LimitedServer server =
        RateLimitFilterTest.JdkServer.start(
            http -> {
              http.createContext("/", RateLimitFilter.wrap(gate, answering()));
              http.createContext("/agents/", RateLimitFilter.wrap(gate, answering()));
            })) {
      OddTargetsSearch.assertNoRunIsFree(() -> new RawHttpClient(server.port()));
    }
  }

  private static HttpHandler answering() {
    return exchange -> {
      URI uri = exchange.getRequestURI();
      boolean run =
          ServerModel.isRun(Objects.toString(uri.getPath(), ""))
              || ServerModel.isRun(Objects.toString(uri.getRawPath(), ""))
              || ServerModel.isRun(withoutQuery(uri.toString()));
      byte[] answer =
          (run ? OddTargetsSearch.RUN : OddTargetsSearch.OTHER).getBytes(StandardCharsets.UTF_8);
      exchange.sendResponseHeaders(200, answer.length);
      exchange.getResponseBody().write(answer);
      exchange.close();
    };
  }

  private static String withoutQuery(String uri) {
    int query = uri.indexOf('?');
    return query < 0 ? uri : uri.substring(0, query);
  }
}
