package dev.penstock.servlet;

import dev.penstock.http.HttpAdapterContract.LimitedServer;
import io.undertow.Undertow;
import io.undertow.UndertowOptions;
import io.undertow.servlet.Servlets;
import io.undertow.servlet.api.DeploymentInfo;
import io.undertow.servlet.api.DeploymentManager;
import io.undertow.servlet.api.ErrorPage;
import io.undertow.servlet.api.ServletContainerInitializerInfo;
import io.undertow.servlet.util.ImmediateInstanceFactory;
import jakarta.servlet.ServletContainerInitializer;
import jakarta.servlet.ServletException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.Set;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.xnio.Option;
import org.xnio.Options;

/** Undertow with one application at the root. */
record UndertowServer(Undertow undertow) implements LimitedServer {

  private static final Logger LOG = Logger.getLogger("io.undertow");

  static UndertowServer start(ServletContainer.Setup setup) throws IOException {
    return start(setup, Map.of(UndertowOptions.DECODE_SLASH, true));
  }

  /** Starts it with what it says of request targets by itself. */
  static UndertowServer startStrict(ServletContainer.Setup setup) throws IOException {
    return start(setup, Map.of());
  }

  /** Starts it with everything allowed in request targets, and all decoded or all but slashes. */
  static UndertowServer startLenient(ServletContainer.Setup setup, boolean decodeSlash)
      throws IOException {
    return start(
        setup,
        Map.of(
            UndertowOptions.DECODE_SLASH,
            decodeSlash,
            UndertowOptions.ALLOW_UNESCAPED_CHARACTERS_IN_URL,
            true));
  }

  /** Starts it with all allowed in cookies that can be. */
  static UndertowServer startLaxCookies(ServletContainer.Setup setup) throws IOException {
    return start(setup, Map.of(UndertowOptions.ALLOW_EQUALS_IN_COOKIE_VALUE, true));
  }

  private static UndertowServer start(
      ServletContainer.Setup setup, Map<Option<Boolean>, Boolean> options) throws IOException {
    LOG.setLevel(Level.OFF); // its shutdown reports the clients that it cuts off
    DeploymentManager deployment = Servlets.newContainer().addDeployment(application(setup));
    try {
      deployment.deploy();
      Undertow.Builder builder =
          Undertow.builder()
              .addHttpListener(0, InetAddress.getLoopbackAddress().getHostAddress())
              .setServerOption(UndertowOptions.ENABLE_HTTP2, true)
              .setSocketOption(Options.SEND_BUFFER, ServletContainer.SEND_BUFFER)
              .setServerOption(UndertowOptions.MAX_ENTITY_SIZE, -1L)
              .setServerOption(UndertowOptions.SHUTDOWN_TIMEOUT, 1000)
              .setIoThreads(2)
              .setWorkerThreads(8)
              .setHandler(deployment.start());
      options.forEach(builder::setServerOption);
      Undertow undertow = builder.build();
      undertow.start();
      return new UndertowServer(undertow);
    } catch (ServletException e) {
      throw new IOException(e);
    }
  }

  private static DeploymentInfo application(ServletContainer.Setup setup) {
    ServletContainerInitializer initializer = (classes, context) -> setup.accept(context);
    return Servlets.deployment()
        .setClassLoader(UndertowServer.class.getClassLoader())
        .setContextPath("/")
        .setDeploymentName("application")
        .addErrorPage(new ErrorPage(ServletContainer.ERROR_PAGE, ServletContainer.ERROR_STATUS))
        .addServletContainerInitializer(
            new ServletContainerInitializerInfo(
                ServletContainerInitializer.class,
                new ImmediateInstanceFactory<>(initializer),
                Set.of()));
  }

  @Override
  public int port() {
    return ((InetSocketAddress) undertow.getListenerInfo().get(0).getAddress()).getPort();
  }

  @Override
  public void close() {
    undertow.stop();
  }
}
