package dev.penstock.redis.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.SocketTimeoutException;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.exceptions.JedisDataException;

class CallFailureTest {

  @Test
  void of_whatAClientFailsWith_isToldApart() {
    assertThat(CallFailure.of(new NoConnectionException("none")))
        .isSameAs(CallFailure.NO_CONNECTION);
    assertThat(CallFailure.of(new JedisConnectionException(new SocketTimeoutException("late"))))
        .isSameAs(CallFailure.TIMEOUT);
    assertThat(CallFailure.of(new JedisConnectionException("reset")))
        .isSameAs(CallFailure.LOST_CONNECTION);
    assertThat(CallFailure.of(new JedisDataException("OOM"))).isSameAs(CallFailure.REFUSED);
    assertThat(CallFailure.of(new IllegalStateException())).isSameAs(CallFailure.OTHER);
    assertThat(CallFailure.NO_CONNECTION.label()).isEqualTo("no_connection");
  }
}
