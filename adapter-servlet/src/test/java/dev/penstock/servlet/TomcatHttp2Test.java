package dev.penstock.servlet;

import java.io.IOException;

class TomcatHttp2Test extends Http2Contract {

  @Override
  LimitedServer serve(Setup setup) throws IOException {
    return TomcatServer.start(setup);
  }
}
