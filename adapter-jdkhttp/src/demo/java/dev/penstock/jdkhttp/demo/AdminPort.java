package dev.penstock.jdkhttp.demo;

import dev.penstock.admin.AdminToken;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Where the demo shows itself to whoever administers it.
 *
 * @param address where it listens, on the loopback interface unless the environment says another
 * @param token what they have to know
 */
record AdminPort(InetSocketAddress address, AdminToken token) {

  private static final String PORT = "ADMIN_PORT";
  private static final String TOKEN = "ADMIN_TOKEN";
  private static final String ADDRESS = "ADMIN_ADDRESS";

  /**
   * Reads {@code ADMIN_PORT}, {@code ADMIN_TOKEN} and {@code ADMIN_ADDRESS}; empty without the
   * first two.
   *
   * @throws IllegalArgumentException naming the variable and, but for the token, its value
   */
  static Optional<AdminPort> of(Map<String, String> environment) {
    String port = environment.get(PORT);
    String token = environment.get(TOKEN);
    if (port == null && token == null) {
      return Optional.empty();
    }
    if (port == null) {
      throw new IllegalArgumentException(PORT + " must be set where " + TOKEN + " is");
    }
    if (token == null) {
      throw new IllegalArgumentException(TOKEN + " must be set where " + PORT + " is: " + port);
    }
    InetSocketAddress address =
        new InetSocketAddress(address(environment.get(ADDRESS)), Settings.port(PORT, port));
    try {
      return Optional.of(new AdminPort(address, AdminToken.of(token)));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(TOKEN + " is no token: " + e.getMessage(), e);
    }
  }

  private static InetAddress address(@Nullable String text) {
    if (text == null) {
      return InetAddress.getLoopbackAddress();
    }
    try {
      return InetAddress.getByName(text);
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException(
          ADDRESS + " must be an address of this machine: \"" + text + "\"", e);
    }
  }
}
