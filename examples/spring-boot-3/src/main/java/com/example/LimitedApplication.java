package com.example;

import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.asyncDispatch;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.get;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.post;

import dev.penstock.Limit;
import dev.penstock.LimitPolicy;
import dev.penstock.RateLimiter;
import dev.penstock.http.ClientAddress;
import dev.penstock.http.Gate;
import dev.penstock.http.HttpRateLimiter;
import dev.penstock.http.ServerUser;
import dev.penstock.memory.InMemoryRateLimiter;
import dev.penstock.servlet.RateLimitFilter;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.autoconfigure.security.SecurityProperties;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.test.autoconfigure.web.servlet.SpringBootMockMvcBuilderCustomizer;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.core.task.TaskExecutor;
import org.springframework.mock.web.MockHttpServletResponse;
import org.springframework.security.config.Customizer;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.core.userdetails.User;
import org.springframework.security.core.userdetails.UserDetails;
import org.springframework.security.core.userdetails.UserDetailsService;
import org.springframework.security.provisioning.InMemoryUserDetailsManager;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.test.web.servlet.MockMvc;
import org.springframework.test.web.servlet.MvcResult;
import org.springframework.test.web.servlet.setup.DefaultMockMvcBuilder;
import org.springframework.test.web.servlet.setup.MockMvcBuilders;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.context.WebApplicationContext;
import org.springframework.web.context.request.async.DeferredResult;
import org.springframework.web.servlet.mvc.method.annotation.SseEmitter;
import org.springframework.web.servlet.mvc.method.annotation.StreamingResponseBody;

/**
 * Penstock in Spring Boot 3. Two filters limit what reaches the controller:
 *
 * <pre>
 * addressLimits      429 where an address asks too often, wrong passwords included
 * Spring Security    401 where it does not know who asks
 * userLimits         429 where a user asks too often, or follows two runs at once
 * Runs               whatever is left
 * </pre>
 *
 * <p>It serves on port 8080 of the loopback interface. With {@code --check} it takes a free port,
 * asks itself, prints what it has seen, and fails where that is not as it should be.
 */
@SpringBootApplication
public class LimitedApplication {

  public static void main(String[] arguments) throws Exception {
    SpringApplicationBuilder application =
        new SpringApplicationBuilder(LimitedApplication.class)
            .properties("server.address=127.0.0.1")
            // Above the longest stream: the default of Tomcat would end each after 30 seconds.
            .properties("spring.mvc.async.request-timeout=10m");
    if (!List.of(arguments).contains("--check")) {
      application.run(arguments);
      System.out.println("Try it, more than five times:");
      System.out.println("  curl -i -u alice:secret -X POST http://127.0.0.1:8080/runs");
      return;
    }
    boolean good;
    try (ConfigurableApplicationContext running =
        application.run("--server.port=0", "--logging.level.root=off")) {
      good = new Check(running).allIsGood();
    }
    System.exit(good ? 0 : 1);
  }

  /** Where the tokens are; a {@code RedisRateLimiter} here makes it one limit for all instances. */
  @Bean
  RateLimiter limiter() {
    return InMemoryRateLimiter.create();
  }

  @Bean
  FilterRegistrationBean<RateLimitFilter> addressLimits(RateLimiter limiter) {
    LimitPolicy requests = LimitPolicy.perIdentity("address", Limit.parse("300/minute"));
    HttpRateLimiter gate =
        HttpRateLimiter.builder(limiter)
            .identity(ClientAddress.ofPeer())
            .rule("/**", requests)
            .build();
    return registration(gate, SecurityProperties.DEFAULT_FILTER_ORDER - 1);
  }

  /** Behind Spring Security, so that its users are known; its anonymous user counts as nobody. */
  @Bean
  FilterRegistrationBean<RateLimitFilter> userLimits(RateLimiter limiter) {
    LimitPolicy calls = LimitPolicy.perIdentity("calls", Limit.parse("5/hour"));
    LimitPolicy streams =
        LimitPolicy.perIdentity(
            "streams", Limit.inFlight(1).withHeldAtMost(Duration.ofMinutes(15)));
    HttpRateLimiter gate =
        HttpRateLimiter.builder(limiter)
            .identity(ServerUser.byName().orElse(ClientAddress.ofPeer()))
            .rule("GET /runs/*/events", streams)
            .rule("GET /runs/*/log", streams)
            .rule("/**", calls)
            .build();
    return registration(gate, SecurityProperties.DEFAULT_FILTER_ORDER + 1);
  }

