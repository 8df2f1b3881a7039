package dev.penstock.servlet;

import java.io.IOException;

class JettyTest extends ServletContract {

  @Override
  LimitedServer serve(Setup setup) throws IOException {
    return JettyServer.start(setup);
  }
}
