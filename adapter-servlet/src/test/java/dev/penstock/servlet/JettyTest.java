package dev.penstock.servlet;

import dev.penstock.http.UnreadContentContract;
import java.io.IOException;

class JettyTest extends ServletContract implements UnreadContentContract {

  @Override
  LimitedServer serve(Setup setup) throws IOException {
    return JettyServer.start(setup);
  }
}
