package dev.penstock.servlet;

import java.io.IOException;

class UndertowHttp2Test extends Http2Contract {

  @Override
  LimitedServer serve(Setup setup) throws IOException {
    return UndertowServer.start(setup);
  }
}
