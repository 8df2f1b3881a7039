package dev.penstock.servlet;

import dev.penstock.http.HttpAdapterContract.LimitedServer;
import java.io.IOException;

class UndertowOddTargetsTest extends OddTargetsContract {

  @Override
  LimitedServer serve(ServletContainer.Setup setup, boolean lenient) throws IOException {
    return lenient ? UndertowServer.startLenient(setup) : UndertowServer.startStrict(setup);
  }
}
