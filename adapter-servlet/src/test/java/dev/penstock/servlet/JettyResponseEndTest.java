package dev.penstock.servlet;

import dev.penstock.http.HttpAdapterContract.LimitedServer;
import java.io.IOException;

class JettyResponseEndTest extends ClientGoneContract {

  @Override
  LimitedServer serve(ServletContainer.Setup setup) throws IOException {
    return JettyServer.start(setup);
  }
}
