package dev.penstock.servlet;

import dev.penstock.http.HttpAdapterContract.LimitedServer;
import java.io.IOException;
import java.net.InetAddress;
import java.util.Set;
import java.util.function.Consumer;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.apache.catalina.Context;
import org.apache.catalina.LifecycleException;
import org.apache.catalina.connector.Connector;
import org.apache.catalina.startup.Tomcat;
import org.apache.coyote.http2.Http2Protocol;
import org.apache.tomcat.util.descriptor.web.ErrorPage;

/** Tomcat with one application at the root. */
record TomcatServer(Tomcat tomcat) implements LimitedServer {

  private static final Logger LOG = Logger.getLogger("org.apache");

  static TomcatServer start(ServletContainer.Setup setup) throws IOException {
    return startApplication(application(setup));
  }

  /** Starts it with what it says of request targets by itself. */
  static TomcatServer startStrict(ServletContainer.Setup setup) throws IOException {
    return start(application(setup), connector());
  }

  /** Starts it with everything allowed and decoded in request targets that can be. */
  static TomcatServer startLenient(ServletContainer.Setup setup) throws IOException {
    Connector connector = connector();
    connector.setEncodedSolidusHandling("decode");
    connector.setProperty("encodedReverseSolidusHandling", "decode");
    connector.setProperty("allowBackslash", "true");
    connector.setProperty("relaxedPathChars", "\"<>[\\]^`{|}");
    return start(application(setup), connector);
  }

  private static Consumer<Context> application(ServletContainer.Setup setup) {
    return context ->
        context.addServletContainerInitializer(
            (classes, servlets) -> setup.accept(servlets), Set.of());
  }

  static TomcatServer startApplication(Consumer<Context> setup) throws IOException {
    Connector connector = connector();
    connector.setEncodedSolidusHandling("passthrough");
    return start(setup, connector);
  }

  private static TomcatServer start(Consumer<Context> setup, Connector connector)
      throws IOException {
    LOG.setLevel(Level.SEVERE);
    Tomcat tomcat = new Tomcat();
    tomcat.setBaseDir("target/tomcat");
    tomcat.setConnector(connector);
    Context context = tomcat.addContext("", null);
    ErrorPage page = new ErrorPage();
    page.setErrorCode(ServletContainer.ERROR_STATUS);
    page.setLocation(ServletContainer.ERROR_PAGE);
    context.addErrorPage(page);
    setup.accept(context);
    try {
      tomcat.start();
    } catch (LifecycleException e) {
      throw new IOException(e);
    }
    return new TomcatServer(tomcat);
  }

  private static Connector connector() {
    Connector connector = new Connector();
    connector.setPort(0);
    connector.setProperty("address", InetAddress.getLoopbackAddress().getHostAddress());
    connector.setProperty("maxThreads", "8");
    connector.setProperty("maxKeepAliveRequests", "-1");
    connector.setProperty("socket.txBufSize", Integer.toString(ServletContainer.SEND_BUFFER));
    connector.addUpgradeProtocol(new Http2Protocol());
    return connector;
  }

  @Override
  public int port() {
    return tomcat.getConnector().getLocalPort();
  }

  @Override
  public void close() {
    try {
      tomcat.stop();
      tomcat.destroy();
    } catch (LifecycleException e) {
      throw new IllegalStateException(e);
    }
  }
}
