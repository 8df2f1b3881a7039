package dev.penstock.jdkhttp.demo;

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
 * of the loopback interface, which it prints.
 */
public final class UnlimitedAgentServer {

  private UnlimitedAgentServer() {}

  /** Starts the server, until the process ends. */
  public static void main(String[] arguments) throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(Executors.newFixedThreadPool(AgentServer.THREADS));
    Verdict.Proceed passed =
        new Verdict.Proceed(List.of(), Optional.of(Identity.user("acme", "u1")));
    AgentHandler handler = new AgentHandler();
    server.createContext("/agents", exchange -> handler.handle(exchange, passed));
    server.start();
    System.out.println(
        "Demo without a filter at http://127.0.0.1:" + server.getAddress().getPort());
  }
}
