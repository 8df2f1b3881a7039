package dev.penstock.servlet;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.http.RawHttpClient;
import jakarta.servlet.Filter;
import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpServletResponseWrapper;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What the filter owes behind filters that wrap the request or the response. */
abstract class WrappingContract extends RejectedDispatchContract {

  private static final List<String> CONTENTS =
      List.of(
          "Content-Length: 1000\r\n\r\n",
          "Content-Length: 1000\r\n\r\nx",
          "Transfer-Encoding: chunked\r\n\r\n",
          "Transfer-Encoding: chunked\r\n\r\n1\r\nx\r\n",
          "Expect: 100-continue\r\nContent-Length: 1000\r\n\r\n",
          "Expect: 100-continue\r\nTransfer-Encoding: chunked\r\n\r\n");

  private LimitedServer serveBehind(Filter outer) throws IOException {
    return serve(
        context -> {
          everywhere(context.addFilter("outer", outer));
          filter(context, "limits", gate("agent-runs", 1));
          servlet(context, (request, response) -> answer(response));
        });
  }

  /** What such a filter keeps back is the answer's content, until the filter returns. */
  @Test
  void denied_behindAFilterThatKeepsContentBack_isAnsweredWith429() throws IOException {
    try (LimitedServer server = serveBehind(new KeepingFilter());
        RawHttpClient client = new RawHttpClient(server.port())) {
      assertThat(client.send(RUN).body()).isEqualTo(HANDLED);
      RawHttpClient.Response denied = client.send(RUN);
      assertThat(denied.status()).isEqualTo(429);
      assertThat(denied.body()).startsWith("{\"type\":").endsWith("}");
    }
  }

  @Test
  void deniedHead_behindAFilterThatWrapsTheResponse_hasTheLengthOfGet() throws IOException {
    Filter wrapping =
        (request, response, chain) ->
            chain.doFilter(request, new HttpServletResponseWrapper((HttpServletResponse) response));
    try (LimitedServer server = serveBehind(wrapping);
        RawHttpClient client = new RawHttpClient(server.port())) {
      assertThat(client.send(RUN).body()).isEqualTo(HANDLED);
      RawHttpClient.Response head = client.send("HEAD /agents/a1/runs");
      assertThat(head.status()).isEqualTo(429);
      assertThat(client.send("GET /agents/a1/runs").values("Content-Length"))
          .containsAll(head.values("Content-Length"));
    }
  }

  @Test
  void denied_behindAFilterThatKeepsContentBack_doesNotWaitForContent() throws IOException {
    assertWithheldContentIsAnswered(new KeepingFilter());
  }

  @Test
  void denied_behindAFilterThatWrapsTheRequest_isAnsweredWith429() throws IOException {
    assertWithheldContentIsAnswered(
        (request, response, chain) ->
            chain.doFilter(new Deaf((HttpServletRequest) request), response));
  }

  private void assertWithheldContentIsAnswered(Filter outer) throws IOException {
    try (LimitedServer server = serveBehind(outer)) {
      try (RawHttpClient first = new RawHttpClient(server.port())) {
        assertThat(first.send(RUN).body()).isEqualTo(HANDLED);
      }
      for (String content : CONTENTS) {
        try (RawHttpClient client = new RawHttpClient(server.port())) {
          client.sendBytes(RUN + " HTTP/1.1\r\nHost: localhost\r\n" + content);
          RawHttpClient.Response denied = client.read(false);
          assertThat(denied.status()).isEqualTo(429);
          assertThat(denied.members("Connection")).contains("close");
          assertThat(denied.body()).startsWith("{\"type\":").endsWith("}");
          assertThat(client.isClosedByServer()).isTrue();
        }
      }
    }
  }

  /** Knows no listener, as many wrappers that let content be read twice. */
  private static final class Deaf extends HttpServletRequestWrapper {

    Deaf(HttpServletRequest request) {
      super(request);
    }

    @Override
    public ServletInputStream getInputStream() {
      return new ServletInputStream() {
        @Override
        public int read() {
          return -1;
        }

        @Override
        public boolean isFinished() {
          return false;
        }

        @Override
        public boolean isReady() {
          return true;
        }

        @Override
        public void setReadListener(ReadListener listener) {
          throw new UnsupportedOperationException();
        }
      };
    }
  }
}
