package dev.penstock.jdkhttp.demo;

import dev.penstock.InFlightLimit;
import dev.penstock.Limit;
import dev.penstock.TokenBucketLimit;
import dev.penstock.http.ClientAddress;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Arrays;
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
 */
record Settings(
    int port,
    List<Limit> limits,
    Optional<InFlightLimit> inFlight,
    Optional<TokenBucketLimit> modelTokens,
    SecretKey secret,
    ClientAddress clientAddress,
    Optional<String> redisUrl) {

  private static final int MIN_SECRET_BYTES = 32;
  private static final String HMAC = "HmacSHA256";

  /**
   * Reads {@code PORT}, {@code RATE_LIMIT}, {@code IN_FLIGHT}, {@code MODEL_TOKENS}, {@code
   * JWT_SECRET}, {@code TRUSTED_PROXIES} and {@code REDIS_URL}.
   *
   * @throws IllegalArgumentException naming the variable and, but for the secret, its value
   */
  static Settings of(Map<String, String> environment) {
    return new Settings(
        port(environment.getOrDefault("PORT", "8080")),
        limits(environment.getOrDefault("RATE_LIMIT", "10/minute")),
        Optional.ofNullable(environment.get("IN_FLIGHT")).map(Settings::inFlight),
        Optional.ofNullable(environment.get("MODEL_TOKENS")).map(Settings::modelTokens),
        secret(Optional.ofNullable(environment.get("JWT_SECRET"))),
        clientAddress(environment.getOrDefault("TRUSTED_PROXIES", "")),
        Optional.ofNullable(environment.get("REDIS_URL")));
  }

  private static int port(String text) {
    try {
      int port = Integer.parseInt(text);
      if (port >= 0 && port <= 65535) {
        return port;
      }
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(portMessage(text), e);
    }
    throw new IllegalArgumentException(portMessage(text));
  }

  private static String portMessage(String text) {
    return "PORT must be a number from 0 to 65535: \"" + text + "\"";
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
  private static TokenBucketLimit modelTokens(String text) {
    try {
      return owing(Limit.parse(text.matches("[0-9]+") ? text + "/minute" : text));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("MODEL_TOKENS is not a limit: " + e.getMessage(), e);
    }
  }

  /** A run says what it has used when it has, so a bucket may owe the tokens of the longest. */
  private static TokenBucketLimit owing(TokenBucketLimit limit) {
    TokenBucketLimit counted = limit.withUnit(AgentHandler.MODEL_TOKENS);
    try {
      return counted.withOverdraft(RunRequest.MAX_TOKENS);
    } catch (IllegalArgumentException e) { // it would take more than ten years to refill
      return counted;
    }
  }

  private static SecretKey secret(Optional<String> text) {
    if (text.isEmpty()) {
      byte[] random = new byte[MIN_SECRET_BYTES];
      new SecureRandom().nextBytes(random);
      return new SecretKeySpec(random, HMAC);
    }
    byte[] secret = text.get().getBytes(StandardCharsets.UTF_8);
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
