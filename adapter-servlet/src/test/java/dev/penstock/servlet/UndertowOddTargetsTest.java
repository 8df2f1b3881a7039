package dev.penstock.servlet;

import dev.penstock.http.HttpAdapterContract.LimitedServer;
import java.io.IOException;
import org.junit.jupiter.api.Test;

class UndertowOddTargetsTest extends OddTargetsContract {

  @Override
  LimitedServer serve(ServletContainer.Setup setup, boolean lenient) throws IOException {
    return lenient ? UndertowServer.startLenient(setup, true) : UndertowServer.startStrict(setup);
  }

  /** As the older option {@code ALLOW_ENCODED_SLASH} has it. */
  @Test
  void targets_lenientWithEncodedSlashes_noRunIsFree() throws IOException {
    assertNoRunIsFree(UndertowServer.startLenient(OddTargetsContract::limited, false));
  }
}
