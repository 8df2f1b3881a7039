package dev.penstock.jwt;

import static dev.penstock.jwt.TestTokens.EC;
import static dev.penstock.jwt.TestTokens.NOW;
import static dev.penstock.jwt.TestTokens.RSA;
import static dev.penstock.jwt.TestTokens.U1_OF_ACME;
import static dev.penstock.jwt.TestTokens.ec;
import static dev.penstock.jwt.TestTokens.es256;
import static dev.penstock.jwt.TestTokens.hmac;
import static dev.penstock.jwt.TestTokens.pem;
import static dev.penstock.jwt.TestTokens.rs256;
import static dev.penstock.jwt.TestTokens.rsa;
import static dev.penstock.jwt.TestTokens.sign;
import static dev.penstock.jwt.TestTokens.token;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.Identity;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.Signature;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PSSParameterSpec;
import java.time.InstantSource;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tokens that ask for another algorithm or key than the one they are meant for. */
class KeyConfusionTest {

  private static final Optional<Identity> U1_IN_ACME = Optional.of(Identity.user("acme", "u1"));

  private final JwtIdentityResolver rsaResolver = publicKey(pem(RSA.getPublic()));
  private final JwtIdentityResolver ecResolver = publicKey(pem(EC.getPublic()));

  @Test
  void publicKey_ownSignature_isVerified() {
    assertThat(resolve(rsaResolver, "{'alg':'RS256'}", rs256(RSA.getPrivate())))
        .isEqualTo(U1_IN_ACME);
    assertThat(resolve(ecResolver, "{'alg':'ES256'}", es256(EC.getPrivate())))
        .isEqualTo(U1_IN_ACME);
  }

  @Test
  void publicKey_signatureOfAnotherKey_isRejected() {
    assertThat(resolve(rsaResolver, "{'alg':'RS256'}", rs256(rsa(2048).getPrivate()))).isEmpty();
    assertThat(resolve(ecResolver, "{'alg':'ES256'}", es256(ec("secp256r1").getPrivate())))
        .isEmpty();
  }

  @Test
  void publicKey_macWithThePublicKeysBytes_isRejected() {
    byte[] text = pem(RSA.getPublic()).getBytes(US_ASCII);
    byte[] line = pem(RSA.getPublic()).strip().getBytes(US_ASCII);

    assertThat(resolve(rsaResolver, "{'alg':'HS256'}", hmac(text))).isEmpty();
    assertThat(resolve(rsaResolver, "{'alg':'HS256'}", hmac(line))).isEmpty();
    assertThat(resolve(rsaResolver, "{'alg':'HS256'}", hmac(RSA.getPublic().getEncoded())))
        .isEmpty();
    assertThat(resolve(ecResolver, "{'alg':'HS256'}", hmac(EC.getPublic().getEncoded()))).isEmpty();
    assertThat(rsaResolver.rejectedTokens()).isEqualTo(3);
  }

  @Test
  void publicKey_ps256ByTheSameKey_isRejected() {
    TestTokens.Signer ps256 =
        input -> {
          Signature signature = Signature.getInstance("RSASSA-PSS");
          signature.setParameter(
              new PSSParameterSpec("SHA-256", "MGF1", MGF1ParameterSpec.SHA256, 32, 1));
          return sign(signature, RSA.getPrivate(), input);
        };

    assertThat(resolve(rsaResolver, "{'alg':'PS256'}", ps256)).isEmpty();
    assertThat(resolve(rsaResolver, "{'alg':'RS256'}", ps256)).isEmpty();
  }

  @Test
  void publicKey_rs512ByTheSameKey_isRejected() {
    assertThat(
            resolve(
                rsaResolver,
                "{'alg':'RS512'}",
                input -> sign(Signature.getInstance("SHA512withRSA"), RSA.getPrivate(), input)))
        .isEmpty();
  }

  @Test
  void publicKey_algNone_isRejected() {
    assertThat(resolve(rsaResolver, "{'alg':'none'}", input -> new byte[] {1})).isEmpty();
  }

  @Test
  void es256_signatureOfZeros_isRejected() {
    assertThat(resolve(ecResolver, "{'alg':'ES256'}", input -> new byte[64])).isEmpty();
  }

