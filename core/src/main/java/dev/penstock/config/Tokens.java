package dev.penstock.config;

import dev.penstock.jwt.JwtIdentityResolver;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The resolver of tokens that a file describes, made once. It knows keys that were fetched and
 * users that were verified, so a changed file that describes the same goes on with it.
 */
final class Tokens {

  private final String described;
  private final Supplier<JwtIdentityResolver> maker;
  private @Nullable JwtIdentityResolver made;

  /**
   * Makes the part of a file.
   *
   * @param described all that it hangs on, secrets included
   * @param maker makes the resolver
   */
  Tokens(String described, Supplier<JwtIdentityResolver> maker) {
    this.described = described;
    this.maker = maker;
  }

  boolean isLike(Tokens other) {
    return described.equals(other.described);
  }

  synchronized JwtIdentityResolver resolver() {
    if (made == null) {
      made = maker.get();
    }
    return made;
  }
}
