package dev.penstock.servlet;

import dev.penstock.admin.Admin;
import dev.penstock.admin.AdminAnswer;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Objects;

/**
 * Serves an {@link Admin} below a path, which is asked for with a slash at its end:
 *
 * <pre>{@code
 * servletContext.addServlet("admin", new AdminServlet(admin, 9090)).addMapping("/admin/*");
 * }</pre>
 *
 * <p>Thread-safe. It is to be reached by a port that clients do not reach, with TLS if that is a
 * network: the token travels with each request. No filter that limits requests is to stand before
 * it.
 */
public final class AdminServlet extends HttpServlet {

  private static final long serialVersionUID = 1;
  private static final int ANY_PORT = 0;

  private final transient Admin admin;
  private final transient int port;

  /**
   * Makes a servlet that answers by whatever port its application is reached.
   *
   * @param admin what it serves
   */
  public AdminServlet(Admin admin) {
    this.admin = Objects.requireNonNull(admin, "admin");
    this.port = ANY_PORT;
  }

  /**
   * Makes a servlet that is not there, by 404, but for requests by one port: all connectors of a
   * container may serve all its applications, as those of a service of Tomcat do.
   *
   * @param admin what it serves
   * @param port the {@linkplain HttpServletRequest#getLocalPort port of this machine}, 1 to 65535
   * @throws IllegalArgumentException if the port is none
   */
  public AdminServlet(Admin admin, int port) {
    this.admin = Objects.requireNonNull(admin, "admin");
    if (port < 1 || port > 65_535) {
      throw new IllegalArgumentException("port must be 1 to 65535: " + port);
    }
    this.port = port;
  }

  @Override
  protected void service(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    if (port != ANY_PORT && request.getLocalPort() != port) {
      response.setStatus(HttpServletResponse.SC_NOT_FOUND);
      return;
    }
    AdminAnswer answer = admin.answer(new ServletView(request), request.getInputStream());
    response.setStatus(answer.status());
    answer.fields().forEach(field -> response.setHeader(field.name(), field.value()));
    byte[] content = answer.content();
    response.setContentLength(content.length);
    if (!request.getMethod().equals("HEAD")) {
      response.getOutputStream().write(content);
    }
  }
}
