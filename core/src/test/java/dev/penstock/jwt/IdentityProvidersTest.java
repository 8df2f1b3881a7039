package dev.penstock.jwt;

import static dev.penstock.jwt.TestTokens.EC;
import static dev.penstock.jwt.TestTokens.NOW;
import static dev.penstock.jwt.TestTokens.RSA;
import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.CapturedLog;
import dev.penstock.FakeClock;
import dev.penstock.Identity;
import dev.penstock.Limit;
import dev.penstock.LimitPolicy;
import dev.penstock.http.HttpRateLimiter;
import dev.penstock.http.Verdict;
import dev.penstock.memory.InMemoryRateLimiter;
import io.jsonwebtoken.Jwts;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.logging.LogRecord;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tokens and key sets as identity providers shape them, without their values. */
class IdentityProvidersTest {

  private static final String KEYCLOAK = "http://localhost:8080/realms/agents";
  private static final String AUTH0 = "https://agents.eu.auth0.com/";

  @TempDir private Path directory;

  // ---- where names are

  @Test
  void workspaceClaim_nested_bindsTheLimitOfTheWorkspace() {
    JwtIdentityResolver tokens = resolver(b -> b.workspaceClaim("tenant.id"));
    HttpRateLimiter gate =
        HttpRateLimiter.builder(InMemoryRateLimiter.create())
            .identity(tokens)
            .rule("/agents/*/runs", LimitPolicy.perWorkspace("runs", Limit.perDay(2)))
            .build();

    for (String user : List.of("u1", "u2")) {
      Verdict verdict = gate.decide(TokenRequests.bearer(ofTenant("acme", user)));
      assertThat(verdict).isInstanceOf(Verdict.Proceed.class);
    }
    assertThat(gate.decide(TokenRequests.bearer(ofTenant("acme", "u3"))))
        .isInstanceOf(Verdict.Reject.class);
    assertThat(gate.decide(TokenRequests.bearer(ofTenant("other", "u1"))))
        .isInstanceOf(Verdict.Proceed.class);
  }

  @Test
  void keycloak_organization_isTheWorkspaceInEveryShape() {
    for (Object organization :
        List.of(
            "acme",
            List.of("acme"),
            Map.of("acme", Map.of()),
            Map.of("acme", Map.of("id", "3b1f", "plan", List.of("pro"))))) {
      assertThat(
              resolve(
                  b -> b.workspaceClaim("organization").issuer(KEYCLOAK),
                  keycloak(Map.of("organization", organization))))
          .as("%s", organization)
          .contains(Identity.user(Optional.of(KEYCLOAK), Optional.of("acme"), "f2b4"));
    }
  }

  /** Which of them pays is not for the client to choose. */
  @Test
  void keycloak_twoOrganizations_isCountedAsInvalid() {
    JwtIdentityResolver resolver = resolver(b -> b.workspaceClaim("organization"));
    String token = keycloak(Map.of("organization", List.of("acme", "other")));

    assertThat(resolver.resolve(TokenRequests.bearer(token))).isEmpty();
    assertThat(resolver.rejectedTokensByReason()).containsEntry("claims", 1L);
  }

  @Test
  void auth0_claimNamedLikeAUrl_isTheWorkspace() {
    String url = "https://agents.example.com/tenant.id";
    Map<String, Object> claims =
        Map.of(
            "iss",
            AUTH0,
            "sub",
            "auth0|64f0c2",
            "aud",
            List.of("https://api.example.com", AUTH0 + "userinfo"),
            "azp",
            "Zk3",
            "org_id",
            "org_9",
            url,
            "acme");

    assertThat(
            resolve(
                b -> b.issuer(AUTH0).audience("https://api.example.com").workspaceClaim(url),
                token(claims)))
        .contains(Identity.user(Optional.of(AUTH0), Optional.of("acme"), "auth0|64f0c2"));
  }

  @Test
  void entraId_objectIdAndTenant_areUserAndWorkspace() {
    String issuer = "https://login.microsoftonline.com/72f9/v2.0";
    Map<String, Object> claims =
        Map.of("iss", issuer, "sub", "AAAA", "oid", "9d3c", "tid", "72f9", "ver", "2.0");

    assertThat(resolve(b -> b.workspaceClaim("tid").userClaims("oid", "sub"), token(claims)))
        .contains(Identity.user(Optional.of(issuer), Optional.of("72f9"), "9d3c"));
  }

