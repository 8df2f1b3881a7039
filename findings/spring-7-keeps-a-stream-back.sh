#!/usr/bin/env bash
# Software: Spring Boot 4.0.7 (Spring 7.0) beside Spring Boot 3.5.7 (Spring 6.2), both on their Tomcat.
# Guess: a StreamingResponseBody that flushes after each line sends each line.
# Seen: a handler writes 30 lines, one in 100 ms, and flushes each. With Spring 6.2 the client has the first line at
#   once; with 7.0 it has nothing until all have been written, as flush() of the stream that Spring hands out does
#   nothing any more. The servlet's own stream, in the same program, sends each line with both.
# Means: after the update heartbeats stay in the buffer, so nobody learns that a client is gone, proxies see a silent
#   response, and a page that shows progress shows none. Call response.flushBuffer(), or take SseEmitter.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
java -version 2>&1 | sed -n 1p

cat > Seen.java <<'JAVA'
package seen;

import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.servlet.mvc.method.annotation.StreamingResponseBody;

@SpringBootApplication
@RestController
public class Seen {
  static final int LINES = 30;

  static volatile int written;

  @GetMapping("/springs")
  StreamingResponseBody springs() {
    return Seen::write;
  }

  @GetMapping("/servlets")
  void servlets(HttpServletResponse response) throws IOException {
    write(response.getOutputStream());
  }

  static void write(OutputStream out) throws IOException {
    for (written = 0; written < LINES; ) {
      out.write("step\n".getBytes());
      out.flush();
      written++;
      try {
        Thread.sleep(100);
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  /** Returns how many lines had been written when the client had its first byte. */
  static int linesAtFirstByte(int port, String path) throws IOException {
    written = 0;
    try (Socket socket = new Socket("127.0.0.1", port)) {
      socket.getOutputStream().write(("GET " + path + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").getBytes());
      socket.getInputStream().read();
      int seen = written;
      socket.getInputStream().readAllBytes();
      return seen;
    }
  }

  public static void main(String[] args) throws Exception {
    var context = new SpringApplicationBuilder(Seen.class)
        .run("--server.port=0", "--server.address=127.0.0.1", "--logging.level.root=off", "--spring.main.banner-mode=off");
    int port = Integer.parseInt(context.getEnvironment().getProperty("local.server.port"));
    boolean changed = false;
    for (String path : new String[] {"/springs", "/servlets"}) {
      boolean wasLate = path.equals("/springs") && args[0].equals("late");
      boolean isLate = linesAtFirstByte(port, path) == LINES;
      changed |= isLate != wasLate;
      System.out.println(path + ": the first byte comes " + (isLate ? "after all lines" : "before the last line")
          + (isLate == wasLate ? "" : "   CHANGED"));
    }
    System.exit(changed ? 1 : 0);
  }
}
JAVA

run() { # version, starter, what was seen
  rm -rf jars classes
  cat > pom.xml <<XML
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <parent>
    <groupId>org.springframework.boot</groupId>
    <artifactId>spring-boot-starter-parent</artifactId>
    <version>$1</version>
  </parent>
  <groupId>example</groupId>
  <artifactId>seen</artifactId>
  <version>1</version>
  <dependencies>
    <dependency>
      <groupId>org.springframework.boot</groupId>
      <artifactId>$2</artifactId>
    </dependency>
  </dependencies>
</project>
XML
  mvn -q -B dependency:copy-dependencies -DoutputDirectory=jars
  javac -parameters -cp "jars/*" -d classes Seen.java
  echo "Spring Boot $1"
  java -cp "classes:jars/*" seen.Seen "$3"
}

run 3.5.7 spring-boot-starter-web early
run 4.0.7 spring-boot-starter-webmvc late
