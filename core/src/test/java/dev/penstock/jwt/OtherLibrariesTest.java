package dev.penstock.jwt;

import static dev.penstock.jwt.TestTokens.RSA;
import static dev.penstock.jwt.TestTokens.SECRET;
import static dev.penstock.jwt.TestTokens.pem;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.auth0.jwt.JWT;
import com.auth0.jwt.algorithms.Algorithm;
import com.auth0.jwt.exceptions.JWTVerificationException;
import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSSigner;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.Ed25519Signer;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.MACVerifier;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.OctetKeyPair;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jose.jwk.gen.OctetKeyPairGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import dev.penstock.Identity;
import io.jsonwebtoken.JwtException;
import io.jsonwebtoken.Jwts;
import io.jsonwebtoken.security.Keys;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PublicKey;
import java.security.Signature;
import java.security.interfaces.ECPrivateKey;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPrivateKey;
import java.security.interfaces.RSAPublicKey;
import java.text.ParseException;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Tokens and keys as other libraries write them, and tokens as they read them. Longer by hand:
 * {@code mvn -pl core test -Dtest=OtherLibrariesTest -Dpenstock.fuzz.spellings=1000000}.
 */
class OtherLibrariesTest {

  private static final int SPELLINGS = Integer.getInteger("penstock.fuzz.spellings", 30_000);
  private static final long SEED = Long.getLong("penstock.fuzz.seed", 20260101);
  private static final Optional<Identity> U1 = Optional.of(Identity.user("acme", "u1"));
  private static final Date LATE = Date.from(Instant.ofEpochSecond(253_402_300_799L));
  private static final List<String> RSA_ALGORITHMS =
      List.of("RS256", "RS384", "RS512", "PS256", "PS384", "PS512");

  @TempDir private Path directory = Path.of("");

  /** A key of nimbus-jose-jwt and what it signs by; the key says so, too, if that is not usual. */
  private record Signing(String alg, JWK key) {

    @Override
    public String toString() {
      return alg;
    }

    JWSSigner signer() throws JOSEException {
      return key instanceof RSAKey rsa
          ? new RSASSASigner(rsa)
          : key instanceof ECKey ec ? new ECDSASigner(ec) : new Ed25519Signer((OctetKeyPair) key);
    }

    String token() throws JOSEException {
      JWTClaimsSet claims =
          new JWTClaimsSet.Builder()
              .subject("u1")
              .claim("workspace_id", "acme")
              .expirationTime(LATE)
              .build();
      JWSHeader header =
          new JWSHeader.Builder(JWSAlgorithm.parse(alg)).keyID(key.getKeyID()).build();
      SignedJWT jwt = new SignedJWT(header, claims);
      jwt.sign(signer());
      return jwt.serialize();
    }

    PublicKey publicKey() throws Exception {
      if (key instanceof OctetKeyPair ed) {
        return Jwk.read(ed.toPublicJWK().toJSONObject(), null).key() instanceof PublicKey made
            ? made
            : RSA.getPublic();
      }
      return key instanceof RSAKey rsa ? rsa.toRSAPublicKey() : ((ECKey) key).toECPublicKey();
    }
  }

  static Stream<Signing> signings() throws JOSEException {
    RSAKey rsa =
        new RSAKey.Builder((RSAPublicKey) RSA.getPublic())
            .privateKey((RSAPrivateKey) RSA.getPrivate())
            .keyUse(KeyUse.SIGNATURE)
            .build();
    return Stream.concat(
        RSA_ALGORITHMS.stream()
            .map(
                alg ->
                    new Signing(
                        alg,
                        new RSAKey.Builder(rsa)
                            .keyID("rsa-" + alg)
                            .algorithm(JWSAlgorithm.parse(alg))
                            .build())),
        Stream.of(
            new Signing("ES256", ec(Curve.P_256)),
            new Signing("ES384", ec(Curve.P_384)),
            new Signing("ES512", ec(Curve.P_521)),
            new Signing("EdDSA", new OctetKeyPairGenerator(Curve.Ed25519).keyID("ed").generate())));
  }

  private static ECKey ec(Curve curve) throws JOSEException {
    return new ECKeyGenerator(curve).keyID("ec-" + curve).generate();
  }

