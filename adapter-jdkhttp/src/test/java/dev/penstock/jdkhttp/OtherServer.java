package dev.penstock.jdkhttp;

import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.spi.HttpServerProvider;
import dev.penstock.http.HttpAdapterContract.LimitedServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/**
 * A server of others behind the interfaces of the JDK's, with threads of its own. Its jars are seen
 * by nobody else: the JDK gives the first server that it finds on the class path to whoever asks.
 */
record OtherServer(HttpServer server) implements LimitedServer {

  private static final Path JARS = Path.of("target", "other-servers");
  private static final int BACKLOG = 128;

  /** What is to be done before the server starts. */
  interface Setup {
    void accept(HttpServer server) throws IOException;
  }

  /** Loads a server's jars. */
  static HttpServerProvider provider(String folder, String className) {
    try (Stream<Path> jars = Files.list(JARS.resolve(folder))) {
      URL[] urls = jars.map(OtherServer::url).toArray(URL[]::new);
      ClassLoader loader = new URLClassLoader(urls, OtherServer.class.getClassLoader());
      return (HttpServerProvider)
          loader.loadClass(className).getDeclaredConstructor().newInstance();
    } catch (IOException | ReflectiveOperationException e) {
      throw new IllegalStateException("no jars of " + folder + ", which the build copies", e);
    }
  }

  private static URL url(Path jar) {
    try {
      return jar.toUri().toURL();
    } catch (MalformedURLException e) {
      throw new IllegalStateException(e);
    }
  }

  static OtherServer start(HttpServerProvider provider, Setup setup) throws IOException {
    InetSocketAddress loopback = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    HttpServer server = provider.createHttpServer(loopback, BACKLOG);
    setup.accept(server);
    server.start();
    return new OtherServer(server);
  }

  @Override
  public int port() {
    return server.getAddress().getPort();
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