  @Test
  void workspaceBy_functionOfTheClaims_isTheWorkspace() {
    UnaryOperator<JwtIdentityResolverBuilder> byGroup =
        b ->
            b.userClaims("username", "sub")
                .workspaceBy(
                    claims ->
                        claims.get("cognito:groups") instanceof List<?> groups
                            ? groups.stream()
                                .map(String::valueOf)
                                .filter(group -> group.startsWith("tenant-"))
                                .findFirst()
                            : Optional.empty());
    Map<String, Object> claims =
        Map.of("sub", "7a", "username", "ann", "cognito:groups", List.of("admin", "tenant-acme"));

    assertThat(resolve(byGroup, token(claims))).contains(Identity.user("tenant-acme", "ann"));
    assertThat(resolve(byGroup, token(Map.of("sub", "7a")))).contains(Identity.user("7a"));
  }

  @Test
  void userBy_functionOfTheClaims_isTheUser() {
    UnaryOperator<JwtIdentityResolverBuilder> byAct =
        b ->
            b.userBy(
                claims ->
                    claims.get("act") instanceof Map<?, ?> actor
                        ? Optional.of(String.valueOf(actor.get("sub")))
                        : Optional.empty());

    assertThat(resolve(byAct, token(Map.of("sub", "u1", "act", Map.of("sub", "bot")))))
        .contains(Identity.user("bot"));
    assertThat(resolve(byAct, token(Map.of("sub", "u1")))).isEmpty();
  }

  @Test
  void planClaim_textOrAbsent_isThePlan() {
    UnaryOperator<JwtIdentityResolverBuilder> byPlan = b -> b.planClaim("account.plan");
    Map<String, Object> claims = Map.of("sub", "u1", "account", Map.of("plan", "pro"));
    assertThat(resolve(byPlan, token(claims)).flatMap(Identity::plan)).contains("pro");
    assertThat(resolve(byPlan, token(claims))).contains(Identity.user("u1"));
    Optional<Identity> none = resolve(byPlan, token(Map.of("sub", "u1")));
    assertThat(none).contains(Identity.user("u1"));
    assertThat(none.flatMap(Identity::plan)).isEmpty();
    Map<String, Object> two = Map.of("sub", "u1", "account", Map.of("plan", List.of("a", "b")));
    assertThat(resolve(byPlan, token(two))).isEmpty();
    assertThat(
            resolve(b -> b.planBy(all -> Optional.of("of " + all.get("sub"))), token(claims))
                .flatMap(Identity::plan))
        .contains("of u1");
  }

  @Test
  void workspaceBy_failsOrGivesNoName_isInvalid() {
    Map<String, Object> claims = Map.of("sub", "u1");
    try (CapturedLog log = new CapturedLog(JwtIdentityResolver.class)) {
      assertThat(
              resolve(
                  b ->
                      b.workspaceBy(
                          all -> {
                            throw new IllegalStateException("secret");
                          }),
                  token(claims)))
          .isEmpty();
      assertThat(messages(log))
          .isNotEmpty()
          .allSatisfy(
              line ->
                  assertThat(line)
                      .startsWith("A function of the claims failed; the token is not valid: ")
                      .doesNotContain("secret"));
    }
    assertThat(resolve(b -> b.workspaceBy(all -> Optional.of("a\nb")), token(claims))).isEmpty();
    assertThat(resolve(b -> b.workspaceBy(all -> Optional.of(" ")), token(claims)))
        .contains(Identity.user("u1"));
  }

  /** A function that changes what it is shown changes nothing for who comes after it. */
  @Test
  void workspaceBy_changesTheClaims_isInvalid() {
    assertThat(
            resolve(
                b ->
                    b.workspaceBy(
                        claims -> {
                          claims.clear();
                          return Optional.empty();
                        }),
                token(Map.of("sub", "u1"))))
        .isEmpty();
  }

  /** Who is known is found by the nested claim, too, before a token is read in full. */
  @Test
  void resolve_renewedTokenOfATenantBehindAStoppedAddress_isItsUser() {
    List<UnaryOperator<JwtIdentityResolverBuilder>> ways =
        List.of(
            b -> b.workspaceClaim("tenant.id"),
            b -> b.workspaceBy(c -> Optional.ofNullable(tenantId(c.get("tenant")))));
    for (UnaryOperator<JwtIdentityResolverBuilder> way : ways) {
      JwtIdentityResolver resolver = resolver(b -> way.apply(b).nanoClock(new FakeClock(0)));
      assertThat(resolver.resolve(TokenRequests.bearer(ofTenant("acme", "u1")))).isPresent();
      for (int i = 0; i < 2 * SignatureGate.AT_ONCE.capacity(); i++) {
        resolver.resolve(TokenRequests.bearer(forged(ofTenant("acme", "x" + i))));
      }

      assertThat(resolver.resolve(TokenRequests.bearer(ofTenant("acme", "u1", "renewed"))))
          .contains(Identity.user("acme", "u1"));
      assertThat(resolver.resolve(TokenRequests.bearer(ofTenant("acme", "u2")))).isEmpty();
    }
  }

