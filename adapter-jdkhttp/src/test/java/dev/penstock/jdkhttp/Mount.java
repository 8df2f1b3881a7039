package dev.penstock.jdkhttp;

import com.sun.net.httpserver.Authenticator;
import com.sun.net.httpserver.HttpContext;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpPrincipal;
import com.sun.net.httpserver.HttpServer;
import dev.penstock.http.Gate;

/** How a gate stands before a handler. */
enum Mount {
  HANDLER {
    @Override
    HttpContext mount(HttpServer server, Gate gate, HttpHandler handler) {
      return server.createContext("/", RateLimitFilter.wrap(gate, handler));
    }
  },

  FILTER {
    @Override
    HttpContext mount(HttpServer server, Gate gate, HttpHandler handler) {
      HttpContext context = server.createContext("/", handler);
      context.getFilters().add(new RateLimitFilter(gate));
      return context;
    }
  },

  HANDLER_BEHIND_AUTHENTICATOR {
    @Override
    HttpContext mount(HttpServer server, Gate gate, HttpHandler handler) {
      return authenticated(HANDLER.mount(server, gate, handler));
    }
  },

  /** The authenticator comes after the filters, and takes no exchange but the server's own. */
  FILTER_BEFORE_AUTHENTICATOR {
    @Override
    HttpContext mount(HttpServer server, Gate gate, HttpHandler handler) {
      return authenticated(FILTER.mount(server, gate, handler));
    }
  };

  /** Whom the authenticator takes everybody for. */
  static final HttpPrincipal SOMEBODY = new HttpPrincipal("somebody", "realm");

  abstract HttpContext mount(HttpServer server, Gate gate, HttpHandler handler);

  private static HttpContext authenticated(HttpContext context) {
    context.setAuthenticator(
        new Authenticator() {
          @Override
          public Result authenticate(HttpExchange exchange) {
            return new Success(SOMEBODY);
          }
        });
    return context;
  }
}
