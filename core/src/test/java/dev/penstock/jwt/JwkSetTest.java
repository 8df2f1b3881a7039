package dev.penstock.jwt;

import static dev.penstock.jwt.TestTokens.EC;
import static dev.penstock.jwt.TestTokens.NOW;
import static dev.penstock.jwt.TestTokens.RSA;
import static dev.penstock.jwt.TestTokens.U1_OF_ACME;
import static dev.penstock.jwt.TestTokens.ec;
import static dev.penstock.jwt.TestTokens.es256;
import static dev.penstock.jwt.TestTokens.rs256;
import static dev.penstock.jwt.TestTokens.rsa;
import static dev.penstock.jwt.TestTokens.token;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.penstock.CapturedLog;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.interfaces.RSAPublicKey;
import java.time.InstantSource;
import java.util.List;
import java.util.logging.LogRecord;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class JwkSetTest {

  private static final String RSA_KEY = TestJwks.key(RSA.getPublic(), "'kid':'r1'");
  private static final String EC_KEY = TestJwks.key(EC.getPublic(), "'kid':'e1'");
  private static final String ONE = TestTokens.base64Url(new byte[] {1});
  private static final KeyPair OTHER_RSA = rsa(2048);

  private Path file = Path.of("jwks.json");

  @BeforeEach
  void inDirectory(@TempDir Path directory) {
    file = directory.resolve("jwks.json");
  }

  /** Keys that cannot be used, and why: each is ignored, and no other with it. */
  static Stream<Arguments> badKeys() {
    String zeros = TestTokens.base64Url(new byte[32]);
    BigInteger modulus = ((RSAPublicKey) RSA.getPublic()).getModulus();
    return Stream.of(
        Arguments.of("[]", "must be an object"),
        Arguments.of("null", "must be an object"),
        Arguments.of("{}", "must be of a known type (kty RSA, EC or OKP)"),
        bad("'kty':'future'", "must be of a known type (kty RSA, EC or OKP)"),
        bad("'kty':7", "must be of a known type (kty RSA, EC or OKP)"),
        bad("'kty':'oct','k':'c2VjcmV0'", "must be a public key, not a symmetric one (kty oct)"),
        Arguments.of(
            TestJwks.key(OTHER_RSA.getPublic(), "'d':'c2VjcmV0'"),
            "must be a public key, not a private one (member d)"),
        Arguments.of(TestJwks.key(OTHER_RSA.getPublic(), "'kid':1"), "must have a text as its kid"),
        Arguments.of(
            TestJwks.key(OTHER_RSA.getPublic(), ""), "must have a kid beside keys that have one"),
        Arguments.of(
            TestJwks.key(OTHER_RSA.getPublic(), "'use':'enc'"), "must be for signatures (use sig)"),
        Arguments.of(
            TestJwks.key(OTHER_RSA.getPublic(), "'key_ops':['encrypt']"),
            "must be for verifying (key_ops verify)"),
        Arguments.of(
            TestJwks.key(OTHER_RSA.getPublic(), "'alg':'RSA-OAEP'"),
            "must have an alg that is known: HS256, RS256, RS384, RS512, PS256, PS384, PS512,"
                + " ES256, ES384, ES512, EdDSA"),
        Arguments.of(
            TestJwks.key(OTHER_RSA.getPublic(), "'alg':'ES256'"),
            "must be a key for ES256, not for RS256"),
        Arguments.of(
            TestJwks.key(OTHER_RSA.getPublic(), "'alg':'HS256'"),
            "must be a key for HS256, not for RS256"),
        Arguments.of(
            TestJwks.key(ec("secp384r1").getPublic(), "'alg':'ES256'"),
            "must be a key for ES256, not for ES384"),
        Arguments.of(
            TestJwks.key(rsa(1024).getPublic(), ""),
            "must have at least 2048 bits for RS256, not 1024"),
        Arguments.of(
            TestJwks.rsa(modulus, BigInteger.ONE, ""), "must be made of numbers that are a key"),
        bad("'kty':'RSA','n':'AQ==','e':'AQAB'", "must have unpadded base64url as its n"),
        bad("'kty':'RSA','n':7,'e':'AQAB'", "must have unpadded base64url as its n"),
        bad("'kty':'RSA','n':'AQ'", "must have unpadded base64url as its e"),
        bad(
            "'kty':'EC','crv':'P-256','x':'" + zeros + "'",
            "must have unpadded base64url as its y"),
        bad("'kty':'EC','crv':'secp256k1'", "must be on P-256, P-384 or P-521 (member crv)"),
        bad("'kty':'EC'", "must be on P-256, P-384 or P-521 (member crv)"),
        Arguments.of(TestJwks.ec("P-256", ONE, ONE, ""), "must have 32 bytes as its x"),
        Arguments.of(TestJwks.ec("P-384", zeros, zeros, ""), "must have 48 bytes as its x"),
        Arguments.of(TestJwks.ec("P-256", zeros, zeros, ""), "must be a point of the curve P-256"),
        bad(
            "'kty':'OKP','crv':'X25519','x':'" + zeros + "'",
            "must be on Ed25519 or Ed448 (member crv)"),
        bad("'kty':'OKP','crv':'Ed25519','x':'" + ONE + "'", "must have 32 bytes as its x"),
        bad("'kty':'OKP','crv':'Ed448','x':'" + zeros + "'", "must have 57 bytes as its x"),
        bad("'kty':'OKP','crv':'Ed25519'", "must have unpadded base64url as its x"));
  }

  private static Arguments bad(String members, String reason) {
    return Arguments.of(TestJwks.jwk(members, ""), reason);
  }

  @ParameterizedTest
  @MethodSource("badKeys")
  void jwks_keyThatCannotBeUsed_isIgnoredAndSaid(String bad, String reason) throws IOException {
    write(TestJwks.set(bad, RSA_KEY));
    assertThat(told()).containsExactly("Keys of " + file + " are ignored: keys[0] " + reason);
    assertThat(verifies("{'alg':'RS256','kid':'r1'}")).isTrue();

    write(TestJwks.set(RSA_KEY, bad));
    assertThat(told()).containsExactly("Keys of " + file + " are ignored: keys[1] " + reason);
    assertThat(verifies("{'alg':'RS256','kid':'r1'}")).isTrue();
  }

  @Test
  void jwks_ignoredKeys_areToldByTheirKidWhereThatIsPlain() throws IOException {
    String use = "'use':'enc','kid':";
    write(
        TestJwks.set(
            RSA_KEY,
            TestJwks.key(EC.getPublic(), use + "'plain'"),
            TestJwks.key(EC.getPublic(), use + "'two words'"),
            TestJwks.key(EC.getPublic(), use + "'" + "k".repeat(65) + "'")));

    assertThat(told())
        .containsExactly(
            "Keys of "
                + file
                + " are ignored: keys[1] (kid plain) must be for signatures (use sig);"
                + " keys[2] must be for signatures (use sig);"
                + " keys[3] must be for signatures (use sig)");
  }

  @Test
  void jwks_manyIgnoredKeys_areOneShortLine() throws IOException {
    write(
        TestJwks.set(
            Stream.concat(Stream.of(RSA_KEY), Stream.generate(() -> "{}").limit(1000))
                .toArray(String[]::new)));

    assertThat(told()).hasSize(1);
    assertThat(told().get(0)).endsWith("; and 990 more").hasSizeLessThan(1000);
  }

  @Test
  void jwks_soleKeyWithoutKid_answersToEveryKid() throws IOException {
    write(TestJwks.set(TestJwks.key(RSA.getPublic(), "")));

    assertThat(verifies("{'alg':'RS256'}")).isTrue();
    assertThat(verifies("{'alg':'RS256','kid':'any'}")).isTrue();
  }

  /** The keys that are ignored do not count as others. */
  @Test
  void jwks_soleUsableKeyWithoutKid_answersToEveryKid() throws IOException {
    write(
        TestJwks.set(TestJwks.jwk("'kty':'oct'", "'kid':'o1'"), TestJwks.key(RSA.getPublic(), "")));

    assertThat(verifies("{'alg':'RS256'}")).isTrue();
    assertThat(verifies("{'alg':'RS256','kid':'any'}")).isTrue();
  }

  @Test
  void jwks_soleKeyWithKid_answersToItsKidAlone() throws IOException {
    write(TestJwks.set(RSA_KEY));

    assertThat(verifies("{'alg':'RS256','kid':'r1'}")).isTrue();
    assertThat(verifies("{'alg':'RS256'}")).isFalse();
    assertThat(verifies("{'alg':'RS256','kid':'r2'}")).isFalse();
  }

  @Test
  void jwks_sameKeyTwice_isOne() throws IOException {
    write(TestJwks.set(RSA_KEY, EC_KEY, RSA_KEY));
    assertThat(told()).isEmpty();
    assertThat(verifies("{'alg':'RS256','kid':'r1'}")).isTrue();

    String unnamed = TestJwks.key(RSA.getPublic(), "");
    write(TestJwks.set(unnamed, unnamed));
    assertThat(told()).isEmpty();
    assertThat(verifies("{'alg':'RS256'}")).isTrue();
  }

  /** RFC 7517, section 4.5: keys of one kid may be of different types. */
  @Test
  void jwks_kidTwiceForTwoAlgorithms_isToldApartByTheAlgorithm() throws IOException {
    write(TestJwks.set(RSA_KEY, TestJwks.key(EC.getPublic(), "'kid':'r1'")));

    assertThat(told()).isEmpty();
    assertThat(verifies("{'alg':'RS256','kid':'r1'}")).isTrue();
    assertThat(verifies("{'alg':'ES256','kid':'r1'}", es256(EC.getPrivate()))).isTrue();
    assertThat(verifies("{'alg':'ES256','kid':'r1'}", rs256(RSA.getPrivate()))).isFalse();
  }

  @Test
  void jwks_kidTwiceForOneAlgorithm_isTheFirst() throws IOException {
    write(TestJwks.set(RSA_KEY, EC_KEY, TestJwks.key(OTHER_RSA.getPublic(), "'kid':'r1'")));

    assertThat(told())
        .containsExactly(
            "Keys of "
                + file
                + " are ignored: keys[2] (kid r1) must have a kid that no other key for RS256 has");
    assertThat(verifies("{'alg':'RS256','kid':'r1'}")).isTrue();
    assertThat(verifies("{'alg':'RS256','kid':'r1'}", rs256(OTHER_RSA.getPrivate()))).isFalse();
    assertThat(verifies("{'alg':'ES256','kid':'e1'}", es256(EC.getPrivate()))).isTrue();
  }

  @Test
  void jwks_severalWithoutKid_areToldApartByTheAlgorithm() throws IOException {
    write(
        TestJwks.set(
            TestJwks.key(RSA.getPublic(), ""),
            TestJwks.key(EC.getPublic(), ""),
            TestJwks.key(OTHER_RSA.getPublic(), "")));

    assertThat(told())
        .containsExactly(
            "Keys of "
                + file
                + " are ignored: keys[2] must have a kid that no other key for RS256 has");
    assertThat(verifies("{'alg':'RS256','kid':'any'}")).isTrue();
    assertThat(verifies("{'alg':'ES256'}", es256(EC.getPrivate()))).isTrue();
    assertThat(verifies("{'alg':'RS256'}", rs256(OTHER_RSA.getPrivate()))).isFalse();
  }

  @Test
  void jwks_noKeyToUse_isRefusedWithTheReasons() throws IOException {
    write(TestJwks.set());
    assertRefused("jwks file must have a key to verify signatures with: " + file);
    write(TestJwks.set(TestJwks.key(RSA.getPublic(), "'use':'enc','kid':'r1'"), "{}"));
    assertRefused(
        "jwks file must have a key to verify signatures with: "
            + file
            + ", keys[0] (kid r1) must be for signatures (use sig);"
            + " keys[1] must be of a known type (kty RSA, EC or OKP)");
  }

  @Test
  void jwks_notASet_isRefused() throws IOException {
    write(RSA_KEY);
    assertRefused("jwks file must have a list \"keys\": " + file);
    write("{\"keys\":{}}");
    assertRefused("jwks file must have a list \"keys\": " + file);
    write("null");
    assertRefused("jwks file must have a list \"keys\": " + file);
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

  private void write(String json) throws IOException {
    Files.write(file, json.getBytes(UTF_8));
  }

  private List<String> told() {
    try (CapturedLog log = new CapturedLog(JwtIdentityResolver.class)) {
      JwtIdentityResolver.jwks(file);
      return log.records().stream().map(LogRecord::getMessage).toList();
    }
  }

  private boolean verifies(String header) {
    return verifies(header, rs256(RSA.getPrivate()));
  }

  private boolean verifies(String header, TestTokens.Signer signer) {
    JwtIdentityResolver resolver =
        JwtIdentityResolver.builder().jwks(file).clock(InstantSource.fixed(NOW)).build();
    return resolver.resolve(TokenRequests.bearer(token(header, U1_OF_ACME, signer))).isPresent();
  }

  private void assertRefused(String message) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> JwtIdentityResolver.jwks(file))
        .withMessage(message);
  }
}
