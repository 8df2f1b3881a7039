#!/usr/bin/env bash
# Software: the JDK's com.sun.net.httpserver, Debian 12's openjdk-17 in 17.0.19 and in the update 17.0.21.1.
# Guess: an update within one Java version changes nothing of what a handler is given.
# Seen: a target with two slashes in front, as a base address that ends in one makes of "/api/notes", reaches a
#   handler in 17.0.19. In 17.0.21.1 the server answers 400 by itself, so no handler and no filter sees it. Two slashes
#   further on pass in both.
# Means: nothing a limiter does for such requests, counting, logging, a 429, happens on updated machines, and tests
#   of it pass or fail by the machine they run on. Let tests accept both, and watch for clients that lose a whole API.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
chmod 755 .

cat > Seen.java <<'JAVA'
import com.sun.net.httpserver.HttpServer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;

public class Seen {
  public static void main(String[] args) throws Exception {
    var server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    boolean[] handled = {false};
    server.createContext("/", exchange -> {
      handled[0] = true;
      exchange.sendResponseHeaders(200, -1);
      exchange.close();
    });
    server.start();
    for (String target : args) {
      handled[0] = false;
      try (var socket = new Socket(InetAddress.getLoopbackAddress(), server.getAddress().getPort())) {
        socket.setSoTimeout(10_000);
        String request = "GET " + target + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
        socket.getOutputStream().write(request.getBytes());
        String response = new String(socket.getInputStream().readAllBytes());
        System.out.println(target + " " + response.split(" ")[1] + (handled[0] ? " by the handler" : " by the server"));
      }
    }
    server.stop(0);
  }
}
JAVA
javac --release 17 -d . Seen.java

changed=0
watch() { # version of the package, what two slashes in front bring
  apt-get download -qq "openjdk-17-jre-headless=$1" 2> apt.log || { cat apt.log; exit 1; }
  dpkg -x openjdk-17-jre-headless_*.deb "jre-$1"
  rm openjdk-17-jre-headless_*.deb
  # The package's settings are links into /etc: point them to those it brings.
  find "jre-$1" -lname '/etc/*' | while read -r link; do ln -sfn "$PWD/jre-$1$(readlink "$link")" "$link"; done
  local java
  java=$(echo "jre-$1"/usr/lib/jvm/java-17-openjdk-*/bin/java)
  "$java" -version 2>&1 | sed -n 1p
  "$java" -cp . Seen /notes /api//notes //api/notes | tee seen.txt
  printf '%s\n' '/notes 200 by the handler' '/api//notes 200 by the handler' "//api/notes $2" > wanted.txt
  cmp -s seen.txt wanted.txt || { echo "   CHANGED, was:"; cat wanted.txt; changed=1; }
}
watch '17.0.19+10-1~deb12u2' '200 by the handler'
watch '17.0.21.1+2-1~deb12u1' '400 by the server'
exit "$changed"