  @Test
  void es256_signatureInDer_isRejected() {
    assertThat(
            resolve(
                ecResolver,
                "{'alg':'ES256'}",
                input -> sign(Signature.getInstance("SHA256withECDSA"), EC.getPrivate(), input)))
        .isEmpty();
  }

  @Test
  void publicKey_unnamed_answersToEveryKid() {
    assertThat(resolve(rsaResolver, "{'alg':'RS256','kid':'any'}", rs256(RSA.getPrivate())))
        .isEqualTo(U1_IN_ACME);
  }

  @Test
  void jwks_kid_isLookedUpExactly(@TempDir Path directory) throws Exception {
    JwtIdentityResolver resolver = jwks(directory, "r1", "e1");

    assertThat(resolve(resolver, "{'alg':'RS256','kid':'r1'}", rs256(RSA.getPrivate())))
        .isEqualTo(U1_IN_ACME);
    assertThat(resolve(resolver, "{'alg':'ES256','kid':'e1'}", es256(EC.getPrivate())))
        .isEqualTo(U1_IN_ACME);
    assertThat(resolve(resolver, "{'alg':'RS256','kid':'R1'}", rs256(RSA.getPrivate()))).isEmpty();
    assertThat(resolve(resolver, "{'alg':'RS256','kid':'e1'}", rs256(RSA.getPrivate()))).isEmpty();
    assertThat(resolve(resolver, "{'alg':'RS256','kid':''}", rs256(RSA.getPrivate()))).isEmpty();
    assertThat(resolve(resolver, "{'alg':'RS256','kid':null}", rs256(RSA.getPrivate()))).isEmpty();
    assertThat(resolve(resolver, "{'alg':'RS256','kid':['r1']}", rs256(RSA.getPrivate())))
        .isEmpty();
    assertThat(resolve(resolver, "{'alg':'RS256'}", rs256(RSA.getPrivate()))).isEmpty();
    assertThat(
            resolve(resolver, "{'alg':'RS256','kid':'../../../dev/null'}", rs256(RSA.getPrivate())))
        .isEmpty();
  }

  @Test
  void jwks_anotherKeysAlgorithm_isRejected(@TempDir Path directory) throws Exception {
    JwtIdentityResolver resolver = jwks(directory, "r1", "e1");

    assertThat(resolve(resolver, "{'alg':'ES256','kid':'r1'}", es256(EC.getPrivate()))).isEmpty();
    assertThat(resolve(resolver, "{'alg':'HS256','kid':'r1'}", hmac(RSA.getPublic().getEncoded())))
        .isEmpty();
  }

  @Test
  void jwks_keyInTheHeader_isIgnored(@TempDir Path directory) throws Exception {
    JwtIdentityResolver resolver = jwks(directory, "r1", "e1");
    var own = ec("secp256r1");
    String jwk = TestJwks.key(own.getPublic(), "'kid':'e1'");

    assertThat(
            resolve(
                resolver, "{'alg':'ES256','kid':'e1','jwk':" + jwk + "}", es256(own.getPrivate())))
        .isEmpty();
    assertThat(
            resolve(
                resolver,
                "{'alg':'ES256','kid':'e1','jku':'https://evil.example/','jwk':" + jwk + "}",
                es256(EC.getPrivate())))
        .isEqualTo(U1_IN_ACME);
  }

  private JwtIdentityResolver jwks(Path directory, String rsaKid, String ecKid) throws Exception {
    Path file = directory.resolve("jwks.json");
    Files.writeString(
        file,
        TestJwks.set(
            TestJwks.key(RSA.getPublic(), "'kid':'" + rsaKid + "'"),
            TestJwks.key(EC.getPublic(), "'kid':'" + ecKid + "'")));
    return JwtIdentityResolver.builder().jwks(file).clock(InstantSource.fixed(NOW)).build();
  }

  private static JwtIdentityResolver publicKey(String pem) {
    return JwtIdentityResolver.builder().publicKey(pem).clock(InstantSource.fixed(NOW)).build();
  }

  private static Optional<Identity> resolve(
      JwtIdentityResolver resolver, String header, TestTokens.Signer signer) {
    return resolver.resolve(TokenRequests.bearer(token(header, U1_OF_ACME, signer)));
  }
}
