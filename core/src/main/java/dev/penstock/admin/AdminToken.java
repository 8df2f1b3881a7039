package dev.penstock.admin;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What whoever administers has to know. Holds a digest of it alone, which is compared in constant
 * time. Immutable and thread-safe.
 *
 * <pre>{@code
 * AdminToken.from("env:ADMIN_TOKEN")
 * AdminToken.from("file:/run/secrets/admin-token")
 * }</pre>
 */
public final class AdminToken {

  /** How many characters it has at least. */
  public static final int LEAST_LENGTH = 32;

  private static final int MOST_LENGTH = 4096;
  private static final String ENVIRONMENT = "env:";
  private static final String FILE = "file:";

  /** What a client can send as a Bearer token (RFC 6750 section 2.1). */
  private static final Pattern SENDABLE = Pattern.compile("[A-Za-z0-9._~+/-]+=*");

  private static final Pattern BEARER = Pattern.compile("(?i:Bearer) +([^ ]+) *");

  private final byte[] digest;

  private AdminToken(byte[] digest) {
    this.digest = digest;
  }

  /**
   * Returns the token of this text.
   *
   * @param token 32 to 4096 letters, digits and {@code ._~+/-}, with {@code =} at its end
   * @return the token
   * @throws IllegalArgumentException if it is shorter, longer or of other characters; the message
   *     does not tell it
   */
  public static AdminToken of(String token) {
    Objects.requireNonNull(token, "token");
    if (token.length() < LEAST_LENGTH || token.length() > MOST_LENGTH) {
      throw new IllegalArgumentException(
          "token must be "
              + LEAST_LENGTH
              + " to "
              + MOST_LENGTH
              + " characters: it has "
              + token.length());
    }
    if (!SENDABLE.matcher(token).matches()) {
      throw new IllegalArgumentException(
          "token must be letters, digits and ._~+/- with = at its end, as clients can send it; it"
              + " is not shown");
    }
    return new AdminToken(digest(token));
  }

  /**
   * Returns the token that stands elsewhere, as secrets do.
   *
   * @param reference {@code env:NAME}, a variable of this process's environment, or {@code
   *     file:PATH}, a file that holds it, with or without the end of a line
   * @return the token
   * @throws IllegalArgumentException if it is no reference, names nothing, or what it names is not
   *     as {@link #of} takes it; the message does not tell it
   */
  public static AdminToken from(String reference) {
    return from(reference, System.getenv());
  }

  static AdminToken from(String reference, Map<String, String> environment) {
    Objects.requireNonNull(reference, "reference");
    if (reference.startsWith(ENVIRONMENT)) {
      String name = reference.substring(ENVIRONMENT.length());
      String value = environment.get(name);
      if (value == null) {
        throw new IllegalArgumentException(
            "reference must name a variable of the environment that is set: " + name);
      }
      return of(value);
    }
    if (reference.startsWith(FILE)) {
      return of(content(reference.substring(FILE.length())));
    }
    throw new IllegalArgumentException(
        "reference must be env:NAME or file:PATH: a token itself has no place here, and is not"
            + " shown");
  }

  private static String content(String path) {
    try (InputStream in = Files.newInputStream(Path.of(path))) {
      return new String(in.readNBytes(MOST_LENGTH + 2), StandardCharsets.UTF_8).stripTrailing();
    } catch (IOException | InvalidPathException e) {
      throw new IllegalArgumentException("reference must name a file to be read: " + path, e);
    }
  }

  /** {@return whether the lines of {@code Authorization} are one, with this as a Bearer token} */
  boolean isIn(List<String> lines) {
    if (lines.size() != 1) {
      return false;
    }
    Matcher bearer = BEARER.matcher(lines.get(0));
    return bearer.matches() && MessageDigest.isEqual(digest, digest(bearer.group(1)));
  }

  private static byte[] digest(String token) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // every Java has it
    }
  }

  @Override
  public String toString() {
    return "AdminToken";
  }
}
