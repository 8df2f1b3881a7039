package dev.penstock.servlet;

import dev.penstock.http.HttpAdapterContract.LimitedServer;
import java.io.IOException;
import java.util.Set;

class UndertowResponseEndTest extends ClientGoneContract {

  @Override
  LimitedServer serve(ServletContainer.Setup setup) throws IOException {
    return UndertowServer.start(setup);
  }

  /** It flushes what is wrapped after a forward. */
  @Override
  Set<String> otherwiseFramed() {
    return Set.of("forward", "asyncOfAForward");
  }
}
