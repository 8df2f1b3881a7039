package dev.penstock.jdkhttp;

import com.sun.net.httpserver.spi.HttpServerProvider;
import dev.penstock.http.UnreadContentContract;

/** Jetty's jetty-http-spi. */
class JettySpiTest extends OtherServerContract implements UnreadContentContract {

  private static final HttpServerProvider JETTY =
      OtherServer.provider("jetty", "org.eclipse.jetty.http.spi.JettyHttpServerProvider");

  @Override
  HttpServerProvider provider() {
    return JETTY;
  }
}
