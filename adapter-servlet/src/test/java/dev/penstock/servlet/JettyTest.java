package dev.penstock.servlet;

import dev.penstock.http.UnreadContentContract;
import java.io.IOException;
import org.eclipse.jetty.http.CookieCompliance;

class JettyTest extends ServletContract implements UnreadContentContract, AdminPortContract {

  @Override
  LimitedServer serve(Setup setup) throws IOException {
    return JettyServer.start(setup);
  }

  @Override
  LimitedServer serveLax(Setup setup) throws IOException {
    return JettyServer.start(setup, CookieCompliance.RFC2965_LEGACY);
  }
}
