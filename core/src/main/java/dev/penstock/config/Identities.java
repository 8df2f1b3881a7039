package dev.penstock.config;

import dev.penstock.IdentityResolver;
import dev.penstock.http.ApiKeys;
import dev.penstock.http.ClientAddress;
import dev.penstock.http.RequestView;
import dev.penstock.http.ServerUser;
import java.util.Optional;

/**
 * Who is charged: of an API key its owner, else of a token its user, else the server's user, else
 * the address of the client. A key comes before a token, so that it may stand where a token does.
 *
 * @param keys finds owners
 * @param tokens finds users
 * @param serverUser whether the server's user counts
 * @param clients finds addresses
 */
record Identities(
    Optional<ApiKeys> keys, Optional<Tokens> tokens, boolean serverUser, ClientAddress clients) {

  /** {@return these with the tokens of others, where they are described alike} */
  Identities reusing(Identities others) {
    boolean alike =
        tokens.isPresent() && others.tokens.isPresent() && tokens.get().isLike(others.tokens.get());
    return new Identities(keys, alike ? others.tokens : tokens, serverUser, clients);
  }

  IdentityResolver<RequestView> resolver() {
    IdentityResolver<RequestView> resolver = clients;
    if (serverUser) {
      resolver = ServerUser.byName().orElse(resolver);
    }
    if (tokens.isPresent()) {
      resolver = tokens.get().resolver().orElse(resolver);
    }
    return keys.isPresent() ? keys.get().orElse(resolver) : resolver;
  }
}