  /** A bean of the filter itself would be registered by Spring Boot a second time. */
  private static FilterRegistrationBean<RateLimitFilter> registration(Gate gate, int order) {
    FilterRegistrationBean<RateLimitFilter> registration =
        new FilterRegistrationBean<>(new RateLimitFilter(gate));
    registration.setOrder(order);
    return registration;
  }

  @Bean
  SecurityFilterChain security(HttpSecurity http) throws Exception {
    return http.authorizeHttpRequests(requests -> requests.anyRequest().authenticated())
        .httpBasic(Customizer.withDefaults())
        .csrf(csrf -> csrf.disable()) // no cookies here
        .build();
  }

  @Bean
  UserDetailsService users() {
    return new InMemoryUserDetailsManager(user("alice"), user("bob"), user("carol"), user("dave"));
  }

  private static UserDetails user(String name) {
    return User.withUsername(name).password("{noop}secret").build();
  }

  /** Answers in each of the ways that Spring knows. */
  @RestController
  static class Runs {

    private final TaskExecutor tasks;

    Runs(TaskExecutor tasks) {
      this.tasks = tasks;
    }

    @PostMapping("/runs")
    String start() {
      return "started";
    }

    @GetMapping("/runs/{id}")
    DeferredResult<String> result() {
      DeferredResult<String> result = new DeferredResult<>();
      tasks.execute(() -> result.setResult("done"));
      return result;
    }

    @GetMapping("/runs/{id}/failure")
    String failure() {
      throw new IllegalStateException("a run has failed");
    }

    /** Says something every 100 ms, so that a client that is gone is found out. */
    @GetMapping("/runs/{id}/events")
    SseEmitter events(@RequestParam(defaultValue = "6000") int steps) {
      SseEmitter events = new SseEmitter();
      tasks.execute(
          () -> {
            try {
              for (int step = 1; step <= steps; step++) {
                events.send("step " + step);
                pause();
              }
              events.complete();
            } catch (IOException clientGone) {
              return; // whereupon Spring completes, and nobody else may
            }
          });
      return events;
    }

    @GetMapping("/runs/{id}/log")
    StreamingResponseBody log(@RequestParam(defaultValue = "6000") int steps) {
      return out -> {
        for (int step = 1; step <= steps; step++) {
          out.write(("step " + step + "\n").getBytes(StandardCharsets.UTF_8));
          out.flush();
          pause();
        }
      };
    }

    private static void pause() throws InterruptedIOException {
      try {
        Thread.sleep(100);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new InterruptedIOException("the application ends");
      }
    }
  }

  /** Asks the running application, and says what it sees. */
  static final class Check {

    private static final String ALICE = "alice:secret";
    private static final String BOB = "bob:secret";
    private static final String CAROL = "carol:secret";

    private static final String REJECTED = "429 application/problem\\+json, Retry-After: \\d+";

    private final HttpClient client = HttpClient.newHttpClient();
    private final WebApplicationContext application;
    private final String root;
    private boolean good = true;

    Check(ConfigurableApplicationContext running) {
      application = (WebApplicationContext) running;
      root = "http://127.0.0.1:" + running.getEnvironment().getProperty("local.server.port");
    }

    boolean allIsGood() throws Exception {
      calls();
      stream("an SseEmitter", "/runs/1/events");
      stream("a StreamingResponseBody", "/runs/1/log");
      mockMvc();
      wrongPasswords();
      return good;
    }

    private void calls() throws Exception {
      row("alice: a call", "200 .*\"calls\";r=4.*", ask(ALICE, "POST", "/runs"));
      row("alice: a DeferredResult", "200 .*\"calls\";r=3.*", ask(ALICE, "GET", "/runs/1"));
      row("alice: an error page", "500 .*", ask(ALICE, "GET", "/runs/1/failure"));
      row("alice: which cost 1", "200 .*\"calls\";r=1.*", ask(ALICE, "POST", "/runs"));
      row("alice: her last one", "200 .*\"calls\";r=0.*", ask(ALICE, "POST", "/runs"));
      row("alice: is denied", REJECTED, ask(ALICE, "POST", "/runs"));
      row("bob: is not", "200 .*\"calls\";r=4.*", ask(BOB, "POST", "/runs"));
    }