  private static @Nullable String tenantId(@Nullable Object tenant) {
    return tenant instanceof Map<?, ?> object ? (String) object.get("id") : null;
  }

  // ---- what is not there

  @Test
  void workspaceClaim_notThere_isSaidOnceWithTheNamesThatAre() {
    try (CapturedLog log = new CapturedLog(JwtIdentityResolver.class)) {
      JwtIdentityResolver resolver = resolver(b -> b.workspaceClaim("tenant.id"));
      for (String user : List.of("u1", "u2")) {
        Map<String, Object> claims =
            Map.of(
                "sub",
                user,
                "tenant",
                Map.of("key", "acme"),
                "realm_access",
                Map.of("roles", List.of("admin")),
                "a\nb",
                "forged line");
        assertThat(resolver.resolve(TokenRequests.bearer(token(claims))))
            .contains(Identity.user(user));
      }

      assertThat(messages(log))
          .containsExactly(
              "A token has nothing at workspaceClaim tenant.id, which is said once; its claims are"
                  + " (another), exp, realm_access, sub, tenant, tenant.key");
    }
  }

  @Test
  void workspaceClaim_notAskedFor_isNotMissed() {
    try (CapturedLog log = new CapturedLog(JwtIdentityResolver.class)) {
      assertThat(resolve(b -> b, token(Map.of("sub", "u1")))).contains(Identity.user("u1"));
      assertThat(messages(log)).isEmpty();
    }
  }

  @Test
  void userClaims_notThere_isSaidOnceOfASignedToken() {
    try (CapturedLog log = new CapturedLog(JwtIdentityResolver.class)) {
      JwtIdentityResolver resolver = resolver(b -> b.userClaims("user.name", "email"));
      String token = token(Map.of("sub", "u1", "user", Map.of("id", 7)));
      assertThat(resolver.resolve(TokenRequests.bearer(forged(token)))).isEmpty();
      assertThat(messages(log)).isEmpty();
      for (int i = 0; i < 3; i++) {
        assertThat(resolver.resolve(TokenRequests.bearer(token))).isEmpty();
      }

      assertThat(messages(log))
          .containsExactly(
              "A token has nothing at userClaims user.name, email, which is said once; its claims"
                  + " are exp, sub, user, user.id");
      // One of the forged token, one of the first of the others.
      assertThat(resolver.signatureChecks()).isEqualTo(2);
      assertThat(resolver.rejectedTokensByReason()).containsEntry("claims", 4L);
    }
  }

  /** Whoever cannot sign has no more checked than else, and puts no name of theirs into the log. */
  @Test
  void workspaceClaim_notThereInForgedTokens_costsThirtySignaturesAndNoLine() {
    try (CapturedLog log = new CapturedLog(JwtIdentityResolver.class)) {
      JwtIdentityResolver resolver =
          resolver(
              b -> b.workspaceClaim("tenant.id").workspaceRequired().nanoClock(new FakeClock(0)));
      for (int i = 0; i < 1000; i++) {
        resolver.resolve(TokenRequests.bearer(forged(token(Map.of("sub", "u" + i)))));
      }

      assertThat(resolver.signatureChecks()).isEqualTo(SignatureGate.AT_ONCE.capacity());
      assertThat(messages(log)).isEmpty();
    }
  }

  @Test
  void line_manyClaims_tellsFiftyOfThem() {
    Map<String, Object> claims = new LinkedHashMap<>(Map.of("sub", "u1"));
    IntStream.range(0, 60).forEach(i -> claims.put("claim" + i, "secret"));
    claims.put("x".repeat(65), "secret");
    try (CapturedLog log = new CapturedLog(JwtIdentityResolver.class)) {
      assertThat(resolve(b -> b.workspaceClaim("tenant"), token(claims))).isPresent();
      assertThat(messages(log)).hasSize(1);
      assertThat(messages(log).get(0))
          .endsWith(" and 13 more")
          .contains("claim0, claim1, ")
          .doesNotContain("secret", "xxx");
    }
  }

  // ---- workspace required

  @Test
  void workspaceRequired_verifiedTokenWithoutOne_isInvalidAndNotAUserOfNoWorkspace() {
    try (CapturedLog log = new CapturedLog(JwtIdentityResolver.class)) {
      JwtIdentityResolver resolver = resolver(JwtIdentityResolverBuilder::workspaceRequired);
      for (String workspace : List.of("", " ")) {
        String token = token(Map.of("sub", "u1", "workspace_id", workspace));
        assertThat(resolver.resolve(TokenRequests.bearer(token))).isEmpty();
      }
      String idToken = token(Map.of("sub", "u1", "nonce", "n", "at_hash", "h"));
      assertThat(resolver.resolve(TokenRequests.bearer(idToken))).isEmpty();
      assertThat(resolver.resolve(TokenRequests.bearer(idToken))).isEmpty();

      assertThat(resolver.rejectedTokensByReason()).containsEntry("no_workspace", 4L);
      assertThat(messages(log))
          .containsExactly(
              "A token has nothing at workspaceClaim workspace_id, which is said once; its claims"
                  + " are at_hash, exp, nonce, sub");
      assertThat(
              resolver.resolve(
                  TokenRequests.bearer(token(Map.of("sub", "u1", "workspace_id", "acme")))))
          .contains(Identity.user("acme", "u1"));
    }
  }

