package dev.penstock.jdkhttp;

import com.sun.net.httpserver.spi.HttpServerProvider;

/**
 * Robaho's httpserver, which needs JDK 21. It reads on after a rejection, for as long as it likes:
 * so a client that withholds its content keeps its connection, and a virtual thread.
 */
class RobahoTest extends OtherServerContract {

  private static final HttpServerProvider ROBAHO =
      OtherServer.provider("robaho", "robaho.net.httpserver.DefaultHttpServerProvider");

  @Override
  HttpServerProvider provider() {
    return ROBAHO;
  }
}