  /** One set of all, so that each algorithm has its key, and no token is taken by another. */
  @Test
  void nimbus_setOfAllKeys_verifiesTheTokensOfEach() throws Exception {
    List<Signing> all = signings().toList();
    JwtIdentityResolver resolver =
        JwtIdentityResolver.jwks(write(all.stream().map(Signing::key).toList()));

    for (Signing each : all) {
      assertThat(resolve(resolver, each.token())).as(each.alg()).isEqualTo(U1);
      for (Signing other : all) {
        String confused = new Signing(each.alg(), each.key()).token();
        String kid = "\"kid\":\"" + other.key().getKeyID() + "\"";
        String header = "{\"alg\":\"" + each.alg() + "\"," + kid + "}";
        String stolen =
            TestTokens.base64Url(header.getBytes(UTF_8))
                + confused.substring(confused.indexOf('.'));
        assertThat(resolve(resolver, stolen)).isEmpty();
      }
    }
  }

  @ParameterizedTest
  @MethodSource("signings")
  void nimbus_keyByPem_verifiesByTheNamedAlgorithm(Signing signing) throws Exception {
    JwtIdentityResolver resolver =
        JwtIdentityResolver.builder()
            .publicKey(pem(signing.publicKey()))
            .algorithm(signing.alg())
            .build();

    assertThat(resolve(resolver, signing.token())).isEqualTo(U1);
    for (String other : RSA_ALGORITHMS) {
      if (signing.key() instanceof RSAKey rsa && !other.equals(signing.alg())) {
        assertThat(resolve(resolver, new Signing(other, rsa(rsa, other)).token())).isEmpty();
      }
    }
  }

  private static RSAKey rsa(RSAKey key, String alg) {
    return new RSAKey.Builder(key).algorithm(JWSAlgorithm.parse(alg)).build();
  }

  /** What a key does not say is what the builder says, or what is usual for its type. */
  @Test
  void nimbus_keysWithoutAlg_verifyByWhatIsNamedOrUsual() throws Exception {
    RSAKey rsa = new RSAKey.Builder((RSAPublicKey) RSA.getPublic()).keyID("r").build();
    RSAKey signing =
        new RSAKey.Builder(rsa).privateKey((RSAPrivateKey) RSA.getPrivate()).keyID("r").build();
    ECKey ec = ec(Curve.P_384);
    Path file = write(List.of(rsa, ec));
    JwtIdentityResolver usual = JwtIdentityResolver.jwks(file);
    JwtIdentityResolver named = JwtIdentityResolver.builder().algorithm("PS384").jwks(file).build();

    assertThat(resolve(usual, new Signing("RS256", signing).token())).isEqualTo(U1);
    assertThat(resolve(usual, new Signing("PS384", signing).token())).isEmpty();
    assertThat(resolve(named, new Signing("PS384", signing).token())).isEqualTo(U1);
    assertThat(resolve(named, new Signing("RS256", signing).token())).isEmpty();
    assertThat(resolve(usual, new Signing("ES384", ec).token())).isEqualTo(U1);
    assertThat(resolve(named, new Signing("ES384", ec).token())).isEqualTo(U1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"RS256", "RS384", "RS512", "ES256", "ES384", "ES512"})
  void javaJwt_token_isVerified(String alg) throws Exception {
    KeyPair keys =
        switch (alg) {
          case "ES256" -> TestTokens.ec("secp256r1");
          case "ES384" -> TestTokens.ec("secp384r1");
          case "ES512" -> TestTokens.ec("secp521r1");
          default -> RSA;
        };
    JwtIdentityResolver resolver =
        JwtIdentityResolver.builder().publicKey(pem(keys.getPublic())).algorithm(alg).build();

    assertThat(resolve(resolver, javaJwt(algorithm(alg, keys)))).isEqualTo(U1);
  }

  private static Algorithm algorithm(String alg, KeyPair keys) {
    return switch (alg) {
      case "RS256" -> Algorithm.RSA256(rsa(keys), (RSAPrivateKey) keys.getPrivate());
      case "RS384" -> Algorithm.RSA384(rsa(keys), (RSAPrivateKey) keys.getPrivate());
      case "RS512" -> Algorithm.RSA512(rsa(keys), (RSAPrivateKey) keys.getPrivate());
      case "ES256" -> Algorithm.ECDSA256(ec(keys), (ECPrivateKey) keys.getPrivate());
      case "ES384" -> Algorithm.ECDSA384(ec(keys), (ECPrivateKey) keys.getPrivate());
      default -> Algorithm.ECDSA512(ec(keys), (ECPrivateKey) keys.getPrivate());
    };
  }

  private static RSAPublicKey rsa(KeyPair keys) {
    return (RSAPublicKey) keys.getPublic();
  }

  private static ECPublicKey ec(KeyPair keys) {
    return (ECPublicKey) keys.getPublic();
  }

