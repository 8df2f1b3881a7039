package dev.penstock.servlet;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.servlet.http.HttpServletRequest;
import java.lang.reflect.Proxy;
import java.security.Principal;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ServletViewTest {

  @ParameterizedTest
  @CsvSource(
      nullValues = "null",
      value = {
        "null, ''",
        "'', ''",
        "[, [",
        "192.0.2.1, 192.0.2.1",
        "2001:db8::1, 2001:db8::1",
        "[2001:db8::1], 2001:db8::1",
        "[fe80::1%eth0], fe80::1%eth0"
      })
  void literal_ofWhatContainersSay_isTheAddressAlone(String said, String literal) {
    assertThat(ServletView.literal(said)).isEqualTo(literal);
  }

  /** What was {@code /agents/a1%3f/runs} before Undertow decoded it; the query is none of that. */
  @ParameterizedTest
  @CsvSource(
      nullValues = "null",
      value = {
        "/agents/a1?/runs, null, /agents/a1?/runs, /agents/a1%3F/runs",
        "/agents/a1?/runs, x=?, /agents/a1?/runs, /agents/a1%3F/runs?x=?",
        "/agents/%61/runs, null, /agents/%61/runs, /agents/%2561/runs",
        "/agents/%61/runs, null, /agents/a/runs, /agents/%61/runs",
        "/agents/a1%3f/runs, '', /agents/a1?/runs, /agents/a1%3f/runs?",
        "/agents/a1#/runs, null, /agents/a1#/runs, /agents/a1#/runs",
      })
  void target_ofADecodedPath_isEncodedAgainAsFarAsItMatters(
      String uri, @Nullable String query, String pathInfo, String target) {
    assertThat(new ServletView(request(uri, query, pathInfo)).target()).isEqualTo(target);
  }

  @Test
  void principal_ofTheContainer_isTheUser() {
    Principal ann = () -> "ann";
    assertThat(new ServletView(of(ann)).principal()).containsSame(ann);
    assertThat(new ServletView(of(null)).principal()).isEmpty();
  }

  private static HttpServletRequest of(@Nullable Principal user) {
    return (HttpServletRequest)
        Proxy.newProxyInstance(
            HttpServletRequest.class.getClassLoader(),
            new Class<?>[] {HttpServletRequest.class},
            (proxy, method, arguments) -> user);
  }

  private static HttpServletRequest request(String uri, @Nullable String query, String pathInfo) {
    return (HttpServletRequest)
        Proxy.newProxyInstance(
            HttpServletRequest.class.getClassLoader(),
            new Class<?>[] {HttpServletRequest.class},
            (proxy, method, arguments) ->
                switch (method.getName()) {
                  case "getRequestURI" -> uri;
                  case "getQueryString" -> query;
                  case "getPathInfo" -> pathInfo;
                  default -> ""; // context and servlet
                });
  }
}
