package dev.penstock.servlet;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.http.RawHttpClient;
import dev.penstock.http.TestClient;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * What every adapter owes, over HTTP/2. Unread content is a matter of HTTP/1.1, where it stands
 * before the next request; here a client may take no answers by giving its streams no window.
 */
abstract class Http2Contract extends ServletContainer {

  /** More than a container has threads. */
  private static final int MANY = 20;

  @Override
  public TestClient connect(LimitedServer server) throws IOException {
    return new RawHttp2Client(server.port());
  }

  @Test
  void answersWithoutAWindow_keepNoThreadAndNoOtherStream() throws IOException {
    assertKeepsNoThread(start(gate("agent-runs", 1), () -> {}));
  }

  /** It holds as many slots as there are answers that nobody takes. */
  @Test
  void answersWithoutAWindow_behindAFilterThatWatches_keepNoThreadAndNoOtherStream()
      throws IOException {
    Slots slots = new Slots(MANY);
    assertKeepsNoThread(
        serve(
            context -> {
              filter(context, "watching", slots.gate("/agents/*/runs"));
              filter(context, "limits", gate("agent-runs", 1));
              servlet(context, (request, response) -> answer(response));
            }));
    slots.awaitHeld(0);
    slots.awaitEnds(MANY + 1);
  }

  private static void assertKeepsNoThread(LimitedServer started) throws IOException {
    try (LimitedServer server = started;
        RawHttp2Client client = new RawHttp2Client(server.port())) {
      assertThat(client.send(RUN).body()).isEqualTo(HANDLED);
      List<Integer> rejected = new ArrayList<>();
      for (int i = 0; i < MANY; i++) {
        rejected.add(client.ask(RUN));
      }
      assertThat(client.send("GET /elsewhere").body()).isEqualTo(HANDLED);
      try (RawHttpClient other = new RawHttpClient(server.port())) {
        assertThat(other.send("GET /elsewhere").status()).isEqualTo(200);
      }
      for (int stream : rejected) {
        assertThat(client.answer(stream).body()).startsWith("{\"type\":").endsWith("}");
      }
    }
  }

  @Test
  void answer_comesInOnePiece() throws IOException {
    try (LimitedServer server = start(gate("agent-runs", 1), () -> {});
        RawHttp2Client client = new RawHttp2Client(server.port())) {
      client.send(RUN);
      int rejected = client.ask(RUN);
      assertThat(client.answer(rejected).body()).startsWith("{\"type\":").endsWith("}");
      assertThat(client.pieces(rejected)).isOne();
    }
  }

  @Test
  void upgradedFromHttp1_isLimitedAsWell() throws Exception {
    HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_2).build();
    try (LimitedServer server = start(gate("agent-runs", 2), () -> {})) {
      assertThat(run(client, server).statusCode()).isEqualTo(200);
      HttpResponse<String> permitted = run(client, server);
      assertThat(permitted.version()).isEqualTo(HttpClient.Version.HTTP_2);
      assertThat(permitted.body()).isEqualTo(HANDLED);
      HttpResponse<String> denied = run(client, server);
      assertThat(denied.version()).isEqualTo(HttpClient.Version.HTTP_2);
      assertThat(denied.statusCode()).isEqualTo(429);
      assertThat(denied.body()).contains("\"violated-policies\":[\"agent-runs\"]");
    }
  }

  private static HttpResponse<String> run(HttpClient client, LimitedServer server)
      throws Exception {
    URI uri = URI.create("http://localhost:" + server.port() + "/agents/a1/runs");
    return client.send(
        HttpRequest.newBuilder(uri).POST(HttpRequest.BodyPublishers.noBody()).build(),
        HttpResponse.BodyHandlers.ofString());
  }
}
