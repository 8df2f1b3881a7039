#!/usr/bin/env bash
# Software: the JDK's two HTTP clients, as seen in 17 and 25; runs with the java of the path.
# Guess: a request whose answer was lost is sent again only where that is safe, so not a POST.
# Seen: the server reads a request and closes the connection without an answer, the first on that connection or not.
#   HttpURLConnection sends it again by itself, once, POST, PUT and DELETE as well as GET, and the caller sees one
#   200; only a body streamed with a fixed length ends in an exception. java.net.http.HttpClient does so for GET
#   alone. The property sun.net.http.retryPost=false stops the POST, and leaves PUT and DELETE.
# Means: a server that is killed, or a proxy that closes, between charge and answer is charged twice for one call of
#   its client. Such clients need a generous capacity or an idempotency key, and a costly run belongs behind such a
#   key.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
java -version 2>&1 | sed -n 1p

cat > Seen.java <<'JAVA'
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicInteger;

public class Seen {
  interface Call {
    int status(URI uri, String method) throws Exception;
  }

  static boolean changed;

  /** Answers some requests of its first connection, closes it instead of the next answer, and serves all others. */
  static ServerSocket server(int answered, AtomicInteger received) throws IOException {
    var listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    var accepting = new Thread(() -> {
      for (boolean first = true; ; first = false) {
        try {
          Socket socket = listening.accept();
          int limit = first ? answered : Integer.MAX_VALUE;
          var serving = new Thread(() -> serve(socket, limit, received));
          serving.setDaemon(true);
          serving.start();
        } catch (IOException closed) {
          return;
        }
      }
    });
    accepting.setDaemon(true);
    accepting.start();
    return listening;
  }

  static void serve(Socket socket, int limit, AtomicInteger received) {
    try (socket) {
      InputStream in = new BufferedInputStream(socket.getInputStream());
      for (int answers = 0; ; answers++) {
        var head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
          int next = in.read();
          if (next < 0) {
            return;
          }
          head.append((char) next);
        }
        for (String line : head.toString().toLowerCase(Locale.ROOT).split("\r\n")) {
          if (line.startsWith("content-length:")) {
            in.readNBytes(Integer.parseInt(line.substring(15).trim()));
          }
        }
        received.incrementAndGet();
        if (answers == limit) {
          return;
        }
        socket.getOutputStream().write("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n".getBytes());
      }
    } catch (IOException gone) {
      System.out.println("   (a connection ended: " + gone.getMessage() + ")");
    }
  }

  static int old(URI uri, String method, boolean streamed) throws IOException {
    var connection = (HttpURLConnection) uri.toURL().openConnection();
    connection.setRequestMethod(method);
    if (streamed) {
      connection.setFixedLengthStreamingMode(5);
    }
    if (!method.equals("GET")) {
      connection.setDoOutput(true);
      connection.getOutputStream().write("hello".getBytes());
    }
    int status = connection.getResponseCode();
    connection.getInputStream().readAllBytes();
    return status;
  }

  static int current(URI uri, String method) throws Exception {
    var body = method.equals("GET") ? BodyPublishers.noBody() : BodyPublishers.ofString("hello");
    var request = HttpRequest.newBuilder(uri).method(method, body).build();
    return CLIENT.send(request, BodyHandlers.discarding()).statusCode();
  }

  static final HttpClient CLIENT = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  static void lose(String client, String method, Call call, int answered, int wantedRequests) throws Exception {
    var received = new AtomicInteger();
    String end = "";
    try (var listening = server(answered, received)) {
      URI uri = URI.create("http://127.0.0.1:" + listening.getLocalPort() + "/");
      for (int i = 0; i < answered; i++) {
        call.status(uri, method);
      }
      received.set(0);
      try {
        end += call.status(uri, method);
      } catch (IOException e) {
        end = "an IOException";
      }
    }
    boolean asSeen = received.get() == wantedRequests && end.equals(wantedRequests == 2 ? "200" : "an IOException");
    changed |= !asSeen;
    System.out.printf("%s %s, %s connection: the server has it %d times, the caller sees %s%s%n", client, method,
        answered == 0 ? "new" : "kept", received.get(), end, asSeen ? "" : "   CHANGED");
  }

  public static void main(String[] args) throws Exception {
    boolean retryPost = !"false".equals(System.getProperty("sun.net.http.retryPost"));
    for (int answered = 0; answered < 2; answered++) {
      for (String method : new String[] {"GET", "POST", "PUT", "DELETE"}) {
        lose("HttpURLConnection", method, (uri, m) -> old(uri, m, false), answered,
            method.equals("POST") && !retryPost ? 1 : 2);
        lose("HttpClient", method, Seen::current, answered, method.equals("GET") ? 2 : 1);
      }
      lose("HttpURLConnection, streaming,", "POST", (uri, m) -> old(uri, m, true), answered, 1);
    }
    System.exit(changed ? 1 : 0);
  }
}
JAVA
javac -d . Seen.java
java -cp . Seen
echo "with sun.net.http.retryPost=false"
java -Dsun.net.http.retryPost=false -cp . Seen
