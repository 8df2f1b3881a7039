#!/usr/bin/env bash
# Software: Tomcat 11.0.29's own RateLimitFilter, told 10 requests per 10 seconds.
# Guess: it admits ten at once, and ten more in the next ten seconds.
# Seen: the period becomes the next power of two of milliseconds, 16.4 s, and the limit grows with it: sixteen pass
#   at once. Windows are fixed to the clock, not to the first request: across an edge thirty-two pass within
#   seconds. A denied request has no Retry-After, and the RateLimit field it can be told to send names no time either.
# Means: compare limiters by what they admit, not by their options, and do not stack this filter below another limit
#   of the same numbers as a safety net: it admits three times the ten.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
cat > pom.xml <<'POM'
<project><modelVersion>4.0.0</modelVersion><groupId>seen</groupId><artifactId>seen</artifactId><version>1</version>
<dependencies><dependency><groupId>org.apache.tomcat.embed</groupId><artifactId>tomcat-embed-core</artifactId>
<version>11.0.29</version></dependency></dependencies></project>
POM
mvn -q -B org.apache.maven.plugins:maven-dependency-plugin:3.9.0:copy-dependencies -DoutputDirectory=lib

cat > Seen.java <<'JAVA'
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import org.apache.catalina.startup.Tomcat;
import org.apache.tomcat.util.descriptor.web.FilterDef;
import org.apache.tomcat.util.descriptor.web.FilterMap;

public class Seen {
  static final HttpClient CLIENT = HttpClient.newHttpClient();
  static URI uri;
  static HttpResponse<String> denied;

  static class Fine extends HttpServlet {
    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
      response.getWriter().print("fine");
    }
  }

  static boolean permitted() throws Exception {
    var response = CLIENT.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
    if (response.statusCode() == 429) {
      denied = response;
    }
    return response.statusCode() == 200;
  }

  static int permittedInARow() throws Exception {
    int count = 0;
    while (count < 100 && permitted()) {
      count++;
    }
    return count;
  }

  public static void main(String[] args) throws Exception {
    var tomcat = new Tomcat();
    tomcat.setBaseDir(Path.of("tomcat").toAbsolutePath().toString());
    tomcat.setPort(0);
    tomcat.getConnector().setProperty("address", "127.0.0.1");
    var context = tomcat.addContext("", null);
    Tomcat.addServlet(context, "fine", new Fine());
    context.addServletMappingDecoded("/*", "fine");
    var filter = new FilterDef();
    filter.setFilterName("limit");
    filter.setFilterClass("org.apache.catalina.filters.RateLimitFilter");
    filter.addInitParameter("bucketRequests", "10");
    filter.addInitParameter("bucketDuration", "10");
    filter.addInitParameter("exposeHeaders", "true");
    context.addFilterDef(filter);
    var map = new FilterMap();
    map.setFilterName("limit");
    map.addURLPattern("/*");
    context.addFilterMap(map);
    tomcat.start();
    uri = URI.create("http://127.0.0.1:" + tomcat.getConnector().getLocalPort() + "/");

    while (permitted()) {
      Thread.onSpinWait(); // use up the window that happens to run
    }
    long start = System.nanoTime();
    while (!permitted()) {
      Thread.sleep(50); // until the next begins
    }
    long waited = (System.nanoTime() - start) / 1_000_000;
    long edge = System.currentTimeMillis();
    Thread.sleep(Math.max(0, 16_384 - 7_000 - edge % 16_384));
    int before = permittedInARow() + 1;
    while (System.currentTimeMillis() >>> 14 == edge >>> 14) {
      Thread.sleep(10);
    }
    int after = permittedInARow();
    System.out.printf("a window began after %d ms, %d ms after a multiple of 16,384 ms of the clock%n",
        waited, edge % 16_384);
    System.out.printf("before the next edge %d pass, just after it %d%n", before, after);
    var fields = denied.headers();
    System.out.println("denied: Retry-After " + fields.firstValue("Retry-After").orElse("none")
        + ", RateLimit " + fields.firstValue("RateLimit").orElse("none")
        + ", RateLimit-Policy " + fields.firstValue("RateLimit-Policy").orElse("none"));
    boolean asSeen = before == 16 && after == 16 && edge % 16_384 < 3_000 && fields.firstValue("Retry-After").isEmpty()
        && !fields.firstValue("RateLimit").orElse("").contains("t=");
    System.out.println(asSeen ? "" : "CHANGED");
    System.exit(asSeen ? 0 : 1);
  }
}
JAVA
java -cp 'lib/*' Seen.java 2> java.log || { tail -n 5 java.log; exit 1; }
