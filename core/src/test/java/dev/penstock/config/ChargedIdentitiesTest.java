package dev.penstock.config;

import static org.assertj.core.api.Assertions.assertThat;

import com.auth0.jwt.JWT;
import com.auth0.jwt.algorithms.Algorithm;
import dev.penstock.Identity;
import dev.penstock.http.FakeRequest;
import dev.penstock.http.Gate;
import dev.penstock.http.Patience;
import dev.penstock.http.RequestView;
import dev.penstock.http.Verdict;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.Principal;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whom the gate of a file charges, which plan they have, and how long it hears them out. */
class ChargedIdentitiesTest {

  private static final String KEY = Objects.requireNonNull(PolicyFiles.ENVIRONMENT.get("API_KEY"));
  private static final FakeRequest RUN = FakeRequest.of("GET /runs");

  @TempDir Path directory;

  @Test
  void gate_apiKeys_chargeTheirOwner() throws IOException {
    Files.writeString(directory.resolve("old.key"), "older\n");
    Gate gate =
        gate(
            """
            apiKeys:
              field: X-Api-Key
              owners: {acme: [env:API_KEY, file:old.key]}
            """);
    assertThat(charged(gate, RUN.with("X-Api-Key", KEY))).isEqualTo(owner("acme"));
    assertThat(charged(gate, RUN.with("X-Api-Key", "older"))).isEqualTo(owner("acme"));
    assertThat(charged(gate, RUN.with("X-Api-Key", "another"))).isEqualTo(address());
  }

  @Test
  void gate_apiKeyWhereTokensAreRejected_isNoInvalidToken() throws IOException {
    Gate gate =
        gate(
            """
            apiKeys: {field: Authorization, owners: {acme: env:API_KEY}}
            jwt: {secret: env:JWT_SECRET, onInvalidToken: reject}
            """);
    assertThat(charged(gate, RUN.with("Authorization", "Bearer " + KEY))).isEqualTo(owner("acme"));
    assertThat(charged(gate, RUN.with("Authorization", "Bearer " + token("u1"))))
        .isEqualTo(Identity.user("u1"));
    assertThat(gate.decide(RUN.with("Authorization", "Bearer another")))
        .isInstanceOf(Verdict.Reject.class);
  }

  @Test
  void gate_serverUser_isChargedWhereNoTokenNamesAnother() throws IOException {
    Gate gate = gate("serverUser: true\njwt: {secret: env:JWT_SECRET}\n");
    RequestView known = new KnownUser(RUN, () -> "alice");
    RequestView named =
        new KnownUser(RUN.with("Authorization", "Bearer " + token("u1")), () -> "alice");
    assertThat(charged(gate, known)).isEqualTo(Identity.user("alice"));
    assertThat(charged(gate, named)).isEqualTo(Identity.user("u1"));
    assertThat(charged(gate, RUN)).isEqualTo(address());
    assertThat(charged(gate("serverUser: false\n"), known)).isEqualTo(address());
  }

  @Test
  void gate_plansOfIdentities_countBeforeClaimsAndWorkspaces() throws IOException {
    PenstockConfig config =
        config(
            """
            plans:
              names: [free, pro, top]
              otherwise: free
              claim: plan
              workspaces: {acme: pro}
              identities:
                - {user: u1, workspace: acme, plan: top}
                - {address: 192.0.2.1, plan: pro}
                - {address: "2001:db8::7", plan: top}
                - {type: api-key-owner, name: acme, plan: top}
                - {user: u3, issuer: elsewhere, plan: top}
            apiKeys: {field: X-Api-Key, owners: {acme: env:API_KEY}}
            jwt: {secret: env:JWT_SECRET}
            """);
    Gate gate = config.gate();
    assertThat(plan(gate, RUN)).isEqualTo("pro");
    assertThat(plan(gate, RUN.from("192.0.2.2"))).isEmpty();
    assertThat(plan(gate, RUN.from("2001:db8::9"))).isEqualTo("top"); // of the same /64
    assertThat(plan(gate, RUN.with("X-Api-Key", KEY))).isEqualTo("top");
    assertThat(plan(config, Identity.user("acme", "u1").withPlan("free"))).isEqualTo("top");
    assertThat(plan(config, Identity.user("acme", "u2"))).isEqualTo("pro");
    assertThat(plan(config, Identity.user("globex", "u1").withPlan("pro"))).isEqualTo("pro");
    assertThat(plan(config, Identity.user("u3"))).isEmpty();
    assertThat(plan(config, user("elsewhere", "u3"))).isEqualTo("top");
  }

