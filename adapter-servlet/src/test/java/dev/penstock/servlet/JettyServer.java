package dev.penstock.servlet;

import dev.penstock.http.HttpAdapterContract.LimitedServer;
import java.io.IOException;
import java.net.InetAddress;
import org.eclipse.jetty.ee10.servlet.ErrorPageErrorHandler;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.http.CookieCompliance;
import org.eclipse.jetty.http.UriCompliance;
import org.eclipse.jetty.http2.server.HTTP2CServerConnectionFactory;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.thread.QueuedThreadPool;

/** Jetty with one application at the root. */
record JettyServer(Server server) implements LimitedServer {

  static JettyServer start(ServletContainer.Setup setup) throws IOException {
    return startLenient(setup);
  }

  /** Starts it with what it says of request targets by itself. */
  static JettyServer startStrict(ServletContainer.Setup setup) throws IOException {
    return start(application(setup), new HttpConfiguration());
  }

  /** Starts it with everything allowed and decoded in request targets that can be. */
  static JettyServer startLenient(ServletContainer.Setup setup) throws IOException {
    ServletContextHandler application = application(setup);
    application.getServletHandler().setDecodeAmbiguousURIs(true);
    HttpConfiguration http = new HttpConfiguration();
    http.setUriCompliance(UriCompliance.UNSAFE);
    return start(application, http);
  }

  /** Starts it with what cookies may be, and with what it says of all else by itself. */
  static JettyServer start(ServletContainer.Setup setup, CookieCompliance cookies)
      throws IOException {
    HttpConfiguration http = new HttpConfiguration();
    http.setRequestCookieCompliance(cookies);
    return start(application(setup), http);
  }

  private static JettyServer start(ServletContextHandler application, HttpConfiguration http)
      throws IOException {
    Server server = new Server(new QueuedThreadPool(16));
    server.addConnector(connector(server, http));
    server.setHandler(application);
    try {
      server.start();
    } catch (Exception e) {
      throw new IOException(e);
    }
    return new JettyServer(server);
  }

  private static ServletContextHandler application(ServletContainer.Setup setup) {
    ServletContextHandler application = new ServletContextHandler();
    application.addServletContainerInitializer((classes, context) -> setup.accept(context));
    ErrorPageErrorHandler pages = new ErrorPageErrorHandler();
    pages.addErrorPage(ServletContainer.ERROR_STATUS, ServletContainer.ERROR_PAGE);
    application.setErrorHandler(pages);
    return application;
  }

  private static ServerConnector connector(Server server, HttpConfiguration http) {
    ServerConnector connector =
        new ServerConnector(
            server, new HttpConnectionFactory(http), new HTTP2CServerConnectionFactory(http));
    connector.setHost(InetAddress.getLoopbackAddress().getHostAddress());
    connector.setAcceptedSendBufferSize(ServletContainer.SEND_BUFFER);
    return connector;
  }

  @Override
  public int port() {
    return ((ServerConnector) server.getConnectors()[0]).getLocalPort();
  }

  @Override
  public void close() {
    try {
      server.stop();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }
}
