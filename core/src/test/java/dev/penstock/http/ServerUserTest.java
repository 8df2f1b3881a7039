package dev.penstock.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import dev.penstock.Identity;
import dev.penstock.IdentityResolver;
import java.security.Principal;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ServerUserTest {

  /** A request of a user, or of nobody. */
  private record Known(@Nullable Principal user) implements RequestView {

    @Override
    public String method() {
      return "GET";
    }

    @Override
    public String target() {
      return "/";
    }

    @Override
    public List<String> headerLines(String name) {
      return List.of();
    }

    @Override
    public String peer() {
      return FakeRequest.PEER;
    }

    @Override
    public Optional<Principal> principal() {
      return Optional.ofNullable(user);
    }
  }

  @Test
  void byName_user_isTheirName() {
    assertThat(ServerUser.byName().resolve(named("ann"))).contains(Identity.user("ann"));
    assertThat(ServerUser.byName().resolve(named(" Ann "))).contains(Identity.user(" Ann "));
  }

  @Test
  @SuppressWarnings("NullAway") // servers have such principals
  void byName_nobody_isEmpty() {
    assertThat(ServerUser.byName().resolve(new Known(null))).isEmpty();
    assertThat(ServerUser.byName().resolve(named(""))).isEmpty();
    assertThat(ServerUser.byName().resolve(named(" "))).isEmpty();
    assertThat(ServerUser.byName().resolve(new Known(() -> null))).isEmpty();
  }

  /** An adapter that does not know of users compiles, and has none. */
  @Test
  void principal_notSaid_isEmpty() {
    assertThat(FakeRequest.of("GET /").principal()).isEmpty();
  }

  @Test
  void by_function_isWhatItSays() {
    ServerUser staff =
        ServerUser.by(
            user ->
                user.getName().endsWith("@acme")
                    ? Optional.of(Identity.user("acme", user.getName()))
                    : Optional.empty());

    assertThat(staff.resolve(named("ann@acme"))).contains(Identity.user("acme", "ann@acme"));
    assertThat(staff.resolve(named("eve"))).isEmpty();
    assertThat(staff.resolve(new Known(null))).isEmpty();
  }

  @Test
  void orElse_nameThatIsNone_isTheAddress() {
    IdentityResolver<RequestView> resolver = ServerUser.byName().orElse(ClientAddress.ofPeer());

    for (Known request : new Known[] {new Known(null), named("x".repeat(1025)), named("\ud800")}) {
      assertThat(resolver.resolve(request)).contains(Identity.address(FakeRequest.PEER));
    }
  }

  @Test
  @SuppressWarnings("NullAway") // null is what is tested
  void nulls_nameTheParameter() {
    assertThatNullPointerException().isThrownBy(() -> ServerUser.by(null)).withMessage("identity");
    assertThatNullPointerException()
        .isThrownBy(() -> ServerUser.byName().resolve(null))
        .withMessage("request");
  }

  private static Known named(String name) {
    return new Known(() -> name);
  }
}
