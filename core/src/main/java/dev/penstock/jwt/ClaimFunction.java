package dev.penstock.jwt;

import dev.penstock.base.BoundedLog;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What the application's own function makes of the claims. Where that fails, the token is not
 * valid, and a line of the log says so.
 */
final class ClaimFunction implements ClaimSource {

  private static final BoundedLog LOG = new BoundedLog(JwtIdentityResolver.class);

  private final Function<? super Map<String, ?>, Optional<String>> function;

  ClaimFunction(Function<? super Map<String, ?>, Optional<String>> function) {
    this.function = function;
  }

  @Override
  public @Nullable Object value(Map<String, ?> claims) {
    try {
      return function.apply(Collections.unmodifiableMap(claims)).orElse(null);
    } catch (RuntimeException e) {
      LOG.warn("A function of the claims failed; the token is not valid", e);
      return NO_NAME;
    }
  }

  @Override
  public boolean reads(String claim) {
    return true;
  }
}
