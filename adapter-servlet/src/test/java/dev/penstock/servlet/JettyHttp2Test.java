package dev.penstock.servlet;

import java.io.IOException;

class JettyHttp2Test extends Http2Contract {

  @Override
  LimitedServer serve(Setup setup) throws IOException {
    return JettyServer.start(setup);
  }
}
