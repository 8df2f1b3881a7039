package dev.penstock.servlet;

import java.io.IOException;
import org.junit.jupiter.api.Test;

class JettyTest extends ServletContract {

  @Override
  LimitedServer serve(Setup setup) throws IOException {
    return JettyServer.start(setup);
  }

  /** Kept back until the filter returns, so it must be written before the content has come. */
  @Test
  void denied_behindAFilterThatKeepsContentBack_doesNotWaitForContent() throws IOException {
    assertWithheldContentIsAnswered(new KeepingFilter());
  }
}
