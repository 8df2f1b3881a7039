package dev.penstock.servlet;

import dev.penstock.http.HttpAdapterContract.LimitedServer;
import java.io.IOException;

class TomcatResponseEndTest extends ClientGoneContract {

  @Override
  LimitedServer serve(ServletContainer.Setup setup) throws IOException {
    return TomcatServer.start(setup);
  }
}
