package dev.penstock.servlet;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.http.UnreadContentContract;
import java.io.IOException;
import org.apache.catalina.util.ServerInfo;
import org.junit.jupiter.api.Test;

class TomcatTest extends ServletContract implements UnreadContentContract, AdminPortContract {

  @Override
  LimitedServer serve(Setup setup) throws IOException {
    return TomcatServer.start(setup);
  }

  @Override
  public boolean continuesByItself() {
    return true;
  }

  /** The build runs this class once for each. */
  @Test
  void version_isTheOneThatTheBuildNames() {
    assertThat(ServerInfo.getServerNumber())
        .startsWith(System.getProperty("penstock.tomcat", "10.1") + ".");
  }
}
