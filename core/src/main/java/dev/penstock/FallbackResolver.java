package dev.penstock;

import java.lang.System.Logger.Level;
import java.util.Optional;

/** Asks one resolver, and another where the first cannot tell or fails. */
record FallbackResolver<R>(IdentityResolver<R> first, IdentityResolver<? super R> second)
    implements IdentityResolver<R> {

  private static final BoundedLog LOG = new BoundedLog(IdentityResolver.class);

  @Override
  public Optional<Identity> resolve(R request) {
    Optional<Identity> identity = Optional.empty();
    try {
      identity = first.resolve(request);
    } catch (RuntimeException e) {
      LOG.log(Level.WARNING, first.getClass().getName() + " failed, the next is asked", e);
    }
    return identity.isPresent() ? identity : second.resolve(request);
  }
}
