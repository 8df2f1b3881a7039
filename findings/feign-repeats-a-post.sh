#!/usr/bin/env bash
# Software: OpenFeign feign-core 13.13, nothing configured.
# Guess: an unsafe method is not repeated, and whoever reads Retry-After waits that long.
# Seen: a POST answered by 429 with Retry-After is sent five times within some five seconds, whether the field says
#   60 or the year 2100; so is one answered by 400. With Retry-After 0 the five are sent within a second or so.
#   Without the field it is sent once, also on 503.
# Means: for these callers Retry-After is what makes them come back, four times and too early: each call of a client
#   over its limit costs five decisions. Let denied requests cost nothing, and tell callers to set
#   Retryer.NEVER_RETRY.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

cat > pom.xml <<'POM'
<project><modelVersion>4.0.0</modelVersion><groupId>seen</groupId><artifactId>seen</artifactId><version>1</version>
<dependencies><dependency><groupId>io.github.openfeign</groupId><artifactId>feign-core</artifactId>
<version>13.13</version></dependency></dependencies></project>
POM
mvn -q -B org.apache.maven.plugins:maven-dependency-plugin:3.9.0:copy-dependencies -DoutputDirectory=lib

cat > Seen.java <<'JAVA'
import com.sun.net.httpserver.HttpServer;
import feign.Feign;
import feign.FeignException;
import feign.RequestLine;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

public class Seen {
  interface Api {
    @RequestLine("POST /notes")
    String add(String note);
  }

  static boolean changed;

  static void post(int status, String retryAfter, int wantedRequests, int fromMs, int toMs) throws Exception {
    List<Long> arrivals = Collections.synchronizedList(new ArrayList<>());
    var server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", exchange -> {
      exchange.getRequestBody().readAllBytes();
      arrivals.add(System.nanoTime() / 1_000_000);
      if (retryAfter != null) {
        exchange.getResponseHeaders().set("Retry-After", retryAfter);
      }
      exchange.sendResponseHeaders(status, -1);
      exchange.close();
    });
    server.start();
    String end;
    try {
      end = Feign.builder().target(Api.class, "http://127.0.0.1:" + server.getAddress().getPort()).add("x");
    } catch (FeignException e) {
      end = e.getClass().getSimpleName();
    }
    server.stop(0);
    long took = arrivals.get(arrivals.size() - 1) - arrivals.get(0);
    boolean asSeen = arrivals.size() == wantedRequests && took >= fromMs && took <= toMs;
    changed |= !asSeen;
    System.out.printf("%d, Retry-After %s: %d POSTs over %d ms, then %s%s%n",
        status, retryAfter, arrivals.size(), took, end, asSeen ? "" : "   CHANGED");
  }

  public static void main(String[] args) throws Exception {
    post(429, "60", 5, 3_000, 20_000);
    post(429, "Fri, 31 Dec 2100 23:59:59 GMT", 5, 3_000, 20_000);
    post(400, "60", 5, 3_000, 20_000);
    post(429, "0", 5, 0, 10_000);
    post(429, null, 1, 0, 0);
    post(503, null, 1, 0, 0);
    System.exit(changed ? 1 : 0);
  }
}
JAVA
java -cp 'lib/*' Seen.java
