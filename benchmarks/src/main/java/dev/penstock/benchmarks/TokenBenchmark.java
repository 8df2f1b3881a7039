package dev.penstock.benchmarks;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.penstock.Identity;
import dev.penstock.IdentityResolver;
import dev.penstock.Limit;
import dev.penstock.LimitPolicy;
import dev.penstock.http.ClientAddress;
import dev.penstock.http.HttpRateLimiter;
import dev.penstock.http.RequestView;
import dev.penstock.http.Verdict;
import dev.penstock.jwt.JwtIdentityResolver;
import dev.penstock.jwt.JwtIdentityResolverBuilder;
import dev.penstock.memory.InMemoryRateLimiter;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What an ES256 token costs: verified, remembered, in the whole pipeline, and forged by a sender
 * who is stopped.
 *
 * <pre>
 * mvn -q -Pbenchmark -pl benchmarks -am package -DskipTests "-Djmh.arguments=TokenBenchmark -prof gc"
 * </pre>
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
public class TokenBenchmark {

  private static final long YEAR = 366L * 24 * 3600;

  private final KeyPair keys = keys();
  private final Instant start = Instant.now();
  private final Request signed = new Request("Bearer " + token(keys));
  private final Request forged = new Request("Bearer " + token(keys()));
  private final IdentityResolver<RequestView> tokens = resolver(Instant::now);
  private final IdentityResolver<RequestView> forgetful = resolver(this::oneMinuteLater);
  private final HttpRateLimiter gate =
      HttpRateLimiter.builder(InMemoryRateLimiter.create())
          .identity(tokens)
          .rule(
              "POST /agents/*/runs",
              LimitPolicy.perIdentity("agent-runs", Limit.perSecond(1_000_000_000)))
          .build();
  private long minutes;

  /** Stops the sender of the forged token, at whose address the user is known. */
  @Setup
  public void stopSender() {
    tokens.resolve(signed);
    for (int i = 0; i < 100; i++) {
      tokens.resolve(forged);
    }
  }

  /** A signature that is checked, as no minute is the last one. */
  @Benchmark
  public Optional<Identity> verified() {
    return forgetful.resolve(signed);
  }

  /** A token that was verified within the minute. */
  @Benchmark
  public Optional<Identity> remembered() {
    return tokens.resolve(signed);
  }

  /** The whole way of a request with such a token. */
  @Benchmark
  public Verdict rememberedInPipeline() {
    return gate.decide(signed);
  }

  /** A token that nobody signed, but for one every two seconds unchecked. */
  @Benchmark
  public Optional<Identity> forgedAndStopped() {
    return tokens.resolve(forged);
  }

  private Instant oneMinuteLater() {
    return start.plusSeconds(60 * (minutes++ % 10_000));
  }

  private IdentityResolver<RequestView> resolver(InstantSource clock) {
    String pem =
        "-----BEGIN PUBLIC KEY-----\n"
            + Base64.getEncoder().encodeToString(keys.getPublic().getEncoded())
            + "\n-----END PUBLIC KEY-----\n";
    JwtIdentityResolverBuilder builder = JwtIdentityResolver.builder().publicKey(pem);
    return builder.clock(clock).build().orElse(ClientAddress.ofPeer());
  }

  private String token(KeyPair signer) {
    long expiry = start.getEpochSecond() + YEAR;
    String input =
        base64Url("{\"alg\":\"ES256\",\"typ\":\"JWT\"}".getBytes(US_ASCII))
            + "."
            + base64Url(
                ("{\"sub\":\"u1\",\"workspace_id\":\"acme\",\"exp\":" + expiry + "}")
                    .getBytes(US_ASCII));
    try {
      Signature signature = Signature.getInstance("SHA256withECDSAinP1363Format");
      signature.initSign(signer.getPrivate());
      signature.update(input.getBytes(US_ASCII));
      return input + "." + base64Url(signature.sign());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static KeyPair keys() {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec("secp256r1"));
      return generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String base64Url(byte[] bytes) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  private record Request(String authorization) implements RequestView {

    @Override
    public String method() {
      return "POST";
    }

    @Override
    public String target() {
      return "/agents/a1/runs";
    }

    @Override
    public List<String> headerLines(String name) {
      return name.equals("Authorization") ? List.of(authorization) : List.of();
    }

    @Override
    public String peer() {
      return "192.0.2.1";
    }
  }
}
