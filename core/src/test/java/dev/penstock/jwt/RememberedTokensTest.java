package dev.penstock.jwt;

import static dev.penstock.jwt.TestTokens.NOW;
import static dev.penstock.jwt.TestTokens.RSA;
import static dev.penstock.jwt.TestTokens.SECRET;
import static dev.penstock.jwt.TestTokens.at;
import static dev.penstock.jwt.TestTokens.hs256;
import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.Identity;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RememberedTokensTest {

  private static final Identity U1 = Identity.user("acme", "u1");
  private static final VerificationKeys KEYS =
      VerificationKeys.unnamed(VerificationKey.hmac(SECRET));
  private static final TokenVerifier VERIFIER = new TokenVerifier(KEYS);

  private Instant now = NOW;
  private TokenVerifier verifier = VERIFIER;
  private final JwtIdentityResolver resolver =
      JwtIdentityResolver.builder()
          .keys(
              new TokenVerifiers() {
                @Override
                public TokenVerifier current() {
                  return verifier;
                }

                @Override
                public void keyMissing() {}
              })
          .clock(() -> now)
          .build();

  @Test
  void resolve_withinAMinute_verifiesOnce() {
    String token = u1For(3600);
    assertVerified(token, 1);
    now = now.plus(Duration.ofSeconds(60).minusMillis(1));
    assertVerified(token, 1);
  }

  @Test
  void resolve_afterAMinute_verifiesAgain() {
    String token = u1For(3600);
    assertVerified(token, 1);
    now = now.plusSeconds(60);
    assertVerified(token, 2);
    now = now.plusSeconds(59);
    assertVerified(token, 2);
  }

  @Test
  void resolve_pastExp_isNotRemembered() {
    String token = u1For(30);
    assertVerified(token, 1);
    now = now.plusSeconds(30);
    assertVerified(token, 2);
    assertVerified(token, 3);
    now = now.plusSeconds(10);
    assertThat(resolver.resolve(TokenRequests.bearer(token))).isEmpty();
  }

  @Test
  void resolve_clockGoneBack_verifiesAgain() {
    String token = u1For(3600);
    assertVerified(token, 1);
    now = now.minusMillis(1);
    assertVerified(token, 2);
  }

  @Test
  void resolve_keyRotatedOut_rejectsAtOnce() {
    String token = u1For(3600);
    assertVerified(token, 1);
    verifier =
        new TokenVerifier(
            VerificationKeys.unnamed(VerificationKey.signature(RSA.getPublic(), null)));
    assertThat(resolver.resolve(TokenRequests.bearer(token))).isEmpty();
  }

  @Test
  void resolve_signatureNoLongerRight_losesItsStanding() {
    String token = u1For(3600);
    assertVerified(token, 1);
    verifier = new TokenVerifier(VerificationKeys.unnamed(VerificationKey.hmac(new byte[32])));
    for (int i = 0; i < 1000; i++) {
      assertThat(resolver.resolve(TokenRequests.bearer(token))).isEmpty();
    }

    assertThat(resolver.signatureChecks()).isLessThan(100);
  }

  @Test
  void resolve_oneCharacterOff_isAnotherToken() {
    String token = u1For(3600);
    assertVerified(token, 1);
    assertThat(resolver.resolve(TokenRequests.bearer("eyK" + token.substring(3)))).isEmpty();
    assertThat(resolver.resolve(TokenRequests.bearer(token + "A"))).isEmpty();
  }

  @Test
  void find_moreTokensThanSlots_keepsTheNewestOfEachPair() {
    RememberedTokens tokens = new RememberedTokens();
    int count = 100_000;
    for (int i = 0; i < count; i++) {
      tokens.add("token " + i, U1, VERIFIER, i, Long.MAX_VALUE);
    }

    assertThat(IntStream.range(0, count).filter(i -> tokens.find("token " + i) != null).count())
        .isBetween(10_000L, 16_384L);
    assertThat(tokens.find("token " + (count - 1))).isNotNull();
  }

  @Test
  void find_collidingTokens_areKeptApart() {
    RememberedTokens tokens = new RememberedTokens();
    // Equal in the 32 characters that are hashed.
    String end = "x".repeat(32);
    tokens.add("a" + end, U1, VERIFIER, 0, Long.MAX_VALUE);
    tokens.add("b" + end, Identity.user("u2"), VERIFIER, 1, Long.MAX_VALUE);
    assertThat(identity(tokens, "a" + end)).isEqualTo(U1);
    assertThat(identity(tokens, "b" + end)).isEqualTo(Identity.user("u2"));
    assertThat(tokens.find("c" + end)).isNull();

    tokens.add("c" + end, Identity.user("u3"), VERIFIER, 2, Long.MAX_VALUE);
    assertThat(tokens.find("a" + end)).isNull();
    assertThat(identity(tokens, "b" + end)).isEqualTo(Identity.user("u2"));
    assertThat(identity(tokens, "c" + end)).isEqualTo(Identity.user("u3"));
  }

  @Test
  void add_sameTokenAgain_takesNoSecondSlot() {
    RememberedTokens tokens = new RememberedTokens();
    String end = "x".repeat(32);
    tokens.add("a" + end, U1, VERIFIER, 0, Long.MAX_VALUE);
    tokens.add("b" + end, U1, VERIFIER, 0, Long.MAX_VALUE);
    tokens.add("a" + end, U1, VERIFIER, 5, Long.MAX_VALUE);
    tokens.add("b" + end, U1, VERIFIER, 5, Long.MAX_VALUE);

    assertThat(tokens.find("a" + end)).extracting(RememberedTokens.Entry::from).isEqualTo(5L);
    assertThat(tokens.find("b" + end)).extracting(RememberedTokens.Entry::from).isEqualTo(5L);
  }

  /** What Keycloak makes of 20 roles has more than 2048 characters. */
  @ParameterizedTest
  @ValueSource(ints = {2_198, 8_000})
  void resolve_longToken_verifiesOnce(int length) {
    String token =
        hs256(
            "{'sub':'u1','workspace_id':'acme','exp':"
                + at(3600)
                + ",'roles':'"
                + "x".repeat(length * 3 / 4 - 150)
                + "'}");
    assertThat(token).hasSizeBetween(length - 100, length + 100);
    assertVerified(token, 1);
    assertVerified(token, 1);
  }

  @ParameterizedTest
  @CsvSource({"2048, 10000, 16384", "8192, 3500, 4096", "100, 10000, 16384"})
  void add_tokensOfALength_areRememberedWithinTheSameMemory(int length, int atLeast, int atMost) {
    RememberedTokens tokens = new RememberedTokens();
    int count = 40_000;
    for (int i = 0; i < count; i++) {
      tokens.add(ofLength(length, i), U1, VERIFIER, i, Long.MAX_VALUE);
      assertThat(tokens.characters()).isLessThanOrEqualTo(RememberedTokens.MAX_CHARACTERS);
    }

    long kept =
        IntStream.range(0, count).filter(i -> tokens.find(ofLength(length, i)) != null).count();
    assertThat(kept).isBetween((long) atLeast, (long) atMost);
    assertThat(tokens.characters()).isEqualTo(kept * length);
    assertThat(tokens.find(ofLength(length, count - 1))).isNotNull();
  }

  /** However they meet, no character is counted that is not there, or the table would empty. */
  @Test
  void add_fromManyThreads_countsEveryCharacterOnce() {
    RememberedTokens tokens = new RememberedTokens();
    int count = 40_000;
    IntStream.range(0, count)
        .parallel()
        .forEach(
            i -> {
              String token = longOrShort(i);
              tokens.add(token, U1, VERIFIER, i, Long.MAX_VALUE);
              RememberedTokens.Entry entry = tokens.find(token);
              if (entry != null && i % 5 == 0) {
                tokens.forget(entry);
              }
            });

    long kept =
        IntStream.range(0, count)
            .mapToObj(RememberedTokensTest::longOrShort)
            .filter(token -> tokens.find(token) != null)
            .mapToLong(String::length)
            .sum();
    assertThat((long) tokens.characters()).isEqualTo(kept).isPositive();
  }

  private static String longOrShort(int i) {
    return ofLength(i % 3 == 0 ? 8192 : 1000, i);
  }

  /** Ends otherwise for each number, as signatures do. */
  private static String ofLength(int length, int i) {
    String end = Long.toString(i * 0x9E3779B97F4A7C15L, 36);
    return "x".repeat(length - end.length()) + end;
  }

  @Test
  void forget_eitherOfAPair_leavesTheOther() {
    RememberedTokens tokens = new RememberedTokens();
    String end = "x".repeat(32);
    tokens.add("a" + end, U1, VERIFIER, 0, 1);
    tokens.add("b" + end, U1, VERIFIER, 0, 1);
    forget(tokens, "b" + end);
    assertThat(tokens.find("a" + end)).isNotNull();
    forget(tokens, "a" + end);
    assertThat(tokens.find("a" + end)).isNull();
  }

  private static void forget(RememberedTokens tokens, String token) {
    tokens.forget(Objects.requireNonNull(tokens.find(token)));
    assertThat(tokens.find(token)).isNull();
  }

  private static Identity identity(RememberedTokens tokens, String token) {
    return Objects.requireNonNull(tokens.find(token)).identity();
  }

  private void assertVerified(String token, int checks) {
    assertThat(resolver.resolve(TokenRequests.bearer(token))).contains(U1);
    assertThat(resolver.signatureChecks()).isEqualTo(checks);
  }

  private static String u1For(long seconds) {
    return hs256("{'sub':'u1','workspace_id':'acme','exp':" + at(seconds) + "}");
  }
}
