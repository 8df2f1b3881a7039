package dev.penstock.jdkhttp;

import dev.penstock.admin.Admin;
import dev.penstock.admin.AdminContract;
import dev.penstock.http.HttpAdapterContract.LimitedServer;
import java.io.IOException;

class AdminHandlerTest implements AdminContract {

  @Override
  public LimitedServer startAdmin(Admin admin) throws IOException {
    return RateLimitFilterTest.JdkServer.start(
        server -> server.createContext("/admin/", new AdminHandler(admin)));
  }
}
