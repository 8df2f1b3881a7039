package dev.penstock.servlet;

import dev.penstock.http.HttpAdapterContract.LimitedServer;
import java.io.IOException;

class JettyHttp2ResponseEndTest extends ClientGoneContract {

  @Override
  LimitedServer serve(ServletContainer.Setup setup) throws IOException {
    return JettyServer.start(setup);
  }

  @Override
  boolean http2() {
    return true;
  }
}
