package dev.penstock.clients;

import org.springframework.web.client.RestClient;

/** Spring's client, which takes Apache HttpClient 5 where that is on the class path. */
final class SpringRestClient {

  private SpringRestClient() {}

  static String ask(GuardedServer server, ServerClock clock) {
    return Seen.content(
        RestClient.create()
            .post()
            .uri(server.uri("/notes"))
            .body("a note")
            .retrieve()
            .body(String.class));
  }
}
