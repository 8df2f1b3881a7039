package dev.penstock;

import dev.penstock.base.BoundedLog;
import java.util.Optional;

/** Asks one resolver, and another where the first cannot tell or fails. */
record FallbackResolver<R>(
    IdentityResolver<R> first, IdentityResolver<? super R> second, BoundedLog log)
    implements IdentityResolver<R> {

  FallbackResolver(IdentityResolver<R> first, IdentityResolver<? super R> second) {
    this(first, second, new BoundedLog(IdentityResolver.class));
  }

  @Override
  public Optional<Identity> resolve(R request) {
    try {
      Optional<Identity> identity = first.resolve(request);
      if (identity == null) {
        log.warn(first.getClass().getName() + " returned null, the next is asked");
      } else if (identity.isPresent()) {
        return identity;
      }
    } catch (UnverifiedIdentityException e) {
      throw e;
    } catch (Throwable e) { // an Error, too: whoever is not found pays all the same
      log.warn(first.getClass().getName() + " failed, the next is asked", e);
    }
    return second.resolve(request);
  }
}
