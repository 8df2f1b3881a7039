package dev.penstock.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.sun.net.httpserver.HttpServer;
import dev.penstock.CapturedLog;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What answers at the address is no Redis, or one that will not do: said at construction. */
class RedisForeignIT {

  private static final String FOREIGN_LUA =
      "its Lua reads or writes numbers otherwise than Redis's; use Redis or Valkey";

  private static String usable(int port, String reason) {
    return "Redis at 127.0.0.1:" + port + " must be usable: " + reason;
  }

  private static void assertRefused(RespServer server, String credentials, String reason) {
    String url = "redis://" + credentials + "127.0.0.1:" + server.port();
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> RedisRateLimiter.builder(url).timeout(Duration.ofSeconds(2)).build().close())
        .withMessage(usable(server.port(), reason))
        .withNoCause();
  }

  /** What servers say that cannot be had in a test, in their words. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          DENIED Redis is running in protected mode because | it serves its own machine alone; set a password there, or protected-mode no
          ERR Could not find scripting engine 'lua' | it refuses the script; use a server, or a proxy, that runs Lua scripts
          ERR invalid password | it refuses the user or the password; correct them
          ERR operation not permitted | it refuses the script; use a server, or a proxy, that runs Lua scripts
          ERR unknown command 'EVAL' | it does not know the command EVAL; use a server, or a proxy, that runs Lua scripts
          ERR unknown command `EVAL` | it does not know the command EVAL; use a server, or a proxy, that runs Lua scripts
          NOPERM User u has no permissions to run the 'eval' command | the user may not run EVAL; add +eval to its ACL
          NOPERM No permissions to access a key | the user may not use these keys; add their prefix to its ACL, as ~penstock:*
          NOPROTO unsupported protocol version | it refuses the script; use a server, or a proxy, that runs Lua scripts
          ERR SELECT is not allowed in cluster mode | it has no database of this number; correct the number
          """)
  void build_serverThatSays_isRefused(String said, String reason) throws IOException {
    try (RespServer server = RespServer.saying("-" + said)) {
      assertRefused(server, "", reason + "; it said: " + said);
    }
  }

  /** As probe.lua passes them on, in the words of Redis 6.0 and 6.2, 7.0, and 7.2 and later. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "@user_script: 20: The user executing the script can't run this command or subcommand",
        "ERR The user executing the script can't run this command or subcommand",
        "ERR ACL failure in script: User u has no permissions to run the 'time' command",
        "NOPERM User u has no permissions to run the 'time' command"
      })
  void build_userWithoutTime_isRefusedInTheWordsOfAnyVersion(String said) throws IOException {
    String shown = said.substring(said.startsWith("@") ? "@user_script: 20: ".length() : 0);
    try (RespServer server = RespServer.start(() -> command -> probed("TIME", said))) {
      assertRefused(
          server, "", "the user may not run TIME; add +time to its ACL; it said: " + shown);
    }
  }

  private static byte[] probed(String command, String said) {
    return array(
        "$" + bulk("02431912faf9d6cb000007408c200000000000005c"),
        ":124457",
        "$" + bulk(command),
        "$" + bulk(said));
  }

  private static String bulk(String text) {
    return text.length() + "\r\n" + text;
  }

  private static byte[] array(String... elements) {
    String joined = String.join("\r\n", elements);
    return ("*" + elements.length + "\r\n" + joined + "\r\n").getBytes(StandardCharsets.UTF_8);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "LOADING Redis is loading the dataset in memory",
        "BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.",
        "MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.",
        "OOM command not allowed when used memory > 'maxmemory'.",
        "MISCONF Redis is configured to save RDB snapshots",
        "NOREPLICAS Not enough good replicas to write.",
        "ERR max number of clients reached",
        "ERR Connection refused",
        "upstream failure"
      })
  void build_serverThatSaysForNow_startsInFailover(String said) throws IOException {
    try (CapturedLog log = new CapturedLog(RedisRateLimiter.class);
        RespServer server = RespServer.saying("-" + said);
        RedisRateLimiter limiter =
            RedisRateLimiter.builder(server.url()).timeout(Duration.ofSeconds(2)).build()) {
      assertThat(limiter.statistics().available()).isFalse();
      assertThat(log.records().get(0).getMessage())
          .isEqualTo(
              "Redis at 127.0.0.1:"
                  + server.port()
                  + " is away, limits are kept by failover: it says "
                  + said);
    }
  }

  /** Servers tell what they were sent. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "ERR unknown command `AUTH`, with args beginning with: `verysecret`, ",
        "ERR unknown command 'AUTH', with args beginning with: 'verysecret' ",
        "ERR unknown command AUTH verysecret",
        "ERR what is \"AUTH verysecret\"",
        "ERR very\u00e9 'verysecret'"
      })
  void build_serverThatEchoes_showsNoSecret(String said) throws IOException {
    try (RespServer server = RespServer.saying("-" + said)) {
      String url = "redis://:verysecret@127.0.0.1:" + server.port();
      assertThatIllegalArgumentException()
          .isThrownBy(
              () -> RedisRateLimiter.builder(url).timeout(Duration.ofSeconds(2)).build().close())
          .withMessageContaining("must be usable")
          .satisfies(e -> assertThat(e.getMessage()).doesNotContain("verysecret").hasLineCount(1));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"+OK", ":1", "$-1", "*0", "*2\r\n$3\r\n1.8\r\n:1"})
  void build_otherLua_isRefused(String reply) throws IOException {
    try (RespServer server = RespServer.saying(reply)) {
      assertRefused(server, "", FOREIGN_LUA);
    }
  }

  /** As jedis-mock: what the script wrote, it does not know again. */
  @Test
  void build_luaThatPrintsOtherwise_isRefused() throws IOException {
    try (RedisServer behind = RedisServer.start();
        RespServer server = RespServer.start(() -> new OtherPrint(behind))) {
      assertRefused(server, "", FOREIGN_LUA);
    }
  }

  /** Hands scripts on, with another format of numbers in those that write. */
  private static final class OtherPrint implements RespServer.Session {
    private final Socket socket;
    private final InputStream replies;

    OtherPrint(RedisServer behind) {
      try {
        socket = new Socket(InetAddress.getLoopbackAddress(), behind.port());
        replies = new BufferedInputStream(socket.getInputStream());
      } catch (IOException e) {
        throw new IllegalStateException(e);
      }
    }

    @Override
    public byte[] answer(List<byte[]> command) throws IOException {
      List<byte[]> sent = command.stream().map(OtherPrint::changed).toList();
      socket.getOutputStream().write(RespServer.wire(sent));
      return RespServer.reply(replies);
    }

    private static byte[] changed(byte[] word) {
      String text = RespServer.text(word);
      return text.contains("ARGV")
          ? text.replace("struct.pack('>B", "struct.pack('>h").getBytes(StandardCharsets.UTF_8)
          : word;
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }

  @Test
  void build_httpServer_isRefused() throws IOException {
    HttpServer server = HttpServer.create(LoopbackPorts.address(0), 0);
    server.start();
    int port = server.getAddress().getPort();
    try {
      assertThatIllegalArgumentException()
          .isThrownBy(
              () ->
                  RedisRateLimiter.builder("redis://127.0.0.1:" + port)
                      .timeout(Duration.ofSeconds(2))
                      .build()
                      .close())
          .withMessage(usable(port, "it speaks HTTP; correct host and port; it said: HTTP/..."));
    } finally {
      server.stop(0);
    }
  }

  @Test
  void build_otherProtocol_isRefused() throws IOException {
    try (RespServer server = RespServer.saying("220 mail ESMTP")) {
      assertRefused(
          server, "", "what answers there is no Redis, or wants TLS; correct host and port");
    }
  }

  /** A proxy without a server behind it does so. */
  @Test
  void build_serverThatHangsUp_startsInFailover() throws IOException {
    try (RespServer server = RespServer.start(() -> command -> null);
        RedisRateLimiter limiter = RedisRateLimiter.builder(server.url()).build()) {
      assertThat(limiter.statistics().available()).isFalse();
    }
  }
}
