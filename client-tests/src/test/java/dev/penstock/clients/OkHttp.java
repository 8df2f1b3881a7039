package dev.penstock.clients;

import java.io.IOException;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;

/** OkHttp. */
final class OkHttp {

  private OkHttp() {}

  static String ask(GuardedServer server, ServerClock clock) throws IOException {
    OkHttpClient client = new OkHttpClient();
    Request request =
        new Request.Builder()
            .url(server.uri("/notes").toString())
            .post(RequestBody.create("a note", null))
            .build();
    try (Response response = client.newCall(request).execute()) {
      return Seen.response(response.code(), response.body().string());
    } finally {
      client.dispatcher().executorService().shutdown();
      client.connectionPool().evictAll();
    }
  }
}
