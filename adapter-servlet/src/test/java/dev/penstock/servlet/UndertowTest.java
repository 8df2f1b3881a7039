package dev.penstock.servlet;

import java.io.IOException;

class UndertowTest extends ServletContract {

  @Override
  LimitedServer serve(Setup setup) throws IOException {
    return UndertowServer.start(setup);
  }
}
