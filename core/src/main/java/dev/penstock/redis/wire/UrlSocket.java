package dev.penstock.redis.wire;

import java.io.IOException;
import java.net.Socket;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.DefaultJedisSocketFactory;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.JedisSocketFactory;

/** Makes the socket of one connection, and closes it at once where jedis would still write. */
final class UrlSocket implements JedisSocketFactory {

  private final JedisSocketFactory sockets;
  private volatile @Nullable Socket last;

  UrlSocket(HostAndPort address, UrlConfig config) {
    this.sockets = new DefaultJedisSocketFactory(address, config);
  }

  @Override
  public Socket createSocket() {
    Socket made = sockets.createSocket();
    last = made;
    return made;
  }

  void close() throws IOException {
    Socket made = last;
    if (made != null) {
      made.close();
    }
  }
}