  private static String javaJwt(Algorithm algorithm) {
    return JWT.create()
        .withSubject("u1")
        .withClaim("workspace_id", "acme")
        .withExpiresAt(LATE)
        .sign(algorithm);
  }

  @Test
  void hs256_tokensOfAllLibraries_areVerified() throws Exception {
    JwtIdentityResolver resolver = JwtIdentityResolver.hmac(SECRET);

    assertThat(resolve(resolver, javaJwt(Algorithm.HMAC256(SECRET)))).isEqualTo(U1);
    assertThat(resolve(resolver, nimbusHmac())).isEqualTo(U1);
  }

  private static String nimbusHmac() throws JOSEException {
    JWTClaimsSet claims =
        new JWTClaimsSet.Builder()
            .subject("u1")
            .claim("workspace_id", "acme")
            .expirationTime(LATE)
            .build();
    SignedJWT jwt = new SignedJWT(new JWSHeader(JWSAlgorithm.HS256), claims);
    jwt.sign(new MACSigner(SECRET));
    return jwt.serialize();
  }

  @ParameterizedTest
  @ValueSource(strings = {"Ed25519", "Ed448"})
  void edDsa_keyOfTheJdk_isRead(String curve) throws Exception {
    KeyPair keys = KeyPairGenerator.getInstance(curve).generateKeyPair();
    JwtIdentityResolver resolver = JwtIdentityResolver.publicKey(pem(keys.getPublic()));
    String claims = "{'sub':'u1','workspace_id':'acme','exp':253402300799}";
    TestTokens.Signer signer =
        input -> TestTokens.sign(Signature.getInstance(curve), keys.getPrivate(), input);

    assertThat(resolve(resolver, TestTokens.token("{'alg':'EdDSA'}", claims, signer)))
        .isEqualTo(U1);
    assertThat(resolve(resolver, TestTokens.token("{'alg':'ES256'}", claims, signer))).isEmpty();
  }

  /** However a client spells a token: what an application's library takes is found here. */
  @Test
  void resolve_whateverAnotherLibraryTakes_isFound() throws Exception {
    JwtIdentityResolver resolver = JwtIdentityResolver.hmac(SECRET);
    String token = nimbusHmac();
    Random random = new Random(SEED);
    String pieces = "AZaz09-_+/=.~!\"'$%&()*,:;<>?@[\\]^`{|} \t\r\n\u00e9\u20ac";
    int taken = 0;
    for (int i = 0; i < SPELLINGS; i++) {
      StringBuilder spelled = new StringBuilder(token);
      for (int left = 1 + random.nextInt(3); left > 0; left--) {
        int at = token.length() - random.nextInt(48);
        char piece = pieces.charAt(random.nextInt(pieces.length()));
        if (random.nextBoolean() && at < spelled.length()) {
          spelled.setCharAt(at, piece);
        } else {
          spelled.insert(Math.min(at, spelled.length()), piece);
        }
      }
      String text = spelled.toString();
      if (nimbusTakes(text) || javaJwtTakes(text) || jjwtTakes(text)) {
        taken++;
        assertThat(resolve(resolver, text))
            .as("seed %d, spelling %d: %s", SEED, i, text)
            .isEqualTo(U1);
      }
    }
    assertThat(taken).isGreaterThan(SPELLINGS / 100);
  }

  private static boolean nimbusTakes(String token) {
    try {
      return SignedJWT.parse(token).verify(new MACVerifier(SECRET));
    } catch (ParseException | JOSEException | RuntimeException e) {
      return false;
    }
  }

  private static boolean javaJwtTakes(String token) {
    try {
      return JWT.require(Algorithm.HMAC256(SECRET)).build().verify(token) != null;
    } catch (JWTVerificationException | IllegalArgumentException e) {
      return false;
    }
  }

  private static boolean jjwtTakes(String token) {
    try {
      return Jwts.parser()
              .json(new PlainJson())
              .verifyWith(Keys.hmacShaKeyFor(SECRET))
              .build()
              .parseSignedClaims(token)
          != null;
    } catch (JwtException | IllegalArgumentException e) {
      return false;
    }
  }

  private Path write(List<? extends JWK> keys) throws Exception {
    Path file = directory.resolve("jwks.json");
    Files.writeString(file, new JWKSet(List.copyOf(keys)).toString(true));
    return file;
  }

  private static Optional<Identity> resolve(JwtIdentityResolver resolver, String token) {
    return resolver.resolve(TokenRequests.bearer(token));
  }
}
