package dev.penstock.jdkhttp;

import dev.penstock.http.Gate;
import dev.penstock.http.HeaderField;
import dev.penstock.http.HttpAdapterContract;
import dev.penstock.http.SettlingContract;
import dev.penstock.http.UnreadContentContract;
import dev.penstock.http.Verdict;
import java.io.IOException;
import java.util.List;
import java.util.function.Function;

/** What an adapter owes its clients, on a server of others. */
abstract class OtherServerContract extends HttpAdapterContract
    implements UnreadContentContract, SettlingContract {

  /** Starts a server as its users are told to. */
  abstract OtherServer serve(OtherServer.Setup setup) throws IOException;

  /** {@return a filter as its users are told to make it} */
  RateLimitFilter filter(Gate gate) {
    return new RateLimitFilter(gate);
  }

  @Override
  protected LimitedServer start(Gate gate, Runnable handled) throws IOException {
    return serve(
        server ->
            server
                .createContext("/", RateLimitFilterTest.answering(handled))
                .getFilters()
                .addAll(List.of(new RateLimitFilterTest.OuterFilter(), filter(gate))));
  }

  @Override
  public LimitedServer startTelling(Gate gate, Function<Verdict.Proceed, List<HeaderField>> handler)
      throws IOException {
    LimitedHandler telling = WrappedHandlerTest.telling(handler);
    return serve(server -> server.createContext("/", RateLimitFilter.wrap(gate, telling)));
  }
}
