package dev.penstock.clients;

import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;

/** The JDK's own client. */
final class JdkHttpClient {

  private JdkHttpClient() {}

  static String ask(GuardedServer server, ServerClock clock)
      throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(server.uri("/notes"))
            .POST(HttpRequest.BodyPublishers.ofString("a note"))
            .build();
    HttpResponse<String> response =
        HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
    return Seen.response(response.statusCode(), response.body());
  }
}