  @Test
  void workspaceRequired_anyWayToNameIt_isRequired() {
    String token = token(Map.of("sub", "u1", "organization", List.of()));
    for (UnaryOperator<JwtIdentityResolverBuilder> way :
        List.<UnaryOperator<JwtIdentityResolverBuilder>>of(
            b -> b.workspaceClaim("organization"), b -> b.workspaceBy(c -> Optional.empty()))) {
      assertThat(resolve(way, token)).contains(Identity.user("u1"));
      assertThat(resolve(b -> way.apply(b).workspaceRequired(), token)).isEmpty();
    }
  }

  // ---- key sets

  @Test
  void keycloakKeySet_signatureAndEncryptionKeys_verifiesByTheFirst() throws Exception {
    String signing =
        "'kid':'sig1','use':'sig','alg':'RS256','x5c':['MIIC'],'x5t':'a','x5t#S256':'b'";
    String encrypting = "'kid':'enc1','use':'enc','alg':'RSA-OAEP','x5c':['MIIC']";
    Path file = directory.resolve("certs.json");
    Files.writeString(
        file,
        TestJwks.set(
            TestJwks.key(RSA.getPublic(), encrypting), TestJwks.key(RSA.getPublic(), signing)));

    assertThat(
            JwtIdentityResolver.builder()
                .jwks(file)
                .clock(InstantSource.fixed(NOW))
                .build()
                .resolve(
                    TokenRequests.bearer(
                        Jwts.builder()
                            .json(new WrittenJson())
                            .header()
                            .keyId("sig1")
                            .and()
                            .claims(Map.of("sub", "u1"))
                            .expiration(Date.from(NOW.plusSeconds(60)))
                            .signWith(RSA.getPrivate(), Jwts.SIG.RS256)
                            .compact())))
        .contains(Identity.user("u1"));
  }

  private static List<String> messages(CapturedLog log) {
    return log.records().stream().map(LogRecord::getMessage).toList();
  }

  private static Optional<Identity> resolve(
      UnaryOperator<JwtIdentityResolverBuilder> settings, String token) {
    return resolver(settings).resolve(TokenRequests.bearer(token));
  }

  private static JwtIdentityResolver resolver(UnaryOperator<JwtIdentityResolverBuilder> settings) {
    return settings
        .apply(
            JwtIdentityResolver.builder()
                .publicKey(TestTokens.pem(EC.getPublic()))
                .clock(InstantSource.fixed(NOW)))
        .build();
  }

  private static String ofTenant(String tenant, String user) {
    return ofTenant(tenant, user, "first");
  }

  private static String ofTenant(String tenant, String user, String id) {
    return token(Map.of("sub", user, "tenant", Map.of("id", tenant, "name", "T"), "jti", id));
  }

  /** What an access token of Keycloak has, beside what a test is about. */
  private static String keycloak(Map<String, Object> more) {
    Map<String, Object> claims = new LinkedHashMap<>();
    claims.put("iat", NOW.getEpochSecond());
    claims.put("auth_time", NOW.getEpochSecond());
    claims.put("jti", "onrtac:6c3f");
    claims.put("iss", KEYCLOAK);
    claims.put("aud", List.of("agent-os", "account"));
    claims.put("sub", "f2b4");
    claims.put("typ", "Bearer");
    claims.put("azp", "web");
    claims.put("acr", "1");
    claims.put("allowed-origins", List.of("http://localhost:3000"));
    claims.put("realm_access", Map.of("roles", List.of("offline_access", "user")));
    claims.put("resource_access", Map.of("account", Map.of("roles", List.of("view-profile"))));
    claims.put("scope", "openid organization");
    claims.put("preferred_username", "ann");
    claims.putAll(more);
    return token(claims);
  }

  private static String token(Map<String, ?> claims) {
    return Jwts.builder()
        .json(new WrittenJson())
        .claims(claims)
        .expiration(Date.from(NOW.plusSeconds(60)))
        .signWith(EC.getPrivate(), Jwts.SIG.ES256)
        .compact();
  }

  private static String forged(String token) {
    return token.substring(0, token.lastIndexOf('.') + 1) + "A".repeat(86);
  }
}
