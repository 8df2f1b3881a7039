package dev.penstock.jdkhttp;

import com.sun.net.httpserver.spi.HttpServerProvider;
import dev.penstock.http.HeaderField;
import dev.penstock.http.HttpAdapterContract;
import dev.penstock.http.HttpRateLimiter;
import dev.penstock.http.SettlingContract;
import dev.penstock.http.Verdict;
import java.io.IOException;
import java.util.List;
import java.util.function.Function;

/** What an adapter owes its clients, on a server of others. */
abstract class OtherServerContract extends HttpAdapterContract implements SettlingContract {

  /** Of these servers' threads the filter knows nothing. */
  private static final int WAITING = 8;

  abstract HttpServerProvider provider();

  @Override
  protected LimitedServer start(HttpRateLimiter gate, Runnable handled) throws IOException {
    RateLimitFilter filter = new RateLimitFilter(gate).waitingAtMost(WAITING);
    return OtherServer.start(
        provider(),
        server ->
            server
                .createContext("/", RateLimitFilterTest.answering(handled))
                .getFilters()
                .addAll(List.of(new RateLimitFilterTest.OuterFilter(), filter)));
  }

  @Override
  public LimitedServer startTelling(
      HttpRateLimiter gate, Function<Verdict.Proceed, List<HeaderField>> handler)
      throws IOException {
    LimitedHandler telling = WrappedHandlerTest.telling(handler);
    return OtherServer.start(
        provider(), server -> server.createContext("/", RateLimitFilter.wrap(gate, telling)));
  }
}
