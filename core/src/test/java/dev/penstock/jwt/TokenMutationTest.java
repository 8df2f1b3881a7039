package dev.penstock.jwt;

import static dev.penstock.jwt.TestTokens.EC;
import static dev.penstock.jwt.TestTokens.NOW;
import static dev.penstock.jwt.TestTokens.SECRET;
import static dev.penstock.jwt.TestTokens.U1_OF_ACME;
import static dev.penstock.jwt.TestTokens.es256;
import static dev.penstock.jwt.TestTokens.hmac;
import static dev.penstock.jwt.TestTokens.hs256;
import static dev.penstock.jwt.TestTokens.json;
import static dev.penstock.jwt.TestTokens.pem;
import static dev.penstock.jwt.TestTokens.token;
import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.Identity;
import java.time.InstantSource;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * A valid token with something changed is no valid token, and never an exception. Only what is not
 * signed, the signature itself, has other spellings.
 */
class TokenMutationTest {

  private static final long SEED = 20260101;

  /** Base64url, what tokens are made of otherwise, and what lax decoders skip. */
  private static final String CHARACTERS = "AZaz09-_.=+/ \t\r\n\0\"{},:%\u00e9\ud800";

  private final Random random = new Random(SEED);

  @Test
  void resolve_mutatedToken_isRejected() {
    JwtIdentityResolver resolver =
        JwtIdentityResolver.builder().hmac(SECRET).clock(InstantSource.fixed(NOW)).build();
    assertMutationsAreRejected(resolver, hs256(), 20_000);
  }

  @Test
  void resolve_mutatedTokenByPublicKey_isRejected() {
    JwtIdentityResolver resolver =
        JwtIdentityResolver.builder()
            .publicKey(pem(EC.getPublic()))
            .clock(InstantSource.fixed(NOW))
            .build();
    String token = token("{'alg':'ES256'}", U1_OF_ACME, es256(EC.getPrivate()));
    assertMutationsAreRejected(resolver, token, 2_000);
  }

  @Test
  void resolve_everySignedSpellingOfHeaderAndClaims_neverThrows() {
    JwtIdentityResolver resolver =
        JwtIdentityResolver.builder().hmac(SECRET).clock(InstantSource.fixed(NOW)).build();
    byte[] header = json("{'alg':'HS256','kid':'k','typ':'JWT'}");
    byte[] claims = json(U1_OF_ACME);
    for (int i = 0; i < 20_000; i++) {
      byte[] mutatedHeader = header.clone();
      byte[] mutatedClaims = claims.clone();
      byte[] mutated = random.nextBoolean() ? mutatedHeader : mutatedClaims;
      mutated[random.nextInt(mutated.length)] = (byte) random.nextInt(256);

      resolver
          .resolve(TokenRequests.bearer(token(mutatedHeader, mutatedClaims, hmac(SECRET))))
          .ifPresent(identity -> assertThat(identity.kind()).isEqualTo(Identity.Kind.USER));
    }
  }

  private void assertMutationsAreRejected(JwtIdentityResolver resolver, String token, int count) {
    String input = token.substring(0, token.lastIndexOf('.') + 1);
    assertThat(resolver.resolve(TokenRequests.bearer(token))).contains(Identity.user("acme", "u1"));
    for (int i = 0; i < count; i++) {
      String mutated = mutated(token);
      Optional<Identity> identity = resolver.resolve(TokenRequests.bearer(mutated));
      if (identity.isPresent()) {
        assertThat(mutated).as("seed %d, mutation %d", SEED, i).contains(input);
      }
    }
  }

  /** Replaces, inserts, removes or repeats a piece, mostly of the signature. */
  private String mutated(String token) {
    int from = random.nextBoolean() ? token.lastIndexOf('.') : 0;
    int at = from + random.nextInt(token.length() - from);
    String before = token.substring(0, at);
    String after = token.substring(at + 1);
    char other = CHARACTERS.charAt(random.nextInt(CHARACTERS.length()));
    return switch (random.nextInt(5)) {
      case 0 -> before + other + after;
      case 1 -> before + (char) (token.charAt(at) ^ (1 << random.nextInt(7))) + after;
      case 2 -> before + other + token.substring(at);
      case 3 -> before + after;
      default -> before + token.substring(random.nextInt(token.length()));
    };
  }
}
