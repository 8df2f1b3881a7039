package dev.penstock.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import dev.penstock.Limit;
import dev.penstock.LimitPolicy;
import dev.penstock.memory.InMemoryRateLimiter;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a permitted response says that a cache may keep and hand to another client (RFC 9111). */
class SharedCachesTest {

  private static final List<String> LIMITS = List.of("RateLimit-Policy", "RateLimit");

  @ParameterizedTest
  @ValueSource(strings = {"GET", "HEAD"})
  void standard_withoutAuthorization_sendsNothingThatACacheCouldHandOn(String method) {
    assertThat(fields(ResponseStyle.standard(), FakeRequest.of(method + " /runs"))).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"GET", "HEAD"})
  void standard_withAuthorization_sendsTheFieldsAlone(String method) {
    FakeRequest request = FakeRequest.of(method + " /runs").with("Authorization", "Bearer x");
    assertThat(fields(ResponseStyle.standard(), request)).isEqualTo(LIMITS);
  }

  @ParameterizedTest
  @EnumSource
  void anyChoice_methodThatIsNotCached_sendsTheFieldsAlone(SharedCaches choice) {
    assertThat(fields(style(choice), FakeRequest.of("POST /runs"))).isEqualTo(LIMITS);
  }

  @Test
  void noFields_withAuthorization_sendsNone() {
    FakeRequest request = FakeRequest.of("GET /runs").with("Authorization", "Bearer x");
    assertThat(fields(style(SharedCaches.NO_FIELDS), request)).isEmpty();
  }

  @Test
  void privateOnes_saySo() {
    HttpRateLimiter gate = gate(style -> style.sharedCaches(SharedCaches.PRIVATE));
    assertThat(gate.decide(FakeRequest.of("GET /runs")).fields())
        .startsWith(new HeaderField("Cache-Control", "private"))
        .extracting(HeaderField::name)
        .containsExactly("Cache-Control", "RateLimit-Policy", "RateLimit");
  }

  @Test
  void privateOnes_withoutFields_sayNothing() {
    HttpRateLimiter gate =
        gate(style -> style.sharedCaches(SharedCaches.PRIVATE).fieldSyntax(FieldSyntax.NONE));
    assertThat(gate.decide(FakeRequest.of("GET /runs")).fields()).isEmpty();
  }

  @Test
  void none_sendsTheFieldsAlone() {
    assertThat(fields(style(SharedCaches.NONE), FakeRequest.of("GET /runs"))).isEqualTo(LIMITS);
  }

  @ParameterizedTest
  @EnumSource
  void anyChoice_rejection_isKeptByNobodyAndSaysAll(SharedCaches choice) {
    HttpRateLimiter gate = gate(style -> style.sharedCaches(choice));
    gate.decide(FakeRequest.of("GET /runs"));
    assertThat(gate.decide(FakeRequest.of("GET /runs")).fields())
        .contains(new HeaderField("Cache-Control", "no-store"))
        .extracting(HeaderField::name)
        .containsSubsequence(LIMITS)
        .contains("Retry-After");
  }

  @Test
  @SuppressWarnings("NullAway") // null is what is tested
  void sharedCaches_null_namesTheParameter() {
    assertThatNullPointerException()
        .isThrownBy(() -> ResponseStyle.builder().sharedCaches(null))
        .withMessage("choice");
  }

  private static ResponseStyle style(SharedCaches choice) {
    return ResponseStyle.builder().sharedCaches(choice).build();
  }

  private static List<String> fields(ResponseStyle style, FakeRequest request) {
    return gate(style).decide(request).fields().stream().map(HeaderField::name).toList();
  }

  private static HttpRateLimiter gate(UnaryOperator<ResponseStyleBuilder> changes) {
    return gate(changes.apply(ResponseStyle.builder()).build());
  }

  private static HttpRateLimiter gate(ResponseStyle style) {
    return HttpRateLimiter.builder(InMemoryRateLimiter.create())
        .rule("/runs", LimitPolicy.everyone("all", Limit.perMinute(1)))
        .responses(style)
        .build();
  }
}
