package dev.penstock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import org.junit.jupiter.api.Test;

class FallbackResolverTest {

  private static final IdentityResolver<Object> NOBODY = request -> Optional.empty();
  private static final IdentityResolver<Object> ADDRESS =
      request -> Optional.of(Identity.address(request.toString()));

  @Test
  void resolve_firstKnows_doesNotAskTheNext() {
    List<String> asked = new ArrayList<>();
    IdentityResolver<String> user = request -> Optional.of(Identity.user(request));
    IdentityResolver<String> both =
        user.orElse(
            request -> {
              asked.add(request);
              return Optional.empty();
            });
    assertThat(both.resolve("x")).contains(Identity.user("x"));
    assertThat(asked).isEmpty();
  }

  @Test
  void resolve_firstKnowsNobody_asksTheNext() {
    assertThat(NOBODY.orElse(ADDRESS).resolve("x")).contains(Identity.address("x"));
    assertThat(NOBODY.orElse(NOBODY).orElse(ADDRESS).resolve("x")).contains(Identity.address("x"));
    assertThat(NOBODY.orElse(NOBODY).resolve("x")).isEmpty();
  }

  @Test
  void resolve_firstFails_isLoggedWithoutItsMessageAndTheNextIsAsked() {
    IdentityResolver<Object> failing =
        request -> {
          throw new IllegalStateException("a secret of the request");
        };
    try (CapturedLog captured = new CapturedLog(IdentityResolver.class)) {
      assertThat(failing.orElse(ADDRESS).resolve("x")).contains(Identity.address("x"));
      assertThat(captured.records()).hasSize(1);
      LogRecord line = captured.records().get(0);
      assertThat(line.getLevel()).isEqualTo(Level.WARNING);
      assertThat(line.getThrown()).isNull();
      assertThat(line.getMessage())
          .startsWith(
              failing.getClass().getName()
                  + " failed, the next is asked: java.lang.IllegalStateException at "
                  + getClass().getName())
          .doesNotContain("secret");
    }
  }

  @Test
  @SuppressWarnings("NullAway") // null is what is tested
  void resolve_firstAnswersNull_isLoggedAndTheNextIsAsked() {
    IdentityResolver<Object> broken = request -> null;
    try (CapturedLog captured = new CapturedLog(IdentityResolver.class)) {
      assertThat(broken.orElse(ADDRESS).resolve("x")).contains(Identity.address("x"));
      assertThat(captured.records()).hasSize(1);
    }
  }

  @Test
  void resolve_firstRejectsTheRequest_doesNotAskTheNext() {
    IdentityResolver<Object> rejecting =
        request -> {
          throw new UnverifiedIdentityException("The token is expired.");
        };
    try (CapturedLog captured = new CapturedLog(IdentityResolver.class)) {
      for (IdentityResolver<Object> resolver :
          List.of(rejecting.orElse(ADDRESS), NOBODY.orElse(rejecting).orElse(ADDRESS))) {
        assertThatExceptionOfType(UnverifiedIdentityException.class)
            .isThrownBy(() -> resolver.resolve("x"))
            .satisfies(e -> assertThat(e.reason()).isEqualTo("The token is expired."));
      }
      assertThat(captured.records()).isEmpty();
    }
  }

  @Test
  void resolve_lastFails_reachesTheCaller() {
    IdentityResolver<Object> failing =
        request -> {
          throw new IllegalStateException("last");
        };
    assertThatExceptionOfType(IllegalStateException.class)
        .isThrownBy(() -> NOBODY.orElse(failing).resolve("x"))
        .withMessage("last");
  }

  @Test
  @SuppressWarnings("NullAway") // null is what is tested
  void orElse_null_namesTheParameter() {
    assertThatNullPointerException().isThrownBy(() -> NOBODY.orElse(null)).withMessage("next");
  }
}
