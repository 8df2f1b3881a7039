package dev.penstock.redis;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Ports of the loopback address that nobody listens on. They lie below the range that systems give
 * to outgoing connections, so a server that is down finds its port free when it comes back; 10,000
 * above lies the port of a cluster node's bus. JVMs that test side by side have ports of their own:
 * one takes none on which a server of another is about to come back.
 */
public final class LoopbackPorts {

  public static final String HOST = "127.0.0.1";

  private static final int LEAST = 11_000;
  private static final int MOST = 20_999;
  private static final int BUS_OFFSET = 10_000;
  private static final int ATTEMPTS = 10_000;

  /** Of JVMs at once that share no port. */
  private static final int FORKS = 4;

  private static final int FORK = Integer.getInteger("penstock.test.fork", 0) % FORKS;
  private static final Set<Integer> GIVEN = ConcurrentHashMap.newKeySet();

  private LoopbackPorts() {}

  /** Returns a port that this process has not been given before. */
  static int next() {
    for (int i = 0; i < ATTEMPTS; i++) {
      int port = ThreadLocalRandom.current().nextInt(LEAST, MOST + 1);
      if (port % FORKS == FORK && GIVEN.add(port) && free(port) && free(port + BUS_OFFSET)) {
        return port;
      }
    }
    throw new IllegalStateException("no free port between " + LEAST + " and " + MOST);
  }

  static InetSocketAddress address(int port) {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
  }

  private static boolean free(int port) {
    try (ServerSocket socket = new ServerSocket()) {
      socket.bind(address(port));
      return true;
    } catch (IOException e) {
      return false;
    }
  }
}
