package dev.penstock.servlet;

import dev.penstock.http.HttpAdapterContract.LimitedServer;
import java.io.IOException;

class JettyOddTargetsTest extends OddTargetsContract {

  @Override
  LimitedServer serve(ServletContainer.Setup setup, boolean lenient) throws IOException {
    return lenient ? JettyServer.startLenient(setup) : JettyServer.startStrict(setup);
  }
}
