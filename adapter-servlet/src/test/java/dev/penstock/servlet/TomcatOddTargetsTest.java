package dev.penstock.servlet;

import dev.penstock.http.HttpAdapterContract.LimitedServer;
import java.io.IOException;

class TomcatOddTargetsTest extends OddTargetsContract {

  @Override
  LimitedServer serve(ServletContainer.Setup setup, boolean lenient) throws IOException {
    return lenient ? TomcatServer.startLenient(setup) : TomcatServer.startStrict(setup);
  }
}
