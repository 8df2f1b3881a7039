#!/usr/bin/env bash
# Software: Tomcat 11.0.29 (RemoteIpValve), Spring 7.0's ForwardedHeaderFilter on it, Jetty 12.1.14
#   (ForwardedRequestCustomizer), Undertow 2.3.26 (ProxyPeerAddressHandler), each as it is without options.
# Guess: behind a trusted proxy getRemoteAddr() is the client's address, one text for one client.
# Seen: some proxies put the port into X-Forwarded-For. Tomcat then reports "203.0.113.7:5678", Spring the same in
#   square brackets, Undertow an address that is null, only Jetty parts the two. One IPv6 client is "2001:db8::1" on
#   Tomcat, "[2001:db8::1]" on Spring and Jetty, "2001:db8:0:0:0:0:0:1" on Undertow; upper case and "0:0" stay as
#   they came, but on Undertow. Of two addresses Tomcat takes the last, the others the first. Forwarded counts for
#   Spring and Jetty only.
# Means: never use this text as a key: with a port in it each connection is a client of its own, with a full budget.
#   Parse it, without a port, into bytes, and cut IPv6 to a prefix; what does not parse shares one key.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
cat > pom.xml <<'POM'
<project><modelVersion>4.0.0</modelVersion><groupId>seen</groupId><artifactId>seen</artifactId><version>1</version>
<dependencies>
<dependency><groupId>org.apache.tomcat.embed</groupId><artifactId>tomcat-embed-core</artifactId>
<version>11.0.29</version></dependency>
<dependency><groupId>org.springframework</groupId><artifactId>spring-web</artifactId>
<version>7.0.0</version></dependency>
<dependency><groupId>org.springframework</groupId><artifactId>spring-context</artifactId>
<version>7.0.0</version></dependency>
<dependency><groupId>org.eclipse.jetty</groupId><artifactId>jetty-server</artifactId>
<version>12.1.14</version></dependency>
<dependency><groupId>io.undertow</groupId><artifactId>undertow-core</artifactId>
<version>2.3.26.Final</version></dependency>
</dependencies></project>
POM
mvn -q -B org.apache.maven.plugins:maven-dependency-plugin:3.9.0:copy-dependencies -DoutputDirectory=lib

cat > Seen.java <<'JAVA'
import io.undertow.Undertow;
import io.undertow.server.handlers.ProxyPeerAddressHandler;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.apache.catalina.Context;
import org.apache.catalina.startup.Tomcat;
import org.apache.catalina.valves.RemoteIpValve;
import org.apache.tomcat.util.descriptor.web.FilterDef;
import org.apache.tomcat.util.descriptor.web.FilterMap;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.ForwardedRequestCustomizer;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.Callback;
import org.springframework.web.filter.ForwardedHeaderFilter;

public class Seen {
  static class Address extends HttpServlet {
    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
      response.getWriter().print(request.getRemoteAddr());
    }
  }

  static int tomcat(boolean spring) throws Exception {
    var tomcat = new Tomcat();
    tomcat.setBaseDir(Path.of("tomcat" + spring).toAbsolutePath().toString());
    tomcat.setPort(0);
    tomcat.getConnector().setProperty("address", "127.0.0.1");
    Context context = tomcat.addContext("", null);
    Tomcat.addServlet(context, "address", new Address());
    context.addServletMappingDecoded("/*", "address");
    if (spring) {
      var filter = new FilterDef();
      filter.setFilterName("forwarded");
      filter.setFilter(new ForwardedHeaderFilter());
      context.addFilterDef(filter);
      var map = new FilterMap();
      map.setFilterName("forwarded");
      map.addURLPattern("/*");
      context.addFilterMap(map);
    } else {
      context.getPipeline().addValve(new RemoteIpValve());
    }
    tomcat.start();
    return tomcat.getConnector().getLocalPort();
  }

  static int jetty() throws Exception {
    var server = new Server();
    var configuration = new HttpConfiguration();
    configuration.addCustomizer(new ForwardedRequestCustomizer());
    var connector = new ServerConnector(server, new HttpConnectionFactory(configuration));
    connector.setHost("127.0.0.1");
    server.addConnector(connector);
    server.setHandler(new Handler.Abstract() {
      @Override
      public boolean handle(Request request, Response response, Callback callback) {
        Content.Sink.write(response, true, Request.getRemoteAddr(request), callback);
        return true;
      }
    });
    server.start();
    return connector.getLocalPort();
  }

  static int undertow() {
    var handler = new ProxyPeerAddressHandler(exchange -> {
      var address = exchange.getSourceAddress().getAddress();
      exchange.getResponseSender().send(address == null ? "null" : address.getHostAddress());
    });
    var undertow = Undertow.builder().addHttpListener(0, "127.0.0.1").setHandler(handler).build();
    undertow.start();
    return ((InetSocketAddress) undertow.getListenerInfo().get(0).getAddress()).getPort();
  }

  static String ask(int port, String field) throws IOException {
    try (var socket = new Socket("127.0.0.1", port)) {
      socket.setSoTimeout(10_000);
      socket.getOutputStream()
          .write(("GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n" + field + "\r\n\r\n").getBytes());
      String[] parts = new String(socket.getInputStream().readAllBytes()).split("\r\n\r\n", 2);
      return parts[0].contains("chunked") ? parts[1].split("\r\n")[1] : parts[1];
    }
  }

  public static void main(String[] args) throws Exception {
    List<Integer> ports = List.of(tomcat(false), tomcat(true), jetty(), undertow());
    String[][] wanted = {
      {"X-Forwarded-For: 203.0.113.7", "203.0.113.7", "203.0.113.7", "203.0.113.7", "203.0.113.7"},
      {"X-Forwarded-For: 203.0.113.7:5678", "203.0.113.7:5678", "[203.0.113.7:5678]", "203.0.113.7", "null"},
      {"X-Forwarded-For: 2001:db8::1", "2001:db8::1", "[2001:db8::1]", "[2001:db8::1]", "2001:db8:0:0:0:0:0:1"},
      {"X-Forwarded-For: 2001:DB8:0:0::1", "2001:DB8:0:0::1", "[2001:DB8:0:0::1]", "[2001:DB8:0:0::1]",
          "2001:db8:0:0:0:0:0:1"},
      {"X-Forwarded-For: [2001:db8::1]:5678", "[2001:db8::1]:5678", "[2001:db8::1]:5678", "[2001:db8::1]", "null"},
      {"X-Forwarded-For: 203.0.113.7, 198.51.100.2", "198.51.100.2", "203.0.113.7", "203.0.113.7", "203.0.113.7"},
      {"Forwarded: for=\"[2001:db8::1]:5678\"", "127.0.0.1", "[2001:db8::1]", "[2001:db8::1]", "127.0.0.1"},
    };
    boolean changed = false;
    for (String[] row : wanted) {
      System.out.println(row[0]);
      for (int i = 0; i < ports.size(); i++) {
        String seen = ask(ports.get(i), row[0]);
        boolean asSeen = seen.equals(row[i + 1]);
        changed |= !asSeen;
        System.out.printf("   %-8s %s%s%n", Arrays.asList("Tomcat", "Spring", "Jetty", "Undertow").get(i), seen,
            asSeen ? "" : "   CHANGED, was " + row[i + 1]);
      }
    }
    System.exit(changed ? 1 : 0);
  }
}
JAVA
java -cp 'lib/*' Seen.java 2> java.log || { grep -v '^\s*at ' java.log | tail -n 20; exit 1; }
