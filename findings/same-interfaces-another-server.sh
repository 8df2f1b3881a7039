#!/usr/bin/env bash
# Software: Jetty's jetty-http-spi 12.1.14 beside the JDK's own server, com.sun.net.httpserver, as seen in 17.
# Guess: a server behind the JDK's interfaces does what the JDK's does, and whoever writes HttpServer.create() gets that.
# Seen: with the jar on the class path HttpServer.create() gives Jetty's, unasked. Given a pool of threads by
#   setExecutor, start() returns, nothing listens, and getAddress() throws for a port of -1. Without one,
#   getRequestURI() is "http://host:port/runs?a=b" where the JDK's is "/runs?a=b", and a HEAD that is answered by
#   sendResponseHeaders(200, -1) says Content-Length: 0, where the JDK's says no length at all.
# Means: whatever compares getRequestURI() with a path matches nothing there, so an exempt path is not, or a guarded
#   one is open; health checks by HEAD see an empty page. Take getRawPath(), set Content-Length of HEAD by hand, and
#   name the provider by -Dcom.sun.net.httpserver.HttpServerProvider=... where it matters.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
java -version 2>&1 | sed -n 1p

cat > pom.xml <<'XML'
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>example</groupId>
  <artifactId>seen</artifactId>
  <version>1</version>
  <dependencies>
    <dependency>
      <groupId>org.eclipse.jetty</groupId>
      <artifactId>jetty-http-spi</artifactId>
      <version>12.1.14</version>
    </dependency>
  </dependencies>
</project>
XML
mvn -q -B dependency:copy-dependencies -DoutputDirectory=jars

cat > Seen.java <<'JAVA'
import com.sun.net.httpserver.HttpServer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.Locale;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

public class Seen {
  static boolean changed;

  static void seen(String what, Object is, Object was) {
    boolean same = is.equals(was);
    changed |= !same;
    System.out.println(what + ": " + is + (same ? "" : "   CHANGED, was " + was));
  }

  static HttpServer started(ExecutorService threads) throws Exception {
    HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 10);
    if (threads != null) {
      server.setExecutor(threads);
    }
    server.createContext("/", exchange -> {
      exchange.getResponseHeaders().set("X-Uri-Is-Absolute", "" + exchange.getRequestURI().isAbsolute());
      exchange.sendResponseHeaders(200, -1);
      exchange.close();
    });
    server.start();
    return server;
  }

  static String port(HttpServer server) {
    try {
      return server.getAddress().getPort() > 0 ? "a port" : "no port";
    } catch (IllegalArgumentException e) {
      return e.getMessage();
    }
  }

  static String head(int port) throws Exception {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.getOutputStream().write("HEAD /runs?a=b HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".getBytes());
      return new String(socket.getInputStream().readAllBytes()).toLowerCase(Locale.ROOT);
    }
  }

  public static void main(String[] args) throws Exception {
    boolean jetty = args[0].equals("jetty");
    ExecutorService threads = Executors.newFixedThreadPool(4);
    HttpServer pooled = started(threads);
    seen("HttpServer.create()", pooled.getClass().getName().startsWith("org.eclipse.jetty."), jetty);
    seen("started with a pool of threads", port(pooled), jetty ? "port out of range:-1" : "a port");
    pooled.stop(0);
    HttpServer server = started(null);
    String answer = head(server.getAddress().getPort());
    seen("the URI of a request is absolute", answer.contains("x-uri-is-absolute: true"), jetty);
    seen("HEAD says a length of 0", answer.contains("content-length: 0"), jetty);
    server.stop(0);
    threads.shutdownNow();
    System.exit(changed ? 1 : 0);
  }
}
JAVA
javac -d . Seen.java
echo "Jetty's jar on the class path:"
java -cp ".:jars/*" Seen jetty 2> /dev/null
echo "without:"
java -cp . Seen jdk
