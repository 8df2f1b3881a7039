package dev.penstock.http;

import dev.penstock.Identity;
import dev.penstock.IdentityResolver;
import java.security.Principal;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;

/**
 * Finds the user whom the server knows already: by a session, a client certificate, an opaque
 * token, or whatever else it authenticates by. Empty where the server knows nobody.
 *
 * <p>So the gate has to come after what authenticates: a servlet filter behind that of Spring
 * Security, or as it is where the container does it; with the JDK's server the wrapped handler of a
 * context with an {@code Authenticator}. Whoever comes before it finds no user, and charges the
 * client's address. A request that is rejected by what authenticates never comes to the gate: put
 * another one in front, by address, where failed attempts are to be limited, too.
 *
 * <pre>{@code
 * ServerUser.byName()
 * ServerUser.by(user -> Optional.of(Identity.user(tenants.of(user.getName()), user.getName())))
 * }</pre>
 *
 * <p>Immutable and thread-safe, as far as its function is.
 */
public final class ServerUser implements IdentityResolver<RequestView> {

  private final Function<? super Principal, Optional<Identity>> identity;

  private ServerUser(Function<? super Principal, Optional<Identity>> identity) {
    this.identity = identity;
  }

  /**
   * {@return a resolver that takes the user's name as it is, in no workspace} A user without a name
   * or with a blank one counts as none.
   */
  public static ServerUser byName() {
    return new ServerUser(ServerUser::named);
  }

  /**
   * Returns a resolver that makes an identity of the server's user, with a workspace for example.
   *
   * @param identity gives the identity, or empty for a user who is to be charged otherwise;
   *     thread-safe
   * @return the resolver
   */
  public static ServerUser by(Function<? super Principal, Optional<Identity>> identity) {
    return new ServerUser(Objects.requireNonNull(identity, "identity"));
  }

  @Override
  public Optional<Identity> resolve(RequestView request) {
    Objects.requireNonNull(request, "request");
    return request.principal().flatMap(identity);
  }

  private static Optional<Identity> named(Principal user) {
    return Optional.ofNullable(user.getName()).filter(name -> !name.isBlank()).map(Identity::user);
  }
}
