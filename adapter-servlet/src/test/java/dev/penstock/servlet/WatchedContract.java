package dev.penstock.servlet;

import dev.penstock.Reservation;
import dev.penstock.http.HttpAdapterContract.LimitedServer;
import dev.penstock.http.RawHttpClient;
import dev.penstock.http.TestClient;
import dev.penstock.http.Verdict;
import jakarta.servlet.ServletRequest;
import java.io.IOException;

/** A container in which responses are watched, and a client of one version of HTTP. */
abstract class WatchedContract {

  static final String RUN = "POST /agents/a1/runs";
  static final String RUNS = "/agents/*/runs";

  final Slots slots = new Slots();

  /** As {@link ServletContainer#serve} does. */
  abstract LimitedServer serve(ServletContainer.Setup setup) throws IOException;

  /** Whether the clients are of HTTP/2. */
  boolean http2() {
    return false;
  }

  final TestClient connect(LimitedServer server) throws IOException {
    return http2() ? RawHttp2Client.withWindows(server.port()) : new RawHttpClient(server.port());
  }

  final EventClient listen(LimitedServer server) throws IOException {
    return http2()
        ? new EventClient.OverHttp2(server.port())
        : new EventClient.OverHttp1(server.port());
  }

  /** Serves what the handler answers, behind a gate that lets in few runs at once. */
  final LimitedServer serveLimited(Handler handler) throws IOException {
    return serve(
        context -> {
          ServletContainer.filter(context, "limits", slots.gate(RUNS));
          ServletContainer.servlet(context, handler);
        });
  }

  static Reservation reservation(ServletRequest request) {
    return ((Verdict.Proceed) request.getAttribute(RateLimitFilter.VERDICT)).reservation();
  }
}
