package dev.penstock.servlet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.asyncDispatch;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.get;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.head;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.post;
import static org.springframework.test.web.servlet.setup.MockMvcBuilders.standaloneSetup;

import dev.penstock.FakeClock;
import dev.penstock.Limit;
import dev.penstock.LimitPolicy;
import dev.penstock.http.HttpRateLimiter;
import dev.penstock.memory.InMemoryRateLimiter;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.FilterChain;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.mock.web.MockFilterChain;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.mock.web.MockHttpServletResponse;
import org.springframework.test.web.servlet.MockMvc;
import org.springframework.test.web.servlet.MvcResult;
import org.springframework.test.web.servlet.RequestBuilder;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.util.ContentCachingResponseWrapper;

/**
 * Under Spring's stand-ins for a container, which claim to be asynchronous and know no listeners:
 * it is where a user of Spring writes the first test.
 */
class MockMvcTest {

  /** What is limited. */
  @RestController
  static final class Runs {

    @GetMapping("/runs")
    String list() {
      return "listed";
    }

    @PostMapping("/runs")
    String start(@RequestBody String run) {
      return "started " + run.length();
    }

    @GetMapping("/slow-runs")
    Callable<String> slow() {
      return () -> "slow";
    }
  }

  private final RateLimitFilter filter =
      new RateLimitFilter(
          HttpRateLimiter.builder(InMemoryRateLimiter.create(10, new FakeClock(0)))
              .rule("/**", LimitPolicy.perIdentity("runs", Limit.perDay(2)))
              .build());

  private final MockMvc mvc = standaloneSetup(new Runs()).addFilters(filter).build();

  private MockHttpServletResponse answer(RequestBuilder request) throws Exception {
    MvcResult result = mvc.perform(request).andReturn();
    assertThat(result.getRequest().isAsyncStarted()).isFalse();
    return result.getResponse();
  }

  private void spend() throws Exception {
    assertThat(answer(get("/runs")).getStatus()).isEqualTo(200);
    assertThat(answer(get("/runs")).getStatus()).isEqualTo(200);
  }

  private static void assertRejected(MockHttpServletResponse answer) throws Exception {
    assertThat(answer.getStatus()).isEqualTo(429);
    assertThat(answer.getContentType()).isEqualTo("application/problem+json");
    assertThat(answer.getHeader("Cache-Control")).isEqualTo("no-store");
    assertThat(answer.getHeader("Retry-After")).isEqualTo("43200");
    assertThat(answer.getHeaders("RateLimit")).containsExactly("\"runs\";r=0;t=43200");
    assertThat(answer.isCommitted()).isTrue();
    String body = answer.getContentAsString(StandardCharsets.UTF_8);
    assertThat(body).startsWith("{\"type\":").endsWith("}");
    assertThat(answer.getContentLength()).isEqualTo(body.length());
  }

  @Test
  void permitted_reachesTheControllerWithFields() throws Exception {
    MockHttpServletResponse first = answer(get("/runs").header("Authorization", "Basic eDp4"));
    assertThat(first.getStatus()).isEqualTo(200);
    assertThat(first.getContentAsString()).isEqualTo("listed");
    assertThat(first.getHeader("RateLimit-Policy")).isEqualTo("\"runs\";q=2;w=86400");
    assertThat(first.getHeader("RateLimit")).isEqualTo("\"runs\";r=1;t=43200");
    assertThat(answer(post("/runs").content("{}")).getContentAsString()).isEqualTo("started 2");
  }

  @Test
  void rejectedGet_isAnsweredWhole() throws Exception {
    spend();
    assertRejected(answer(get("/runs")));
  }

  /** With a length, without one, and held back. */
  @ParameterizedTest
  @CsvSource({
    "Content-Length, 2",
    "Content-Length, 100000",
    "Transfer-Encoding, chunked",
    "Expect, 100-continue",
    "X-Nothing, x"
  })
  void rejectedPost_isAnsweredWholeWhateverItsContent(String field, String value) throws Exception {
    spend();
    for (int length : new int[] {0, 2, 100_000}) {
      assertRejected(answer(post("/runs").header(field, value).content("x".repeat(length))));
    }
  }

  @Test
  void rejectedHead_hasTheFieldsAndNoContent() throws Exception {
    spend();
    MockHttpServletResponse asked = answer(get("/runs"));
    MockHttpServletResponse answer = answer(head("/runs"));
    assertThat(answer.getStatus()).isEqualTo(429);
    assertThat(answer.getContentAsByteArray()).isEmpty();
    assertThat(answer.getHeaderNames()).isEqualTo(asked.getHeaderNames());
    assertThat(answer.getContentLength()).isEqualTo(asked.getContentLength());
  }

