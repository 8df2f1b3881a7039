package dev.penstock.servlet;

import dev.penstock.http.HttpAdapterContract.LimitedServer;
import java.io.IOException;

class TomcatHttp2ResponseEndTest extends ClientGoneContract {

  @Override
  LimitedServer serve(ServletContainer.Setup setup) throws IOException {
    return TomcatServer.start(setup);
  }

  @Override
  boolean http2() {
    return true;
  }
}
