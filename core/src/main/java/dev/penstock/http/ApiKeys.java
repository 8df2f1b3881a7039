package dev.penstock.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.penstock.Identity;
import dev.penstock.IdentityResolver;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Finds whom an API key in a header field was given to. Empty where a request has none that was
 * given out: whoever could name a bucket by a key of their own invention had any number of them. Of
 * several in a request the first that was given out counts.
 *
 * <p>No key is kept, only its HMAC-SHA-256, by which it is also found: neither a look into the
 * memory nor the time that an answer takes tells one.
 *
 * <pre>{@code
 * ApiKeys.of("X-Api-Key", Map.of("k-7f3c", "acme"))
 * ApiKeys.checkedBy("Authorization", secret, keys::isValid)
 * }</pre>
 *
 * <p>In {@code Authorization}, a key stands behind {@code Bearer}; in any other field, alone.
 * Immutable and thread-safe, as far as its function is. Costs about 1 us a request.
 */
public final class ApiKeys implements IdentityResolver<RequestView> {

  /** The type of an identity that is named by a key's owner. */
  static final String OWNER = "api-key-owner";

  /** The type of an identity that is named by a key's keyed hash. */
  static final String HASH = "api-key-hash";

  private static final int MAX_LENGTH = 1024;
  private static final int MIN_SECRET_BYTES = 32;
  private static final int HASH_BYTES = 16;
  private static final String ALGORITHM = "HmacSHA256";
  private static final String AUTHORIZATION = "Authorization";
  private static final String SCHEME = "Bearer ";

  private final String field;
  private final Function<String, Optional<Identity>> owners;

  private ApiKeys(String field, Function<String, Optional<Identity>> owners) {
    this.field = field;
    this.owners = owners;
  }

  /**
   * Returns a resolver that knows all keys: {@code Identity.named("api-key-owner", owner)}. Keys of
   * one owner are charged together.
   *
   * @param field the name of the header field, in any case: 1 or more letters, digits and {@code
   *     !#$%&'*+-.^_`|~}
   * @param ownersByKey whom each key was given to, at least one; keys of 1 to 1024 characters of
   *     visible ASCII, owners of 1 to 1024 characters, not blank. Copied, without the keys.
   * @return the resolver
   * @throws IllegalArgumentException if a part is anything else
   */
  public static ApiKeys of(String field, Map<String, String> ownersByKey) {
    requireField(field);
    Objects.requireNonNull(ownersByKey, "ownersByKey");
    if (ownersByKey.isEmpty()) {
      throw new IllegalArgumentException("ownersByKey must not be empty");
    }
    SecretKeySpec secret = new SecretKeySpec(random(), ALGORITHM);
    Map<String, Identity> owners = new HashMap<>();
    ownersByKey.forEach(
        (key, owner) -> {
          if (!isKey(key)) {
            throw new IllegalArgumentException(
                "ownersByKey must have keys of 1 to "
                    + MAX_LENGTH
                    + " characters of visible ASCII: one of "
                    + key.length()
                    + " characters");
          }
          owners.put(hash(secret, key), Identity.named(OWNER, owner));
        });
    return new ApiKeys(field, key -> Optional.ofNullable(owners.get(hash(secret, key))));
  }

  /**
   * Returns a resolver for keys that are kept elsewhere: {@code Identity.named("api-key-hash",
   * ...)}, named by 128 bits of the key's HMAC-SHA-256 in base64url, so that neither Redis nor a
   * log has the key.
   *
   * @param field the name of the header field, as {@link #of} takes it
   * @param secret at least 32 bytes, and the same wherever one limit is shared; copied
   * @param isValid says whether a key was given out, of any text of 1 to 1024 characters of visible
   *     ASCII that a client sends; the request waits for it, so it looks into a cache. Thread-safe.
   * @return the resolver
   * @throws IllegalArgumentException if the field is no name, or the secret is too short
   */
  public static ApiKeys checkedBy(String field, byte[] secret, Predicate<? super String> isValid) {
    requireField(field);
    Objects.requireNonNull(secret, "secret");
    Objects.requireNonNull(isValid, "isValid");
    if (secret.length < MIN_SECRET_BYTES) {
      throw new IllegalArgumentException(
          "secret must have at least " + MIN_SECRET_BYTES + " bytes: " + secret.length);
    }
    SecretKeySpec copy = new SecretKeySpec(secret, ALGORITHM);
    return new ApiKeys(
        field,
        key ->
            isValid.test(key)
                ? Optional.of(Identity.named(HASH, hash(copy, key)))
                : Optional.empty());
  }

  @Override
  public Optional<Identity> resolve(RequestView request) {
    Objects.requireNonNull(request, "request");
    for (String line : request.headerLines(field)) {
      String key = key(line.strip());
      Optional<Identity> owner = isKey(key) ? owners.apply(key) : Optional.empty();
      if (owner.isPresent()) {
        return owner;
      }
    }
    return Optional.empty();
  }

  /** Returns what is no key where the scheme is another. */
  private String key(String value) {
    if (!field.equalsIgnoreCase(AUTHORIZATION)) {
      return value;
    }
    return value.regionMatches(true, 0, SCHEME, 0, SCHEME.length())
        ? value.substring(SCHEME.length()).strip()
        : "";
  }

  private static void requireField(String field) {
    Objects.requireNonNull(field, "field");
    if (field.isEmpty() || !field.chars().allMatch(ApiKeys::isOfName)) {
      throw new IllegalArgumentException(
          "field must be a field name (RFC 9110, section 5.1): \"" + field + '"');
    }
  }

  private static boolean isOfName(int c) {
    return c > ' ' && c < 0x7F && "\"(),/:;<=>?@[\\]{}".indexOf(c) < 0;
  }

  private static boolean isKey(String text) {
    return !text.isEmpty()
        && text.length() <= MAX_LENGTH
        && text.chars().allMatch(c -> c > ' ' && c < 0x7F);
  }

  private static byte[] random() {
    byte[] secret = new byte[MIN_SECRET_BYTES];
    new SecureRandom().nextBytes(secret);
    return secret;
  }

  private static String hash(SecretKeySpec secret, String key) {
    try {
      Mac mac = Mac.getInstance(ALGORITHM);
      mac.init(secret);
      byte[] hash = Arrays.copyOf(mac.doFinal(key.getBytes(UTF_8)), HASH_BYTES);
      return Base64.getUrlEncoder().withoutPadding().encodeToString(hash);
    } catch (GeneralSecurityException e) {
      // Every Java runtime has it.
      throw new IllegalStateException(e);
    }
  }
}
