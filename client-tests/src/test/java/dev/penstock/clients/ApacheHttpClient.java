package dev.penstock.clients;

import java.io.IOException;
import java.time.Duration;
import org.apache.hc.client5.http.classic.methods.HttpPost;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.impl.DefaultHttpRequestRetryStrategy;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClientBuilder;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.core5.http.HttpResponse;
import org.apache.hc.core5.http.io.entity.EntityUtils;
import org.apache.hc.core5.http.io.entity.StringEntity;
import org.apache.hc.core5.http.protocol.HttpContext;
import org.apache.hc.core5.util.TimeValue;
import org.apache.hc.core5.util.Timeout;

/**
 * Apache HttpClient 5. It sleeps as long as its retry strategy says, so the standard one is asked
 * here, and the clock moved in place of the sleep.
 */
final class ApacheHttpClient {

  /** More than the standard strategy's own second, and less than any Retry-After but of one. */
  private static final Timeout RESPONSE_TIMEOUT = Timeout.ofSeconds(10);

  private ApacheHttpClient() {}

  static String ask(GuardedServer server, ServerClock clock) throws IOException {
    return ask(server, builder(clock));
  }

  /** {@return a builder of a client as it comes, but for its sleep} */
  static HttpClientBuilder builder(ServerClock clock) {
    return HttpClients.custom().setRetryStrategy(new ClockStrategy(clock));
  }

  static String askWithResponseTimeout(GuardedServer server, ServerClock clock) throws IOException {
    RequestConfig config = RequestConfig.custom().setResponseTimeout(RESPONSE_TIMEOUT).build();
    return ask(server, builder(clock).setDefaultRequestConfig(config));
  }

  static String askWithoutRetries(GuardedServer server, ServerClock clock) throws IOException {
    return ask(server, HttpClients.custom().disableAutomaticRetries());
  }

  private static String ask(GuardedServer server, HttpClientBuilder builder) throws IOException {
    HttpPost post = new HttpPost(server.uri("/notes"));
    post.setEntity(new StringEntity("a note"));
    try (CloseableHttpClient client = builder.build()) {
      return client.execute(
          post,
          response ->
              Seen.response(response.getCode(), EntityUtils.toString(response.getEntity())));
    }
  }

  private static final class ClockStrategy extends DefaultHttpRequestRetryStrategy {

    private final ServerClock clock;

    ClockStrategy(ServerClock clock) {
      this.clock = clock;
    }

    @Override
    public TimeValue getRetryInterval(HttpResponse response, int attempts, HttpContext context) {
      TimeValue interval = super.getRetryInterval(response, attempts, context);
      clock.waited(Duration.ofNanos(interval.toNanoseconds()));
      return TimeValue.ZERO_MILLISECONDS;
    }
  }
}
