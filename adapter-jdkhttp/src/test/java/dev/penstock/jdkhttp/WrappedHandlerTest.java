package dev.penstock.jdkhttp;

import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import com.sun.net.httpserver.HttpHandler;
import dev.penstock.Limit;
import dev.penstock.LimitPolicy;
import dev.penstock.http.HeaderField;
import dev.penstock.http.HttpAdapterContract;
import dev.penstock.http.HttpRateLimiter;
import dev.penstock.http.SettlingContract;
import dev.penstock.http.UnreadContentContract;
import dev.penstock.http.Verdict;
import dev.penstock.memory.InMemoryRateLimiter;
import java.io.IOException;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

class WrappedHandlerTest extends HttpAdapterContract
    implements UnreadContentContract, SettlingContract {

  @Override
  protected LimitedServer start(HttpRateLimiter gate, Runnable handled) throws IOException {
    return RateLimitFilterTest.JdkServer.start(
        server ->
            server
                .createContext(
                    "/", RateLimitFilter.wrap(gate, RateLimitFilterTest.answering(handled)))
                .getFilters()
                .add(new RateLimitFilterTest.OuterFilter()));
  }

  @Override
  public LimitedServer startTelling(
      HttpRateLimiter gate, Function<Verdict.Proceed, List<HeaderField>> handler)
      throws IOException {
    return RateLimitFilterTest.JdkServer.start(
        server -> server.createContext("/", RateLimitFilter.wrap(gate, telling(handler))));
  }

  static LimitedHandler telling(Function<Verdict.Proceed, List<HeaderField>> handler) {
    return (exchange, verdict) -> {
      handler
          .apply(verdict)
          .forEach(field -> exchange.getResponseHeaders().add(field.name(), field.value()));
      RateLimitFilterTest.answering(() -> {}).handle(exchange);
    };
  }

  @Override
  public boolean continuesByItself() {
    return true;
  }

  @Test
  @SuppressWarnings("NullAway") // null is what is tested
  void nulls_nameTheParameter() {
    HttpRateLimiter gate =
        HttpRateLimiter.builder(InMemoryRateLimiter.create())
            .rule("/", LimitPolicy.everyone("all", Limit.perMinute(1)))
            .build();
    HttpHandler handler = exchange -> {};
    LimitedHandler limited = (exchange, verdict) -> {};
    assertThatNullPointerException()
        .isThrownBy(() -> new RateLimitFilter(null))
        .withMessage("gate");
    assertThatNullPointerException()
        .isThrownBy(() -> RateLimitFilter.wrap(null, handler))
        .withMessage("gate");
    assertThatNullPointerException()
        .isThrownBy(() -> RateLimitFilter.wrap(null, limited))
        .withMessage("gate");
    assertThatNullPointerException()
        .isThrownBy(() -> RateLimitFilter.wrap(gate, (HttpHandler) null))
        .withMessage("handler");
    assertThatNullPointerException()
        .isThrownBy(() -> RateLimitFilter.wrap(gate, (LimitedHandler) null))
        .withMessage("handler");
  }
}
