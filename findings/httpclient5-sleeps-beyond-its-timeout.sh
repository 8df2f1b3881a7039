#!/usr/bin/env bash
# Software: Apache HttpClient 5.5, 5.5.1 and 5.6.5, nothing configured but a response timeout.
# Guess: who waits two seconds at most for an answer does not sleep three for a repetition, least of all after an
#   update from 5.5 to 5.5.1.
# Seen: a POST is answered 429 with Retry-After: 3, the response timeout is two seconds. With 5.5, as with 5.3 and
#   5.4, the caller has the 429 at once. With 5.5.1 and 5.6 its thread sleeps three seconds, whatever the timeout, and
#   the POST is sent again. Only a timeout below one second, which is the client's own pause, still prevents it.
# Means: a timeout that bounded a call does not bound it any more: with Retry-After: 86400 the thread is gone for a
#   day. Call disableAutomaticRetries(), or give the retry strategy a bound of your own.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

cat > Seen.java <<'JAVA'
import com.sun.net.httpserver.HttpServer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.hc.client5.http.classic.methods.HttpPost;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.core5.http.io.entity.StringEntity;
import org.apache.hc.core5.util.Timeout;

public class Seen {
  static boolean changed;

  static void post(Timeout timeout, int wantedRequests) throws Exception {
    AtomicInteger requests = new AtomicInteger();
    HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", exchange -> {
      exchange.getRequestBody().readAllBytes();
      requests.incrementAndGet();
      exchange.getResponseHeaders().set("Retry-After", "3");
      exchange.sendResponseHeaders(429, -1);
      exchange.close();
    });
    server.start();
    RequestConfig config = RequestConfig.custom().setResponseTimeout(timeout).build();
    HttpPost post = new HttpPost("http://127.0.0.1:" + server.getAddress().getPort() + "/");
    post.setEntity(new StringEntity("a note"));
    long begin = System.nanoTime();
    try (var client = HttpClients.custom().setDefaultRequestConfig(config).build()) {
      client.execute(post, response -> response.getCode());
    }
    double seconds = (System.nanoTime() - begin) / 1e9;
    server.stop(0);
    boolean asSeen = requests.get() == wantedRequests && (wantedRequests == 1 || seconds >= 3);
    changed |= !asSeen;
    System.out.printf("  response timeout of %s: sent %d times, in hand after %.1f s%s%n",
        timeout, requests.get(), seconds, asSeen ? "" : "   CHANGED");
  }

  public static void main(String[] args) throws Exception {
    post(Timeout.ofSeconds(2), Integer.parseInt(args[0]));
    post(Timeout.ofMilliseconds(500), 1);
    System.exit(changed ? 1 : 0);
  }
}
JAVA

run() { # version, how often the POST is sent
  rm -rf lib
  cat > pom.xml <<XML
<project><modelVersion>4.0.0</modelVersion><groupId>seen</groupId><artifactId>seen</artifactId><version>1</version>
<dependencies><dependency><groupId>org.apache.httpcomponents.client5</groupId><artifactId>httpclient5</artifactId>
<version>$1</version></dependency></dependencies></project>
XML
  mvn -q -B org.apache.maven.plugins:maven-dependency-plugin:3.9.0:copy-dependencies -DoutputDirectory=lib
  echo "httpclient5 $1"
  java -cp 'lib/*' Seen.java "$2" 2> /dev/null
}

run 5.5 1
run 5.5.1 2
run 5.6.5 2
