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
 * servletContext.addServlet("admin", new AdminServlet(admin)).addMapping("/admin/*");
 * }</pre>
 *
 * <p>Thread-safe. It is to be in an application of its own on a connector of its own, which clients
 * do not reach, with TLS if that is a network: the token travels with each request. No filter that
 * limits requests is to stand before it.
 */
public final class AdminServlet extends HttpServlet {

  private static final long serialVersionUID = 1;

  private final transient Admin admin;

  /**
   * Makes a servlet.
   *
   * @param admin what it serves
   */
  public AdminServlet(Admin admin) {
    this.admin = Objects.requireNonNull(admin, "admin");
  }

  @Override
  protected void service(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
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
