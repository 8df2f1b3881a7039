package dev.penstock.servlet;

import dev.penstock.http.UnreadContentContract;
import java.io.IOException;

class UndertowTest extends ServletContract implements UnreadContentContract, AdminPortContract {

  @Override
  LimitedServer serve(Setup setup) throws IOException {
    return UndertowServer.start(setup);
  }

  @Override
  LimitedServer serveLax(Setup setup) throws IOException {
    return UndertowServer.startLaxCookies(setup);
  }
}