  @Test
  void asynchronousController_isChargedOnceAndRejectedLikeAnyOther() throws Exception {
    for (int remaining = 1; remaining >= 0; remaining--) {
      MvcResult started =
          mvc.perform(get("/slow-runs").header("Authorization", "Basic eDp4")).andReturn();
      assertThat(started.getRequest().isAsyncStarted()).isTrue();
      MockHttpServletResponse answer =
          mvc.perform(asyncDispatch(started)).andReturn().getResponse();
      assertThat(answer.getContentAsString()).isEqualTo("slow");
      assertThat(answer.getHeader("RateLimit")).startsWith("\"runs\";r=" + remaining + ";");
    }
    assertRejected(answer(get("/slow-runs")));
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void mockFilterChain_isFollowedOrNot(boolean asyncSupported) throws Exception {
    for (int i = 0; i < 3; i++) {
      MockHttpServletRequest request = new MockHttpServletRequest("POST", "/runs");
      request.setAsyncSupported(asyncSupported);
      request.setContent("content".getBytes(StandardCharsets.UTF_8));
      request.addHeader("Content-Length", 7);
      MockHttpServletResponse response = new MockHttpServletResponse();
      MockFilterChain chain = new MockFilterChain();
      filter.doFilter(request, response, chain);
      if (i < 2) {
        assertThat(chain.getRequest()).isSameAs(request);
        assertThat(response.getStatus()).isEqualTo(200);
      } else {
        assertThat(chain.getRequest()).isNull();
        assertThat(request.isAsyncStarted()).isFalse();
        assertRejected(response);
      }
    }
  }

  /** Says that it is asynchronous, and is not. */
  @Test
  void requestThatCannotGoOnWithoutItsThread_isAnsweredWhole() throws Exception {
    spend();
    for (RuntimeException refusal :
        List.of(new UnsupportedOperationException(), new IllegalStateException())) {
      MockHttpServletRequest request =
          new MockHttpServletRequest("GET", "/runs") {
            @Override
            public AsyncContext startAsync() {
              throw refusal;
            }
          };
      request.setAsyncSupported(true);
      MockHttpServletResponse response = new MockHttpServletResponse();
      filter.doFilter(request, response, new MockFilterChain());
      assertRejected(response);
    }
  }

  @Test
  void mockFilterChain_wrappedResponse_isAnsweredWhole() throws Exception {
    spend();
    MockHttpServletRequest request = new MockHttpServletRequest("GET", "/runs");
    request.setAsyncSupported(true);
    MockHttpServletResponse response = new MockHttpServletResponse();
    ContentCachingResponseWrapper wrapped = new ContentCachingResponseWrapper(response);
    filter.doFilter(request, wrapped, new MockFilterChain());
    wrapped.copyBodyToResponse();
    assertRejected(response);
  }

  /** No container waits for its end, so it is told by the stand-in's listeners. */
  @Test
  void watchedRequest_isAnsweredAsAnyOtherAndFreesItsSlot() throws Exception {
    Slots slots = new Slots();
    RateLimitFilter limited = new RateLimitFilter(slots.gate("/**"));
    MockMvc watched = standaloneSetup(new Runs()).addFilters(limited).build();
    for (int i = 1; i < 7; i += 3) {
      MockHttpServletResponse listed = watched.perform(get("/runs")).andReturn().getResponse();
      assertThat(listed.getContentAsString()).isEqualTo("listed");
      assertThat(slots.held()).isZero();
      MockHttpServletResponse posted =
          watched.perform(post("/runs").content("{}")).andReturn().getResponse();
      assertThat(posted.getContentAsString()).isEqualTo("started 2");
      assertThat(slots.held()).isZero();
      MvcResult started = watched.perform(get("/slow-runs")).andReturn();
      assertThat(started.getRequest().isAsyncStarted()).isTrue();
      started.getAsyncResult();
      assertThat(slots.held()).isEqualTo(1);
      MockHttpServletResponse slow =
          watched.perform(asyncDispatch(started)).andReturn().getResponse();
      assertThat(slow.getContentAsString()).isEqualTo("slow");
      assertThat(slots.held()).isZero();
      assertThat(slots.ends()).hasSize(i + 2).allMatch(end -> end.status() == 200);
    }
  }

  @Test
  void watchedRequest_mockFilterChain_getsAWrapperOfTheResponse() throws Exception {
    Slots slots = new Slots();
    MockHttpServletRequest request = new MockHttpServletRequest("GET", "/runs");
    MockHttpServletResponse response = new MockHttpServletResponse();
    MockFilterChain chain = new MockFilterChain();
    new RateLimitFilter(slots.gate("/**")).doFilter(request, response, chain);
    assertThat(chain.getResponse()).isNotSameAs(response);
    assertThat(chain.getRequest().getAttribute(RateLimitFilter.VERDICT)).isNotNull();
    assertThat(slots.held()).isZero();
    assertThat(slots.ends()).hasSize(1);
  }

  /** As {@link jakarta.servlet.ServletRequest#isAsyncStarted} has it of what was dispatched. */
  @Test
  void watchedRequest_noLongerAsynchronousWhenTheChainReturns_holdsItsSlotUntilTheEnd()
      throws Exception {
    Slots slots = new Slots();
    MockHttpServletRequest request = new MockHttpServletRequest("GET", "/runs");
    request.setAsyncSupported(true);
    FilterChain dispatching =
        (asked, answer) -> {
          asked.startAsync().dispatch("/elsewhere");
          request.setAsyncStarted(false);
        };
    new RateLimitFilter(slots.gate("/**"))
        .doFilter(request, new MockHttpServletResponse(), dispatching);
    assertThat(slots.held()).isEqualTo(1);
    request.getAsyncContext().complete();
    assertThat(slots.held()).isZero();
  }
}
