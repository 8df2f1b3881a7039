#!/usr/bin/env bash
# Software: Javalin 7.2.3 on its Jetty.
# Guess: a route of sse(...) sends its events to whoever asks, and flush() of ctx.outputStream() sends what is there.
# Seen: without Accept: text/event-stream, as from curl, java.net.http and most SDKs that read streams, the route is
#   not run: the answer is an empty 200. And a handler that writes 30 lines, one in 100 ms, and flushes each by
#   ctx.outputStream() reaches its client when all have been written; by ctx.res().getOutputStream() line by line.
# Means: an agent that asks without the field sees a run that ended well and said nothing, and nobody sees an error.
#   Nothing that flushes in vain finds out that its client is gone, either. Try streams without Accept, refuse what
#   you do not answer by a 406 of your own, and take the servlet's stream.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

cat > pom.xml <<'POM'
<project><modelVersion>4.0.0</modelVersion><groupId>seen</groupId><artifactId>seen</artifactId><version>1</version>
<dependencies><dependency><groupId>io.javalin</groupId><artifactId>javalin</artifactId>
<version>7.2.3</version></dependency></dependencies></project>
POM
mvn -q -B org.apache.maven.plugins:maven-dependency-plugin:3.9.0:copy-dependencies -DoutputDirectory=lib

cat > Seen.java <<'JAVA'
import io.javalin.Javalin;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;

public class Seen {
  static final int LINES = 30;

  static volatile int written;
  static volatile boolean ran;
  static boolean changed;
  static int port;

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

  static Socket asked(String path, String accept) throws IOException {
    Socket socket = new Socket("127.0.0.1", port);
    String line = accept.isEmpty() ? "" : "Accept: " + accept + "\r\n";
    socket.getOutputStream()
        .write(("GET " + path + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" + line + "\r\n").getBytes());
    return socket;
  }

  static void stream(String path, boolean wasLate) throws IOException {
    written = 0;
    try (Socket socket = asked(path, "")) {
      socket.getInputStream().read();
      boolean late = written == LINES;
      socket.getInputStream().readAllBytes();
      seen(path, "the first byte comes " + (late ? "after all lines" : "before the last line"), late == wasLate);
    }
  }

  static void events(String accept, boolean hadRun) throws IOException {
    ran = false;
    try (Socket socket = asked("/events", accept)) {
      String answer = new String(socket.getInputStream().readAllBytes());
      String status = answer.substring(0, answer.indexOf('\r'));
      String content = answer.substring(answer.indexOf("\r\n\r\n") + 4);
      boolean has = content.contains("data: step");
      seen("/events, Accept: " + accept, status + ", " + (has ? "with the event" : content.length() + " bytes"),
          status.contains(" 200 ") && has == hadRun && ran == hadRun && (has || content.isEmpty()));
    }
  }

  static void seen(String what, String is, boolean asSeen) {
    changed |= !asSeen;
    System.out.println(what + ": " + is + (asSeen ? "" : "   CHANGED"));
  }

  public static void main(String[] args) throws Exception {
    Javalin javalin = Javalin.create(config -> {
      config.jetty.host = "127.0.0.1";
      config.startup.showJavalinBanner = false;
      config.routes.get("/javalins", context -> write(context.outputStream()));
      config.routes.get("/servlets", context -> write(context.res().getOutputStream()));
      config.routes.sse("/events", client -> {
        ran = true;
        client.sendEvent("step");
        client.close();
      });
    }).start(0);
    port = javalin.port();
    events("text/event-stream", true);
    events("*/*", false);
    events("", false);
    stream("/javalins", true);
    stream("/servlets", false);
    javalin.stop();
    System.exit(changed ? 1 : 0);
  }
}
JAVA
java -cp 'lib/*' Seen.java 2> /dev/null
