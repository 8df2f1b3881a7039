package dev.penstock.jwt;

import static dev.penstock.jwt.TestTokens.EC;
import static dev.penstock.jwt.TestTokens.NOW;
import static dev.penstock.jwt.TestTokens.RSA;
import static dev.penstock.jwt.TestTokens.SECRET;
import static dev.penstock.jwt.TestTokens.U1_OF_ACME;
import static dev.penstock.jwt.TestTokens.es256;
import static dev.penstock.jwt.TestTokens.hmac;
import static dev.penstock.jwt.TestTokens.hs256;
import static dev.penstock.jwt.TestTokens.pem;
import static dev.penstock.jwt.TestTokens.rs256;
import static dev.penstock.jwt.TestTokens.token;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import dev.penstock.Identity;
import dev.penstock.IdentityResolver;
import dev.penstock.http.FakeRequest;
import dev.penstock.http.RequestView;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPairGenerator;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JwtIdentityResolverTest {

  private static final Optional<Identity> U1_IN_ACME = Optional.of(Identity.user("acme", "u1"));
  private static final String LASTING = "{'sub':'u1','workspace_id':'acme','exp':253402300799}";

  @Test
  void factories_verifyByTheSystemClock(@TempDir Path directory) throws Exception {
    Path file = directory.resolve("jwks.json");
    Files.writeString(file, TestJwks.set(TestJwks.key(EC.getPublic(), "")));
    String hs256 = token("{'alg':'HS256'}", LASTING, hmac(SECRET));
    String rs256 = token("{'alg':'RS256'}", LASTING, rs256(RSA.getPrivate()));
    String es256 = token("{'alg':'ES256'}", LASTING, es256(EC.getPrivate()));

    assertThat(JwtIdentityResolver.hmac(SECRET).resolve(TokenRequests.bearer(hs256)))
        .isEqualTo(U1_IN_ACME);
    assertThat(
            JwtIdentityResolver.hmac(new String(SECRET, US_ASCII))
                .resolve(TokenRequests.bearer(hs256)))
        .isEqualTo(U1_IN_ACME);
    assertThat(
            JwtIdentityResolver.publicKey(pem(RSA.getPublic()))
                .resolve(TokenRequests.bearer(rs256)))
        .isEqualTo(U1_IN_ACME);
    assertThat(JwtIdentityResolver.jwks(file).resolve(TokenRequests.bearer(es256)))
        .isEqualTo(U1_IN_ACME);
  }

  @Test
  void orElse_noValidToken_isTheClientAddress() {
    Identity address = Identity.address("192.0.2.1");
    IdentityResolver<RequestView> resolver =
        builder().hmac(SECRET).build().orElse(request -> Optional.of(address));

    assertThat(resolver.resolve(TokenRequests.bearer(hs256()))).isEqualTo(U1_IN_ACME);
    assertThat(resolver.resolve(TokenRequests.bearer("forged"))).contains(address);
    assertThat(resolver.resolve(TokenRequests.authorization())).contains(address);
  }

  @Test
  void hmac_secretChangedAfterwards_isCopied() {
    byte[] secret = SECRET.clone();
    JwtIdentityResolverBuilder builder = builder().hmac(secret);
    secret[0]++;

    assertThat(builder.build().resolve(TokenRequests.bearer(hs256()))).isEqualTo(U1_IN_ACME);
  }

  @Test
  void resolve_longestToken_isVerified() {
    JwtIdentityResolver resolver = builder().hmac(SECRET).build();
    String longest = tokenOf(8192);
    String tooLong = tokenOf(8193);

    assertThat(resolver.resolve(TokenRequests.bearer(longest))).isEqualTo(U1_IN_ACME);
    assertThat(resolver.resolve(TokenRequests.bearer(tooLong))).isEmpty();
  }

  @Test
  void rejectedTokens_countsWhatIsPresentAndInvalid() {
    JwtIdentityResolver resolver = builder().hmac(SECRET).build();

    resolver.resolve(TokenRequests.bearer(hs256()));
    resolver.resolve(TokenRequests.authorization());
    assertThat(resolver.rejectedTokens()).isZero();
    resolver.resolve(TokenRequests.bearer("x"));
    resolver.resolve(TokenRequests.bearer(hs256("{}")));
    resolver.resolve(TokenRequests.authorization("Bearer x", "Bearer " + hs256("{}")));
    resolver.resolve(TokenRequests.authorization("Basic x", "Basic x"));
    assertThat(resolver.rejectedTokens()).isEqualTo(3);
  }

  @Test
  void cookie_isFoundAmongOthersAndLines() {
    String token = hs256();

    assertThat(ofCookies("access_token=" + token)).isEqualTo(U1_IN_ACME);
    assertThat(ofCookies("a=1; access_token=" + token + "; b=2")).isEqualTo(U1_IN_ACME);
    assertThat(ofCookies("a=1;access_token = " + token + " ;b")).isEqualTo(U1_IN_ACME);
    assertThat(ofCookies("a=1", "access_token=" + token)).isEqualTo(U1_IN_ACME);
    assertThat(ofCookies("access_token=; access_token=" + token)).isEqualTo(U1_IN_ACME);
  }

  @Test
  void cookie_ofAnotherNameOrSpelling_isNoToken() {
    String token = hs256();

    assertThat(ofCookies("Access_token=" + token)).isEmpty();
    assertThat(ofCookies("xaccess_token=" + token)).isEmpty();
    assertThat(ofCookies("a=access_token=" + token)).isEmpty();
    assertThat(ofCookies("access_token")).isEmpty();
    assertThat(ofCookies("")).isEmpty();
    assertThat(ofCookies(";;=;")).isEmpty();
  }

  @Test
  void cookie_twice_isTheFirstThatIsValid() {
    String u2 = hs256("{'sub':'u2','exp':253402300799}");
    String line = "access_token=" + hs256();

    assertThat(ofCookies(line + "; " + line)).isEqualTo(U1_IN_ACME);
    assertThat(ofCookies(line, line)).isEqualTo(U1_IN_ACME);
    assertThat(ofCookies("access_token=x", line)).isEqualTo(U1_IN_ACME);
    assertThat(ofCookies(line + "; access_token=x")).isEqualTo(U1_IN_ACME);
    assertThat(ofCookies("access_token=" + u2 + "; " + line)).contains(Identity.user("u2"));
    assertThat(ofCookies("access_token=" + u2, line)).contains(Identity.user("u2"));
  }

  /** What comes first stays first, also where a later one is remembered. */
  @Test
  void resolve_tokensOfTwoUsersSeenBefore_isTheFirst() {
    JwtIdentityResolver resolver =
        builder().hmac(SECRET).cookie("access_token").bareToken().build();
    String u1 = hs256();
    String u2 = hs256("{'sub':'u2','exp':253402300799}");
    Optional<Identity> second = Optional.of(Identity.user("u2"));
    assertThat(resolver.resolve(TokenRequests.bearer(u1))).isEqualTo(U1_IN_ACME);

    assertThat(resolver.resolve(TokenRequests.authorization("Bearer " + u2, "Bearer " + u1)))
        .isEqualTo(second);
    assertThat(resolver.resolve(TokenRequests.authorization(u2, "Bearer " + u1))).isEqualTo(second);
    assertThat(resolver.resolve(TokenRequests.bearer("\"" + u2 + "\", Bearer " + u1)))
        .isEqualTo(second);
    assertThat(
            resolver.resolve(TokenRequests.cookies("access_token =" + u2 + "; access_token=" + u1)))
        .isEqualTo(second);
    assertThat(
            resolver.resolve(TokenRequests.cookies("access_token=\"" + u2, "access_token=" + u1)))
        .isEqualTo(second);
  }

  @Test
  void cookie_notConfigured_isIgnored() {
    JwtIdentityResolver resolver = builder().hmac(SECRET).build();

    assertThat(resolver.resolve(TokenRequests.cookies("access_token=" + hs256()))).isEmpty();
    assertThat(resolver.rejectedTokens()).isZero();
  }

  @Test
  void cookie_besideAuthorization_countsWhereThatHasNoValidToken() {
    JwtIdentityResolver resolver = builder().hmac(SECRET).cookie("access_token").build();

    assertThat(resolver.resolve(cookieBeside("Basic dTE6cA=="))).isEqualTo(U1_IN_ACME);
    assertThat(resolver.resolve(cookieBeside("Bearer "))).isEqualTo(U1_IN_ACME);
    assertThat(resolver.rejectedTokens()).isZero();
    assertThat(resolver.resolve(cookieBeside("Bearer forged"))).isEqualTo(U1_IN_ACME);
    assertThat(resolver.resolve(cookieBeside("Basic a", "Basic b"))).isEqualTo(U1_IN_ACME);
    assertThat(resolver.rejectedTokens()).isZero();
  }

  @Test
  void hmac_secretTooShort_isRefused() {
    assertRefused(
        () -> builder().hmac(new byte[31]),
        "secret must have at least 32 bytes for HS256 (RFC 7518, section 3.2): 31");
    assertRefused(
        () -> JwtIdentityResolver.hmac(""),
        "secret must have at least 32 bytes for HS256 (RFC 7518, section 3.2): 0");
  }

  @Test
  void hmac_pemText_isRefused() {
    assertRefused(
        () -> builder().hmac(pem(RSA.getPublic())),
        "secret must not be a PEM text: a public key is no secret");
  }

  @Test
  void publicKey_notOnePublicKeyBlock_isRefused() {
    String pem = pem(RSA.getPublic());
    String message =
        "publicKey must be one PEM block of the type PUBLIC KEY (RFC 7468, section 13)";

    assertRefused(() -> builder().publicKey(""), message);
    assertRefused(() -> builder().publicKey(pem.replace("PUBLIC", "PRIVATE")), message);
    assertRefused(() -> builder().publicKey(pem.replace("PUBLIC", "RSA PUBLIC")), message);
    assertRefused(() -> builder().publicKey("key: " + pem), message);
    assertRefused(() -> builder().publicKey("-----BEGIN PUBLIC KEY-----"), message);
    assertRefused(
        () -> builder().publicKey(pem + pem), "publicKey must be base64 between its PEM lines");
    assertRefused(
        () -> builder().publicKey(pem.replace("\nM", "\n*M")),
        "publicKey must be base64 between its PEM lines");
  }

  @Test
  void publicKey_withCrLf_isRead() {
    JwtIdentityResolverBuilder builder =
        builder().publicKey(pem(EC.getPublic()).replace("\n", "\r\n"));

    assertThat(
            builder
                .build()
                .resolve(
                    TokenRequests.bearer(
                        token("{'alg':'ES256'}", U1_OF_ACME, es256(EC.getPrivate())))))
        .isEqualTo(U1_IN_ACME);
  }

  @Test
  void publicKey_ofAnotherKind_isRefused() throws Exception {
    String x25519 = pem(KeyPairGenerator.getInstance("X25519").generateKeyPair().getPublic());
    String message = "publicKey must be an RSA, EC, Ed25519 or Ed448 key";

    assertRefused(() -> builder().publicKey(x25519), message);
    assertRefused(() -> builder().publicKey(pem(new byte[] {1, 2, 3})), message);
    assertRefused(() -> builder().publicKey(pem(RSA.getPrivate().getEncoded())), message);
  }

  @Test
  void publicKey_rsaTooSmall_isRefused() {
    assertRefused(
        () -> builder().publicKey(pem(TestTokens.rsa(1024).getPublic())),
        "publicKey must have at least 2048 bits for RS256, not 1024");
  }

  @Test
  void publicKey_pointOffTheCurve_isRefused() {
    byte[] der = EC.getPublic().getEncoded();
    der[der.length - 1] ^= 1;

    assertRefused(
        () -> builder().publicKey(pem(der)), "publicKey must be a point of the curve P-256");
  }

  @Test
  void clockSkew_outOfRange_isRefused() {
    assertRefused(
        () -> builder().clockSkew(Duration.ofMillis(-1)),
        "clockSkew must be 0 to 5 minutes: PT-0.001S");
    assertRefused(
        () -> builder().clockSkew(Duration.ofMinutes(5).plusNanos(1)),
        "clockSkew must be 0 to 5 minutes: PT5M0.000000001S");
    assertThat(builder().clockSkew(Duration.ofMinutes(5))).isNotNull();
  }

  @Test
  void names_blankOrTooLongOrNotClean_areRefused() {
    for (String name : List.of("", " ", "a\nb", "\ud800", "x".repeat(257))) {
      String message = " must be 1 to 256 characters, not blank, without control characters";
      assertRefused(() -> builder().issuer(name), "issuer" + message);
      assertRefused(() -> builder().audience(name), "audience" + message);
      assertRefused(() -> builder().workspaceClaim(name), "workspaceClaim" + message);
      assertRefused(() -> builder().userClaims("sub", name), "userClaims" + message);
      assertRefused(() -> builder().reservedPrefixes("sa:", name), "prefixes" + message);
    }
  }

  @Test
  void userClaims_none_isRefused() {
    assertRefused(() -> builder().userClaims(), "userClaims must have at least one name");
  }

  @Test
  void cookie_noCookieName_isRefused() {
    for (String name : List.of("", "a b", "a=b", "a;b", "a\"", "\u00e4", "a\u007f")) {
      assertRefused(
          () -> builder().cookie(name),
          "name must be a cookie name (RFC 6265, section 4.1.1): \"" + name + "\"");
    }
    assertThat(builder().cookie("__Host-access.token")).isNotNull();
  }

  @Test
  void algorithm_unknown_isRefused() {
    for (String name : List.of("", "none", "rs256", "RS256 ", "HS512", "ES256K", "EDDSA")) {
      assertRefused(
          () -> builder().algorithm(name),
          "name must be one of HS256, RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384,"
              + " ES512, EdDSA: "
              + name);
    }
  }

  @Test
  void algorithm_notForTheKey_isRefused() {
    assertRefused(
        () -> builder().hmac(SECRET).algorithm("RS256").build(),
        "algorithm must be HS256 for a secret: RS256");
    assertRefused(
        () -> builder().algorithm("ES256").publicKey(pem(RSA.getPublic())).build(),
        "publicKey must be a key for ES256, not for RS256");
    assertRefused(
        () -> builder().algorithm("ES384").publicKey(pem(EC.getPublic())).build(),
        "publicKey must be a key for ES384, not for ES256");
    assertRefused(
        () -> builder().algorithm("HS256").publicKey(pem(RSA.getPublic())).build(),
        "publicKey must be a key for HS256, not for RS256");
  }

  @Test
  void build_withoutKey_isRefused() {
    assertThatIllegalStateException()
        .isThrownBy(() -> builder().build())
        .withMessage("JwtIdentityResolver needs hmac, publicKey or jwks");
  }

  @Test
  void build_withTwoKeys_isRefused() {
    assertThatIllegalStateException()
        .isThrownBy(() -> builder().hmac(SECRET).publicKey(pem(RSA.getPublic())))
        .withMessage("JwtIdentityResolver takes one of hmac, publicKey and jwks, once");
  }

  @Test
  @SuppressWarnings("NullAway") // null is what is tested
  void nulls_nameTheParameter() {
    assertThatNullPointerException()
        .isThrownBy(() -> JwtIdentityResolver.hmac((byte[]) null))
        .withMessage("secret");
    assertThatNullPointerException()
        .isThrownBy(() -> JwtIdentityResolver.hmac((String) null))
        .withMessage("secret");
    assertThatNullPointerException()
        .isThrownBy(() -> JwtIdentityResolver.publicKey(null))
        .withMessage("pem");
    assertThatNullPointerException()
        .isThrownBy(() -> JwtIdentityResolver.jwks(null))
        .withMessage("file");
    assertThatNullPointerException()
        .isThrownBy(() -> builder().hmac((byte[]) null))
        .withMessage("secret");
    assertThatNullPointerException()
        .isThrownBy(() -> builder().hmac((String) null))
        .withMessage("secret");
    assertThatNullPointerException().isThrownBy(() -> builder().publicKey(null)).withMessage("pem");
    assertThatNullPointerException()
        .isThrownBy(() -> builder().jwks((Path) null))
        .withMessage("file");
    assertThatNullPointerException()
        .isThrownBy(() -> builder().jwksWithoutTls(null))
        .withMessage("url");
    assertThatNullPointerException().isThrownBy(() -> builder().issuer(null)).withMessage("issuer");
    assertThatNullPointerException()
        .isThrownBy(() -> builder().audience(null))
        .withMessage("audience");
    assertThatNullPointerException()
        .isThrownBy(() -> builder().clockSkew(null))
        .withMessage("clockSkew");
    assertThatNullPointerException().isThrownBy(() -> builder().clock(null)).withMessage("clock");
    assertThatNullPointerException()
        .isThrownBy(() -> builder().workspaceClaim(null))
        .withMessage("workspaceClaim");
    assertThatNullPointerException()
        .isThrownBy(() -> builder().workspaceBy(null))
        .withMessage("workspace");
    assertThatNullPointerException().isThrownBy(() -> builder().userBy(null)).withMessage("user");
    assertThatNullPointerException()
        .isThrownBy(() -> builder().userClaims((String[]) null))
        .withMessage("userClaims");
    assertThatNullPointerException()
        .isThrownBy(() -> builder().userClaims("sub", null))
        .withMessage("userClaims");
    assertThatNullPointerException().isThrownBy(() -> builder().cookie(null)).withMessage("name");
    assertThatNullPointerException()
        .isThrownBy(() -> builder().algorithm(null))
        .withMessage("name");
    assertThatNullPointerException()
        .isThrownBy(() -> builder().senders(null))
        .withMessage("clients");
    assertThatNullPointerException()
        .isThrownBy(() -> builder().onInvalidToken(null))
        .withMessage("mode");
    assertThatNullPointerException()
        .isThrownBy(() -> builder().reservedPrefixes((String[]) null))
        .withMessage("prefixes");
    assertThatNullPointerException()
        .isThrownBy(() -> builder().hmac(SECRET).build().resolve(null))
        .withMessage("request");
  }

  private static JwtIdentityResolverBuilder builder() {
    return JwtIdentityResolver.builder().clock(InstantSource.fixed(NOW));
  }

  private static Optional<Identity> ofCookies(String... lines) {
    return builder()
        .hmac(SECRET)
        .cookie("access_token")
        .build()
        .resolve(TokenRequests.cookies(lines));
  }

  private static FakeRequest cookieBeside(String... authorization) {
    return new FakeRequest(
        "POST",
        "/agents/a/runs",
        Map.of(
            "Authorization", List.of(authorization), "Cookie", List.of("access_token=" + hs256())),
        FakeRequest.PEER);
  }

  /** Pads the claims until the token has a length; not every length has a token. */
  private static String tokenOf(int length) {
    for (int pad = length / 2; pad < length; pad++) {
      String padded = LASTING.replace("}", ",'pad':'" + "x".repeat(pad) + "'}");
      String token = hs256(padded);
      if (token.length() == length) {
        return token;
      }
    }
    throw new AssertionError("no token has " + length + " characters");
  }

  private static void assertRefused(ThrowingCallable call, String message) {
    assertThatIllegalArgumentException().isThrownBy(call).withMessage(message);
  }
}
