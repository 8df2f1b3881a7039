package dev.penstock.jdkhttp.demo;

import dev.penstock.InFlightLimit;
import dev.penstock.Limit;
import dev.penstock.TokenBucketLimit;
import dev.penstock.WindowLimit;
import dev.penstock.http.ClientAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;

/**
 * The demo's settings, as its environment gives them.
 *
 * @param port 0 to 65535; 0 takes a free one
 * @param limits how many runs a user, or an address, may start
 * @param inFlight how many of them may be under way at once; any number where empty
 * @param modelTokens what the runs of a workspace, or an address, may use; anything where empty
 * @param secret the HS256 key of at least 32 bytes
 * @param clientAddress who is charged without a token
 * @param redisUrl where the buckets live; in memory where empty
 * @param policyFile says the limits and who is charged, where there is one
 * @param environment what the policy file refers to
 * @param admin where it shows itself to whoever administers it; nowhere where empty
 */
record Settings(
    int port,
    List<Limit> limits,
    Optional<InFlightLimit> inFlight,
    Optional<Limit> modelTokens,
    SecretKey secret,
    ClientAddress clientAddress,
    Optional<String> redisUrl,
    Optional<Path> policyFile,
    Map<String, String> environment,
    Optional<AdminPort> admin) {

  private static final int MIN_SECRET_BYTES = 32;
  private static final int RANDOM_BYTES = 24; // 32 letters of base64
  private static final String HMAC = "HmacSHA256";
  private static final String SECRET = "JWT_SECRET";
  private static final String POLICY_FILE = "POLICY_FILE";

  /** What the policy file says in place of them. */
  private static final List<String> SAID_BY_FILE =
      List.of("RATE_LIMIT", "IN_FLIGHT", "MODEL_TOKENS", "TRUSTED_PROXIES");

  /**
   * Reads {@code PORT}, {@code RATE_LIMIT}, {@code IN_FLIGHT}, {@code MODEL_TOKENS}, {@code
   * JWT_SECRET}, {@code TRUSTED_PROXIES}, {@code REDIS_URL} and {@code POLICY_FILE}, and what
   * {@link AdminPort} does.
   *
   * @throws IllegalArgumentException naming the variable and, but for the secret, its value
   */
  static Settings of(Map<String, String> given) {
    Map<String, String> environment = new HashMap<>(given);
    environment.computeIfAbsent(SECRET, name -> randomText());
    Optional<Path> policyFile = Optional.ofNullable(given.get(POLICY_FILE)).map(Path::of);
    for (String variable : SAID_BY_FILE) {
      if (policyFile.isPresent() && given.containsKey(variable)) {
        throw new IllegalArgumentException(
            variable + " must not stand beside POLICY_FILE, which says it: " + policyFile.get());
      }
    }
    return new Settings(
        port("PORT", environment.getOrDefault("PORT", "8080")),
        limits(environment.getOrDefault("RATE_LIMIT", "10/minute")),
        Optional.ofNullable(environment.get("IN_FLIGHT")).map(Settings::inFlight),
        Optional.ofNullable(environment.get("MODEL_TOKENS")).map(Settings::modelTokens),
        secret(environment.getOrDefault(SECRET, "")),
        clientAddress(environment.getOrDefault("TRUSTED_PROXIES", "")),
        Optional.ofNullable(environment.get("REDIS_URL")),
        policyFile,
        Map.copyOf(environment),
        AdminPort.of(given));
  }

  static int port(String variable, String text) {
    try {
      int port = Integer.parseInt(text);
      if (port >= 0 && port <= 65535) {
        return port;
      }
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(portMessage(variable, text), e);
    }
    throw new IllegalArgumentException(portMessage(variable, text));
  }

  private static String portMessage(String variable, String text) {
    return variable + " must be a number from 0 to 65535: \"" + text + "\"";
  }

  private static List<Limit> limits(String text) {
    try {
      return Limit.parseAll(text);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("RATE_LIMIT is not a limit: " + e.getMessage(), e);
    }
  }

  private static InFlightLimit inFlight(String text) {
    try {
      return Limit.inFlight(Long.parseLong(text));
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("IN_FLIGHT must be a number: \"" + text + "\"", e);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("IN_FLIGHT is not a limit: " + e.getMessage(), e);
    }
  }

  /** A number alone is tokens a minute. */
  private static Limit modelTokens(String text) {
    try {
      return owing(Limit.parse(text.matches("[0-9]+") ? text + "/minute" : text));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("MODEL_TOKENS is not a limit: " + e.getMessage(), e);
    }
  }

  /** A run says what it has used when it has, so a bucket may owe the tokens of the longest. */
  private static Limit owing(Limit limit) {
    Limit counted = limit.withUnit(AgentHandler.MODEL_TOKENS);
    if (counted instanceof WindowLimit window) {
      return window.withOverdraft(Math.min(RunRequest.MAX_TOKENS, window.capacity()));
    }
    try {
      return ((TokenBucketLimit) counted).withOverdraft(RunRequest.MAX_TOKENS);
    } catch (IllegalArgumentException e) { // it would take more than ten years to refill
      return counted;
    }
  }

  private static String randomText() {
    byte[] random = new byte[RANDOM_BYTES];
    new SecureRandom().nextBytes(random);
    return Base64.getUrlEncoder().encodeToString(random);
  }

  private static SecretKey secret(String text) {
    byte[] secret = text.getBytes(StandardCharsets.UTF_8);
    if (secret.length < MIN_SECRET_BYTES) {
      throw new IllegalArgumentException(
          "JWT_SECRET must be at least " + MIN_SECRET_BYTES + " bytes: it has " + secret.length);
    }
    return new SecretKeySpec(secret, HMAC);
  }

  private static ClientAddress clientAddress(String text) {
    if (text.isBlank()) {
      return ClientAddress.ofPeer();
    }
    try {
      return ClientAddress.trusting(
          Arrays.stream(text.split(",", -1)).map(String::strip).toArray(String[]::new));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "TRUSTED_PROXIES is not a list of CIDR blocks: " + e.getMessage(), e);
    }
  }
}
