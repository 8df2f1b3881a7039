package dev.penstock.redis;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.ConnectException;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Each fault is the one that it is called by, for open connections and for new ones. */
class FaultProxyIT {

  private static final int TIMEOUT_MILLIS = 2_000;
  private static final String PONG = "+PONG\r\n";

  private static RedisServer server;

  private FaultProxy proxy;
  private Socket open;

  @BeforeAll
  static void startServer() {
    server = RedisServer.start();
  }

  @AfterAll
  static void closeServer() {
    server.close();
  }

  @BeforeEach
  void connect() throws IOException {
    proxy = FaultProxy.to(server.port());
    open = new Socket();
    connect(open);
    assertThat(answer(open)).isEqualTo(PONG);
  }

  @AfterEach
  void close() throws IOException {
    open.close();
    proxy.close();
  }

  private void connect(Socket socket) throws IOException {
    socket.setSoTimeout(TIMEOUT_MILLIS);
    socket.connect(LoopbackPorts.address(proxy.port()), TIMEOUT_MILLIS);
  }

  /** Returns what comes back for a PING, or nothing at the end of the stream. */
  private static String answer(Socket socket) throws IOException {
    socket.getOutputStream().write("PING\r\n".getBytes(US_ASCII));
    return new String(socket.getInputStream().readNBytes(PONG.length()), US_ASCII);
  }

  private String newAnswer() throws IOException {
    try (Socket socket = new Socket()) {
      connect(socket);
      return answer(socket);
    }
  }

  @Test
  void pass_everyConnection_isCounted() throws IOException {
    assertThat(newAnswer()).isEqualTo(PONG);
    assertThat(proxy.accepted()).isEqualTo(2);
  }

  @Test
  void delay_answers_comeThatMuchLater() throws IOException {
    proxy.delay(Duration.ofMillis(200));
    long start = System.nanoTime();
    assertThat(answer(open)).isEqualTo(PONG);
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThan(Duration.ofMillis(199));
    proxy.delay(Duration.ofMillis(2L * TIMEOUT_MILLIS));
    assertThatThrownBy(() -> answer(open)).isInstanceOf(SocketTimeoutException.class);
    proxy.pass();
    assertThat(newAnswer()).isEqualTo(PONG);
  }

  @Test
  void cut_openEnds_newIsRefused() throws IOException {
    proxy.cut();
    assertThat(open.getInputStream().read()).isEqualTo(-1);
    assertThatThrownBy(this::newAnswer).isInstanceOf(ConnectException.class);
    proxy.pass();
    assertThat(newAnswer()).isEqualTo(PONG);
  }

  @Test
  void reset_openAndNew_areAborted() throws IOException {
    proxy.reset();
    assertThatThrownBy(() -> open.getInputStream().read()).isInstanceOf(SocketException.class);
    assertThatThrownBy(this::newAnswer).isInstanceOf(SocketException.class);
    proxy.pass();
    assertThat(newAnswer()).isEqualTo(PONG);
  }

  @Test
  void mute_openAndNew_areHeardAndNotAnswered() throws IOException {
    long before = server.calls("ping");
    proxy.mute();
    assertThatThrownBy(() -> answer(open)).isInstanceOf(SocketTimeoutException.class);
    assertThatThrownBy(this::newAnswer).isInstanceOf(SocketTimeoutException.class);
    assertThat(server.calls("ping")).isEqualTo(before + 2);
    proxy.pass();
    assertThat(open.getInputStream().read()).isEqualTo(-1);
    assertThat(newAnswer()).isEqualTo(PONG);
  }

  @Test
  void blackHole_openAndNew_areSilent() throws IOException {
    proxy.blackHole();
    assertThatThrownBy(() -> answer(open)).isInstanceOf(SocketTimeoutException.class);
    assertThatThrownBy(this::newAnswer).isInstanceOf(SocketTimeoutException.class);
    proxy.pass();
    assertThat(open.getInputStream().read()).isEqualTo(-1);
    assertThat(newAnswer()).isEqualTo(PONG);
  }

  @Test
  void target_comesBackLater_isReached() throws IOException {
    server.kill();
    assertThat(open.getInputStream().read()).isEqualTo(-1);
    server.restartEmpty();
    assertThat(newAnswer()).isEqualTo(PONG);
  }
}