  @Test
  void gate_planOfAUserWithoutAnIssuer_isOfTheOneOfTokensAndTheServers() throws IOException {
    PenstockConfig config =
        config(
            """
            plans: {names: [free, pro], otherwise: free, identities: [{user: u1, plan: pro}]}
            jwt: {secret: env:JWT_SECRET, issuer: me}
            serverUser: true
            """);
    assertThat(plan(config, user("me", "u1"))).isEqualTo("pro");
    assertThat(plan(config, Identity.user("u1"))).isEqualTo("pro");
    assertThat(plan(config, user("you", "u1"))).isEmpty();
  }

  @Test
  void gate_patience_isWithWhomItIsSaid() throws IOException {
    Gate gate =
        gate(
            """
            clients: {trustedProxies: [10.0.0.0/8]}
            patience: {bytes: 70000, toProxies: {time: 1 minute}}
            """);
    gate.decide(RUN);
    gate.decide(RUN.from("10.0.0.1"));
    assertThat(patience(gate, RUN)).isEqualTo(new Patience(70_000, Duration.ofSeconds(20)));
    assertThat(patience(gate, RUN.from("10.0.0.1")))
        .isEqualTo(new Patience(70_000, Duration.ofMinutes(1)));
    Gate usual = gate("");
    usual.decide(RUN);
    assertThat(patience(usual, RUN)).isEqualTo(Patience.standard());
  }

  private PenstockConfig config(String parts) throws IOException {
    Path file = directory.resolve("policy.yaml");
    Files.writeString(
        file,
        "policies: {runs: {runs: 1/minute}}\nrules: [{pattern: /runs, policy: runs}]\n"
            + parts
            + "...\n");
    return PenstockConfig.load(file, PolicyFiles.ENVIRONMENT);
  }

  private Gate gate(String parts) throws IOException {
    return config(parts).gate();
  }

  private static Identity charged(Gate gate, RequestView request) {
    return gate.decide(request).identity().orElseThrow();
  }

  private static String plan(Gate gate, RequestView request) {
    return charged(gate, request).plan().orElse("");
  }

  private static String plan(PenstockConfig config, Identity identity) {
    return config.planned(identity).plan().orElse("");
  }

  private static Patience patience(Gate gate, RequestView request) {
    return ((Verdict.Reject) gate.decide(request)).patience();
  }

  private static Identity owner(String name) {
    return Identity.named("api-key-owner", name);
  }

  private static Identity user(String issuer, String name) {
    return Identity.user(Optional.of(issuer), Optional.empty(), name);
  }

  private static Identity address() {
    return Identity.address(FakeRequest.PEER);
  }

  private static String token(String user) {
    return JWT.create()
        .withSubject(user)
        .withExpiresAt(Instant.parse("9999-01-01T00:00:00Z"))
        .sign(Algorithm.HMAC256(PolicyFiles.ENVIRONMENT.get("JWT_SECRET")));
  }

  /** A request of somebody whom the server knows. */
  private record KnownUser(FakeRequest request, Principal user) implements RequestView {

    @Override
    public String method() {
      return request.method();
    }

    @Override
    public String target() {
      return request.target();
    }

    @Override
    public List<String> headerLines(String name) {
      return request.headerLines(name);
    }

    @Override
    public String peer() {
      return request.peer();
    }

    @Override
    public Optional<Principal> principal() {
      return Optional.of(user);
    }
  }
}
