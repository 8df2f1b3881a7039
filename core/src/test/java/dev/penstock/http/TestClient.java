package dev.penstock.http;

import java.io.IOException;

/** A client that has one connection, of whatever version of HTTP. For one thread. */
public interface TestClient extends AutoCloseable {

  /**
   * Sends a request without content, with these header lines besides the host; what comes back has
   * been read by {@link RateLimitSyntax}.
   */
  RawHttpClient.Response send(String requestLine, String... lines) throws IOException;

  @Override
  void close() throws IOException;
}
