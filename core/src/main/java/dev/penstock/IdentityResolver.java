package dev.penstock;

import java.util.Objects;
import java.util.Optional;

/**
 * Finds the identity of a request.
 *
 * <p>Empty means: this resolver knows nobody; it never means unlimited. Whoever asks then charges
 * someone else, in the end the client's address. Implementations are thread-safe and trust nothing
 * that the client merely claims.
 *
 * @param <R> the request as its protocol shows it
 */
@FunctionalInterface
public interface IdentityResolver<R> {

  /**
   * {@return who is charged for the request, or empty where this resolver cannot tell}
   *
   * @param request the request
   * @throws UnverifiedIdentityException if the request is to be rejected, as it proves wrongly whom
   *     it is from, and the resolver was told to reject such requests
   */
  Optional<Identity> resolve(R request);

  /**
   * Returns a resolver that asks this one first, and the next one where this one cannot tell or
   * fails. A failure is logged and goes no further, but for {@link UnverifiedIdentityException}.
   *
   * @param next who is asked second
   * @return both in order
   */
  default IdentityResolver<R> orElse(IdentityResolver<? super R> next) {
    Objects.requireNonNull(next, "next");
    return new FallbackResolver<>(this, next);
  }
}
