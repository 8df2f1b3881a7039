package dev.penstock.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RedisUrlTest {

  private static final ConnectionListener NOBODY =
      new ConnectionListener() {
        @Override
        public void onOpeningFailed(RuntimeException e) {}

        @Override
        public void onIdleLost() {}
      };

  @ParameterizedTest
  @CsvSource(
      textBlock =
          """
          '',                              of the scheme redis or rediss,  ''
          'localhost',                     of the scheme redis or rediss,  'localhost'
          'localhost:6379',                of the scheme redis or rediss,  'localhost:6379'
          'http://localhost',              of the scheme redis or rediss,  'http://localhost'
          'redis://a b',                   a URL,                          'redis://a b'
          'redis://:secret@a b',           a URL,                          '...@a b'
          'redis://:sec%ret@host',         a URL,                          '...@host'
          'redis:///1',                    with a host,                    'redis:///1'
          'redis://user:secret@',          with a host,                    '...@'
          'redis://user:secret',           with a host,                    '...'
          'redis://:sec#ret@host',         with a host,                    '...@host'
          'redis://:sec/ret@host',         with a host,                    '...@host'
          'redis://host/x',                PATH,                           'redis://host/x'
          'redis://host:6379/1/2',         PATH,                           'redis://host:6379/1/2'
          'redis://host/-1',               PATH,                           'redis://host/-1'
          'redis://:secret@host/123456',   PATH,                           '...@host/123456'
          'redis://host/0?password=secret',PATH,                           'redis://host/0...'
          'redis://u:secret@host?a=secret',PATH,                           '...@host...'
          'redis://host#secret',           PATH,                           'redis://host...'
          """)
  void parse_badUrl_saysWhatIsWrongButNoSecret(String url, String constraint, String shown) {
    String rule =
        constraint.equals("PATH")
            ? "with nothing behind the port but the number of a database"
            : constraint;
    assertThatIllegalArgumentException()
        .isThrownBy(() -> RedisUrl.parse(url))
        .withMessage("url must be " + rule + ", as redis://user:password@host:6379/0: " + shown)
        .withNoCause();
    assertThat(catchThrowable(() -> RedisRateLimiter.builder(url)).getMessage())
        .doesNotContain("secret")
        .doesNotContain("sec%ret");
  }

  @Test
  @SuppressWarnings("NullAway") // null is what is tested
  void parse_null_isNamed() {
    assertThatNullPointerException()
        .isThrownBy(() -> RedisRateLimiter.builder((String) null))
        .withMessage("url");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "redis://localhost",
        "redis://localhost/",
        "redis://[::1]:6380/15",
        "rediss://user:p%40ss@redis.example:6380/2",
        "redis://:password@127.0.0.1"
      })
  void connect_goodUrl_makesAClientThatHasNotConnectedYet(String url) {
    Duration time = Duration.ofMillis(50);
    assertThatCode(() -> RedisUrl.parse(url).connect(time, time, NOBODY).close())
        .doesNotThrowAnyException();
  }
}
