package dev.penstock.redis.wire;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Errors in the words of servers of each generation, and what is left of them to be shown. */
class ServerReplyTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '$',
      textBlock =
          """
          ERR Error running script (call to f_0f1e): @user_script:57: @user_script: 57: -OOM no | OOM | OOM no
          ERR Error running script (call to f_0f1e): @user_script:57: user_script:57: @user_script: 57: The user | ERR | The user
          ERR user_script:57: ERR The user can't script: 104ae65debf45156ded1e8e613705534c8e62c17, on @user_script:57. | ERR | ERR The user can't
          ERR The user can't script: on @user_script:62. | ERR | ERR The user can't
          @user_script: 20: -READONLY You can't write | READONLY | READONLY You can't write
          ERR unknown command `AUTH`, with args beginning with: `secret`, | ERR | ERR unknown command `AUTH`
          ERR unknown command 'AUTH', with args beginning with: 'secret' | ERR | ERR unknown command 'AUTH'
          ERR can't access 'penstock:3:{8:acme}x' here | ERR | ERR can't access '...' here
          NOPERM User u has no permissions to access the 'penstock:3:x' key | NOPERM | NOPERM User u has no permissions to access the '...' key
          upstream failure | ERR | upstream failure
          """)
  void of_error_isShownBareAndWithoutArguments(String message, String code, String text) {
    assertThat(ServerReply.of(message)).isEqualTo(new ServerReply(code, text));
  }

  @Test
  void of_longTextOfManyLines_isOneShortLine() {
    ServerReply reply = ServerReply.of("ERR " + "\u00e9".repeat(500) + "\nsecond");
    assertThat(reply.text()).hasSize(203).startsWith("ERR ??").endsWith("?...").hasLineCount(1);
  }
}
