package dev.penstock.jdkhttp;

import com.sun.net.httpserver.spi.HttpServerProvider;
import dev.penstock.http.Gate;
import java.io.IOException;

/** Jetty's jetty-http-spi. */
class JettySpiTest extends OtherServerContract {

  private static final HttpServerProvider JETTY =
      OtherServer.provider("jetty", "org.eclipse.jetty.http.spi.JettyHttpServerProvider");

  /** Of its threads the filter knows nothing. */
  private static final int WAITING = 8;

  @Override
  OtherServer serve(OtherServer.Setup setup) throws IOException {
    return OtherServer.start(JETTY, setup);
  }

  @Override
  RateLimitFilter filter(Gate gate) {
    return new RateLimitFilter(gate).waitingAtMost(WAITING);
  }
}
