package dev.penstock.servlet;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.http.RawHttpClient;
import java.io.IOException;
import org.junit.jupiter.api.Test;

class UndertowTest extends ServletContract {

  @Override
  LimitedServer serve(Setup setup) throws IOException {
    return UndertowServer.start(setup);
  }

  /** Undertow itself refuses what is beyond its {@code MAX_ENTITY_SIZE}, before any filter. */
  @Override
  @Test
  public void point11_endlessContent_isCutOff() throws IOException {
    try (LimitedServer server = start(gate("agent-runs", 1), () -> {});
        RawHttpClient client = new RawHttpClient(server.port())) {
      assertThat(client.send(RUN, "Content-Length: 999999999999").status()).isEqualTo(413);
      assertThat(client.sendsUntilClosed("x".repeat(10_000))).isTrue();
    }
  }
}
