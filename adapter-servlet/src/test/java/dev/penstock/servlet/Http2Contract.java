package dev.penstock.servlet;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.http.RawHttpClient;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What the filter owes over HTTP/2 where a rejected client takes no answer. */
abstract class ZeroWindowContract extends ServletContainer {

  @Test
  void http2_answersWithoutAWindow_keepNoThreadAndNoOtherStream() throws IOException {
    try (LimitedServer server = start(gate("agent-runs", 1), () -> {});
        RawHttp2Client client = new RawHttp2Client(server.port())) {
      int permitted = client.send("POST", "/agents/a1/runs");
      assertThat(client.content(permitted)).isEqualTo(HANDLED);
      List<Integer> rejected = new ArrayList<>();
      for (int i = 0; i < MANY; i++) {
        rejected.add(client.send("POST", "/agents/a1/runs"));
      }
      assertThat(client.content(client.send("GET", "/elsewhere"))).isEqualTo(HANDLED);
      try (RawHttpClient other = new RawHttpClient(server.port())) {
        assertThat(other.send("GET /elsewhere").status()).isEqualTo(200);
      }
      for (int stream : rejected) {
        assertThat(client.content(stream)).startsWith("{\"type\":").endsWith("}");
      }
    }
  }

  @Test
  void http2_answer_comesInOnePiece() throws IOException {
    try (LimitedServer server = start(gate("agent-runs", 1), () -> {});
        RawHttp2Client client = new RawHttp2Client(server.port())) {
      client.content(client.send("POST", "/agents/a1/runs"));
      int rejected = client.send("POST", "/agents/a1/runs");
      assertThat(client.content(rejected)).startsWith("{\"type\":").endsWith("}");
      assertThat(client.pieces(rejected)).isOne();
    }
  }
}