    private void stream(String what, String path) throws Exception {
      row("bob: " + what, "200 .*", ask(BOB, "GET", path + "?steps=2"));
      row("bob: again, as it has ended", "200 .*", askUntilFree(BOB, path + "?steps=2"));
      HttpResponse<InputStream> open =
          client.send(request(BOB, "GET", path), BodyHandlers.ofInputStream());
      row("bob: one that goes on", "200 .*", seen(open));
      row("bob: another meanwhile", "429 .*", ask(BOB, "GET", path + "?steps=2"));
      open.body().close();
      row("bob: again, as he has left", "200 .*", askUntilFree(BOB, path + "?steps=2"));
    }

    /** With the filters that a test under {@code @AutoConfigureMockMvc} has. */
    private void mockMvc() throws Exception {
      DefaultMockMvcBuilder builder = MockMvcBuilders.webAppContextSetup(application);
      new SpringBootMockMvcBuilderCustomizer(application).customize(builder);
      MockMvc mvc = builder.build();
      String carol = authorization(CAROL);
      MvcResult call = mvc.perform(post("/runs").header("Authorization", carol)).andReturn();
      row("carol: MockMvc", "200 .*\"calls\";r=4.*", seen(call.getResponse()));
      MvcResult begun = mvc.perform(get("/runs/1").header("Authorization", carol)).andReturn();
      MvcResult deferred = mvc.perform(asyncDispatch(begun)).andReturn();
      row("carol: ... DeferredResult", "200 .*\"calls\";r=3.*", seen(deferred.getResponse()));
      for (int left = 3; left >= 0; left--) {
        call = mvc.perform(post("/runs").header("Authorization", carol)).andReturn();
      }
      row("carol: ... is denied", REJECTED, seen(call.getResponse()));
    }

    private void wrongPasswords() throws Exception {
      String seen = ask("dave:guess", "POST", "/runs");
      row("somebody: guesses dave's password", "401 .*", seen);
      for (int guesses = 1; guesses < 1000 && !seen.startsWith("429"); guesses++) {
        seen = ask("dave:guess", "POST", "/runs");
      }
      row("somebody: guesses on", REJECTED, seen);
    }

    private String ask(String credentials, String method, String path) throws Exception {
      return seen(client.send(request(credentials, method, path), BodyHandlers.ofString()));
    }

    /** A slot is free a moment after the last byte has come, or after a lost client is noticed. */
    private String askUntilFree(String credentials, String path) throws Exception {
      String seen = ask(credentials, "GET", path);
      for (int again = 0; again < 50 && seen.startsWith("429"); again++) {
        Thread.sleep(100);
        seen = ask(credentials, "GET", path);
      }
      return seen;
    }

    private HttpRequest request(String credentials, String method, String path) {
      return HttpRequest.newBuilder(URI.create(root + path))
          .method(method, BodyPublishers.noBody())
          .header("Authorization", authorization(credentials))
          .timeout(Duration.ofSeconds(30))
          .build();
    }

    private static String authorization(String credentials) {
      byte[] bytes = credentials.getBytes(StandardCharsets.UTF_8);
      return "Basic " + Base64.getEncoder().encodeToString(bytes);
    }

    private static String seen(HttpResponse<?> response) {
      return seen(response.statusCode(), response.headers()::allValues);
    }

    private static String seen(MockHttpServletResponse response) {
      return seen(response.getStatus(), response::getHeaders);
    }

    private static String seen(int status, Function<String, List<String>> headers) {
      if (status != 429) {
        return status + " " + String.join(", ", headers.apply("RateLimit"));
      }
      return status
          + " "
          + String.join(", ", headers.apply("Content-Type"))
          + headers.apply("Retry-After").stream()
              .map(seconds -> ", Retry-After: " + seconds)
              .collect(Collectors.joining());
    }

    private void row(String what, String expected, String seen) {
      boolean asExpected = seen.matches(expected);
      good &= asExpected;
      System.out.printf("%-36s%s%s%n", what, seen, asExpected ? "" : "   IS NOT " + expected);
    }
  }
}
