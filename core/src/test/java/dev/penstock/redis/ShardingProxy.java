package dev.penstock.redis;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A proxy that spreads keys over servers as twemproxy does: a script goes to the server of its
 * first key, whatever the others are, and a command that it does not know ends the connection.
 */
final class ShardingProxy implements RespServer.Session {

  private static final Set<String> SCRIPTS = Set.of("EVAL", "EVALSHA");
  private static final Set<String> OF_ONE_KEY = Set.of("GET", "SET", "DEL");

  private final List<Socket> servers = new ArrayList<>();
  private final List<InputStream> replies = new ArrayList<>();
  private final boolean byTag;
  private final boolean scripts;

  private ShardingProxy(List<RedisServer> behind, boolean byTag, boolean scripts) {
    this.byTag = byTag;
    this.scripts = scripts;
    try {
      for (RedisServer server : behind) {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port());
        socket.setTcpNoDelay(true);
        servers.add(socket);
        replies.add(new BufferedInputStream(socket.getInputStream()));
      }
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  /**
   * Starts a proxy.
   *
   * @param byTag whether keys with the same hash tag lie on one server
   */
  static RespServer start(List<RedisServer> behind, boolean byTag) throws IOException {
    return RespServer.start(() -> new ShardingProxy(behind, byTag, true));
  }

  static RespServer start(List<RedisServer> behind, boolean byTag, int port) throws IOException {
    return RespServer.start(port, () -> new ShardingProxy(behind, byTag, true));
  }

  /** Returns what such a proxy does on each connection. */
  static Supplier<RespServer.Session> sessions(List<RedisServer> behind) {
    return () -> new ShardingProxy(behind, true, true);
  }

  /** Starts a proxy that ends the connection on a script, too. */
  static RespServer startWithoutScripts(List<RedisServer> behind) throws IOException {
    return RespServer.start(() -> new ShardingProxy(behind, true, false));
  }

  @Override
  public byte @Nullable [] answer(List<byte[]> command) throws IOException {
    String name = RespServer.text(command.get(0)).toUpperCase(Locale.ROOT);
    if (name.equals("PING") || name.isEmpty()) {
      return "+PONG\r\n".getBytes(StandardCharsets.US_ASCII);
    }
    int at = SCRIPTS.contains(name) && scripts ? 3 : OF_ONE_KEY.contains(name) ? 1 : command.size();
    if (at >= command.size()) {
      return null;
    }
    int server = Math.floorMod(place(RespServer.text(command.get(at))), servers.size());
    servers.get(server).getOutputStream().write(RespServer.wire(command));
    return RespServer.reply(replies.get(server));
  }

  private int place(String key) {
    int begin = key.indexOf('{');
    int end = key.indexOf('}', begin);
    String hashed = byTag && begin >= 0 && end > begin ? key.substring(begin, end) : key;
    return (hashed.hashCode() * 0x9E3779B1) >>> 7;
  }

  @Override
  public void close() throws IOException {
    for (Socket socket : servers) {
      socket.close();
    }
  }
}
