package dev.penstock.clients;

import java.io.IOException;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.springframework.http.client.HttpComponentsClientHttpRequestFactory;
import org.springframework.web.client.RestClient;

/** Spring's client, which takes Apache HttpClient 5 where that is on the class path. */
final class SpringRestClient {

  private SpringRestClient() {}

  static String ask(GuardedServer server, ServerClock clock) {
    return ask(server, RestClient.create());
  }

  /** On the one that it would take by itself, but for its sleep. */
  static String askOnApacheHttpClient(GuardedServer server, ServerClock clock) throws IOException {
    try (CloseableHttpClient client = ApacheHttpClient.builder(clock).build()) {
      return ask(
          server,
          RestClient.builder()
              .requestFactory(new HttpComponentsClientHttpRequestFactory(client))
              .build());
    }
  }

  private static String ask(GuardedServer server, RestClient client) {
    return Seen.content(
        client.post().uri(server.uri("/notes")).body("a note").retrieve().body(String.class));
  }
}
