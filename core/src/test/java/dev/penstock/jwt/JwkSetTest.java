package dev.penstock.jwt;

import static dev.penstock.jwt.TestTokens.EC;
import static dev.penstock.jwt.TestTokens.NOW;
import static dev.penstock.jwt.TestTokens.RSA;
import static dev.penstock.jwt.TestTokens.U1_OF_ACME;
import static dev.penstock.jwt.TestTokens.ec;
import static dev.penstock.jwt.TestTokens.rs256;
import static dev.penstock.jwt.TestTokens.rsa;
import static dev.penstock.jwt.TestTokens.token;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.penstock.Identity;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.interfaces.RSAPublicKey;
import java.time.InstantSource;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JwkSetTest {

  private static final String RSA_KEY = TestJwks.key(RSA.getPublic(), "'kid':'r1'");
  private static final String EC_KEY = TestJwks.key(EC.getPublic(), "'kid':'e1'");
  private static final String ONE = TestTokens.base64Url(new byte[] {1});

  private Path file = Path.of("jwks.json");

  @BeforeEach
  void inDirectory(@TempDir Path directory) {
    file = directory.resolve("jwks.json");
  }

  @Test
  void jwks_keysNotUsable_arePassedOver() throws IOException {
    write(
        TestJwks.set(
            TestJwks.jwk("'kty':'OKP','crv':'Ed25519','x':'" + ONE + "'", "'kid':'o1'"),
            TestJwks.jwk("'kty':'future'", ""),
            TestJwks.jwk("'kid':'no kind'", ""),
            TestJwks.key(ec("secp384r1").getPublic(), "'kid':'p384'"),
            TestJwks.key(EC.getPublic(), "'use':'enc'"),
            TestJwks.key(RSA.getPublic(), "'kid':'r1','alg':'PS256'"),
            TestJwks.key(RSA.getPublic(), "'kid':'r1','alg':'ES256'"),
            TestJwks.key(RSA.getPublic(), "'kid':'r1','key_ops':['encrypt']"),
            TestJwks.key(
                RSA.getPublic(), "'kid':'r1','use':'sig','alg':'RS256','key_ops':['verify']")));

    assertThat(verifies("{'alg':'RS256','kid':'r1'}")).isTrue();
    assertThat(verifies("{'alg':'RS256','kid':'r2'}")).isFalse();
  }

  @Test
  void jwks_soleKeyWithoutKid_answersToEveryKid() throws IOException {
    write(TestJwks.set(TestJwks.key(RSA.getPublic(), "")));

    assertThat(verifies("{'alg':'RS256'}")).isTrue();
    assertThat(verifies("{'alg':'RS256','kid':'any'}")).isTrue();
  }

  @Test
  void jwks_soleKeyWithKid_answersToItsKidAlone() throws IOException {
    write(TestJwks.set(RSA_KEY));

    assertThat(verifies("{'alg':'RS256','kid':'r1'}")).isTrue();
    assertThat(verifies("{'alg':'RS256'}")).isFalse();
  }

  @Test
  void jwks_symmetricKey_isRefused() throws IOException {
    write(TestJwks.set(RSA_KEY, TestJwks.jwk("'kty':'oct','k':'c2VjcmV0'", "'use':'enc'")));

    assertRefused(
        "jwks key must be a public key, not a symmetric one (kty oct): " + file + ", keys[1]");
  }

  @Test
  void jwks_privateKey_isRefused() throws IOException {
    write(TestJwks.set(TestJwks.key(RSA.getPublic(), "'kid':'r1','d':'c2VjcmV0'")));

    assertRefused(
        "jwks key must be a public key, not a private one (member d): " + file + ", keys[0]");
  }

  @Test
  void jwks_kidTwice_isRefused() throws IOException {
    write(TestJwks.set(RSA_KEY, EC_KEY, TestJwks.key(EC.getPublic(), "'kid':'r1'")));

    assertRefused("jwks key must have a kid that no other key has: " + file + ", keys[2]");
  }

  @Test
  void jwks_keyWithoutKidAmongSeveral_isRefused() throws IOException {
    String unnamed = TestJwks.key(EC.getPublic(), "");

    write(TestJwks.set(RSA_KEY, unnamed));
    assertRefused("jwks key must have a kid where there are several: " + file + ", keys[1]");
    write(TestJwks.set(unnamed, RSA_KEY));
    assertRefused("jwks key must have a kid where there are several: " + file + ", keys[0]");
    write(TestJwks.set(unnamed, unnamed));
    assertRefused("jwks key must have a kid where there are several: " + file + ", keys[1]");
  }

  @Test
  void jwks_kidNotText_isRefused() throws IOException {
    write(TestJwks.set(TestJwks.key(RSA.getPublic(), "'kid':1")));

    assertRefused("jwks key must have a text as its kid: " + file + ", keys[0]");
  }

  @Test
  void jwks_noKeyToUse_isRefused() throws IOException {
    write(TestJwks.set());
    assertRefused("jwks file must have a key for RS256 or ES256 signatures: " + file);
    write(TestJwks.set(TestJwks.key(RSA.getPublic(), "'use':'enc'")));
    assertRefused("jwks file must have a key for RS256 or ES256 signatures: " + file);
  }

  @Test
  void jwks_notASet_isRefused() throws IOException {
    write(RSA_KEY);
    assertRefused("jwks file must have a list \"keys\": " + file);
    write("{\"keys\":{}}");
    assertRefused("jwks file must have a list \"keys\": " + file);
    write("null");
    assertRefused("jwks file must have a list \"keys\": " + file);
    write("{\"keys\":[[]]}");
    assertRefused("jwks key must be an object: " + file + ", keys[0]");
  }

  @Test
  void jwks_notStrictJson_isRefusedWithItsPlace() throws IOException {
    String message = "jwks file must be one JSON object in which no name stands twice: " + file;

    write("{\"keys\":\n  [secret]}");
    assertRefused(message + ", line 2, column 4");
    write("{\"keys\":[],\n\"keys\":[]}");
    assertRefused(message + ", line 2, column 7");
    write("{\"keys\":[]} {}");
    assertRefused(message + ", line 1, column 13");
    write("[]");
    assertRefused(message + ", line 1, column 1");
    write("");
    assertRefused(message + ", line 1, column 0");
  }

  @Test
  void jwks_unreadable_isRefused() throws IOException {
    assertRefused(
        "jwks file must be readable as UTF-8: " + file + " (java.nio.file.NoSuchFileException)");
    Files.write(file, "{\"keys\":\"\u00e9\"}".getBytes(ISO_8859_1));
    assertRefused(
        "jwks file must be readable as UTF-8: "
            + file
            + " (java.nio.charset.MalformedInputException)");
  }

  @Test
  void jwks_rsaKeyTooSmall_isRefused() throws IOException {
    write(TestJwks.set(TestJwks.key(rsa(1024).getPublic(), "'kid':'r1'")));

    assertRefused(
        "jwks key must have at least 2048 bits for RS256, not 1024: " + file + ", keys[0]");
  }

  @Test
  void jwks_rsaExponentOne_isRefused() throws IOException {
    BigInteger modulus = ((RSAPublicKey) RSA.getPublic()).getModulus();
    write(TestJwks.set(TestJwks.rsa(modulus, BigInteger.ONE, "'kid':'r1'")));

    assertRefused("jwks key must be made of numbers that are a key: " + file + ", keys[0]");
  }

  @Test
  void jwks_ecPointOffTheCurve_isRefused() throws IOException {
    String coordinate = TestTokens.base64Url(new byte[32]);
    write(TestJwks.set(EC_KEY, TestJwks.ec("P-256", coordinate, coordinate, "'kid':'e2'")));

    assertRefused("jwks key must be a point of the curve P-256: " + file + ", keys[1]");
  }

  @Test
  void jwks_ecCoordinateTooShort_isRefused() throws IOException {
    write(TestJwks.set(TestJwks.ec("P-256", ONE, ONE, "")));

    assertRefused("jwks key must have 32 bytes as its x: " + file + ", keys[0]");
  }

  @Test
  void jwks_numberNotBase64Url_isRefused() throws IOException {
    write(TestJwks.set(TestJwks.jwk("'kty':'RSA','n':'AQ==','e':'AQAB'", "")));
    assertRefused("jwks key must have unpadded base64url as its n: " + file + ", keys[0]");
    write(TestJwks.set(TestJwks.jwk("'kty':'RSA','n':'AQ'", "")));
    assertRefused("jwks key must have unpadded base64url as its e: " + file + ", keys[0]");
  }

  private void write(String json) throws IOException {
    Files.write(file, json.getBytes(UTF_8));
  }

  private boolean verifies(String header) {
    JwtIdentityResolver resolver =
        JwtIdentityResolver.builder().jwks(file).clock(InstantSource.fixed(NOW)).build();
    Optional<Identity> identity =
        resolver.resolve(TokenRequests.bearer(token(header, U1_OF_ACME, rs256(RSA.getPrivate()))));
    return identity.isPresent();
  }

  private void assertRefused(String message) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> JwtIdentityResolver.jwks(file))
        .withMessage(message);
  }
}
