#!/usr/bin/env bash
# Software: the JDK's sun.misc.Signal, as seen in 17 and 25; runs with the java of the path.
# Guess: a process whose handler of SIGHUP was taken without a complaint is told of SIGHUP.
# Seen: started by a shell it is. Started by nohup, or by whatever ignores SIGHUP, handle() returns as ever and no
#   signal comes: the virtual machine leaves SIGHUP and SIGTERM ignored where it finds them so, and the only sign is
#   the handler before, which is SIG_IGN.
# Means: "kill -HUP reloads the configuration" holds or not by how the process was started. Look at what handle()
#   returns, say so, and have another way to reload.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
java -version 2>&1 | sed -n 1p

cat > Seen.java <<'JAVA'
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import sun.misc.Signal;
import sun.misc.SignalHandler;

public class Seen {
  public static void main(String[] arguments) throws Exception {
    var told = new CountDownLatch(1);
    SignalHandler before = Signal.handle(new Signal(arguments[0]), signal -> told.countDown());
    String pid = Long.toString(ProcessHandle.current().pid());
    new ProcessBuilder("sh", "-c", "kill -" + arguments[0] + " " + pid).start().waitFor();
    boolean heard = told.await(2, TimeUnit.SECONDS);
    System.out.println(arguments[0] + (before == SignalHandler.SIG_IGN ? " was ignored" : " was not ignored")
        + ", and is " + (heard ? "heard" : "not heard"));
  }
}
JAVA
javac -nowarn Seen.java 2> /dev/null

{
  sh -c 'trap - HUP; exec java Seen HUP'
  sh -c 'trap "" HUP; exec java Seen HUP'
  sh -c 'trap "" TERM; exec java Seen TERM'
} | tee seen

diff seen - <<'EXPECTED' || { echo "changed"; exit 1; }
HUP was not ignored, and is heard
HUP was ignored, and is not heard
TERM was ignored, and is not heard
EXPECTED
echo "as described"
