package dev.penstock.jdkhttp.demo;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpServer;
import dev.penstock.Identity;
import dev.penstock.http.Verdict;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;

/**
 * The demo without its filter, to measure what the filter costs: the same handler, on a free port
 * of the loopback interface, which it prints. With the argument {@value #FIELDS} each response
 * bears the fields of the filter, though always the same: what a filter costs at least that sends
 * them.
 */
public final class UnlimitedAgentServer {

  private static final String FIELDS = "fields";

  private UnlimitedAgentServer() {}

  /** Starts the server, until the process ends. */
  public static void main(String[] arguments) throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(Executors.newFixedThreadPool(AgentServer.THREADS));
    Verdict.Proceed passed =
        new Verdict.Proceed(List.of(), Optional.of(Identity.user("acme", "u1")));
    AgentHandler handler = new AgentHandler();
    boolean withFields = List.of(arguments).contains(FIELDS);
    server.createContext(
        "/agents",
        exchange -> {
          if (withFields) {
            Headers headers = exchange.getResponseHeaders();
            headers.add("RateLimit-Policy", "\"agent-runs\";q=50000000;w=60");
            headers.add("RateLimit", "\"agent-runs\";r=49999999;t=60");
          }
          handler.handle(exchange, passed);
        });
    server.start();
    System.out.println(
        "Demo without a filter at http://127.0.0.1:" + server.getAddress().getPort());
  }
}
