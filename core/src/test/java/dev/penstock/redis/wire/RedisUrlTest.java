package dev.penstock.redis.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.penstock.redis.RedisRateLimiter;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RedisUrlTest {

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
  @CsvSource(
      textBlock =
          """
          redis://localhost,                           localhost:6379,     false, ,     ,         0
          redis://localhost/,                          localhost:6379,     false, ,     ,         0
          redis://[::1]:6380/15,                       [::1]:6380,         false, ,     ,         15
          rediss://user:p%40ss@redis.example:6380/2,   redis.example:6380, true,  user, p@ss,     2
          redis://:password@127.0.0.1,                 127.0.0.1:6379,     false, ,     password, 0
          """)
  void parse_goodUrl_isReadInFull(
      String url,
      String address,
      boolean tls,
      @Nullable String user,
      @Nullable String password,
      int database) {
    RedisUrl parsed = RedisUrl.parse(url);
    UrlConfig config = parsed.config(Duration.ofMillis(50), null);
    assertThat(parsed.address()).hasToString(address);
    assertThat(config.isSsl()).isEqualTo(parsed.isTls()).isEqualTo(tls);
    assertThat(config.getUser()).isEqualTo(user);
    assertThat(config.getPassword()).isEqualTo(password);
    assertThat(config.getDatabase()).isEqualTo(database);
  }
}
