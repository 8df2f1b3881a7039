package dev.penstock.http;

import dev.penstock.Decision;
import dev.penstock.Identity;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BiFunction;

/**
 * What the responses of a gate look like: the fields of permitted requests, and the whole of
 * rejections.
 *
 * <p>{@link #standard} is what the standards ask for: {@code RateLimit} fields of draft 10, {@code
 * Retry-After}, and problem details (RFC 9457). A builder changes parts of it; {@code Retry-After},
 * {@code Cache-Control: no-store} and, across origins, {@code Access-Control-Expose-Headers} stay
 * whatever is chosen.
 *
 * <p>Immutable and thread-safe.
 *
 * <pre>{@code
 * ResponseStyle style =
 *     ResponseStyle.builder()
 *         .fieldSyntax(FieldSyntax.LEGACY_EPOCH_SECONDS)
 *         .allowOrigins("https://app.example")
 *         .build();
 * }</pre>
 */
public final class ResponseStyle {

  private static final int TOO_MANY_REQUESTS = 429;
  private static final int SERVICE_UNAVAILABLE = 503;
  private static final ResponseStyle STANDARD = builder().build();

  private final FieldSyntax fieldSyntax;
  private final String problemType;
  private final boolean slowApiError;
  private final CrossOrigin crossOrigin;
  private final CustomRejection rejection;
  private final InstantSource clock;

  private ResponseStyle(Builder builder) {
    this.fieldSyntax = builder.fieldSyntax;
    this.problemType = builder.problemType;
    this.slowApiError = builder.slowApiError;
    this.crossOrigin = builder.crossOrigin;
    this.rejection = builder.rejection;
    this.clock = builder.clock;
  }

  /** {@return what the standards ask for} */
  public static ResponseStyle standard() {
    return STANDARD;
  }

  /** {@return a builder that starts from the standard} */
  public static Builder builder() {
    return new Builder();
  }

  Verdict.Proceed proceed(Identity identity, Decision decision) {
    return new Verdict.Proceed(fieldSyntax.fields(decision, clock), Optional.of(identity));
  }

  Verdict.Reject reject(RequestView request, Identity identity, Decision decision) {
    Rejection chosen = chosen(decision);
    List<HeaderField> sent = new ArrayList<>();
    RateLimitFields.retryAfter(decision).ifPresent(sent::add);
    sent.addAll(fieldSyntax.fields(decision, clock));
    List<HeaderField> fields = new ArrayList<>();
    if (!chosen.contentType().isEmpty()) {
      fields.add(new HeaderField("Content-Type", chosen.contentType()));
    }
    fields.add(new HeaderField("Cache-Control", "no-store"));
    fields.addAll(sent);
    fields.addAll(crossOrigin.fields(request, sent));
    String body = request.method().equals("HEAD") ? "" : chosen.body();
    return new Verdict.Reject(chosen.status(), fields, body, Optional.of(identity));
  }

  /** A problem that is left as it is says the status that is sent (RFC 9457 section 3.1.2). */
  private Rejection chosen(Decision decision) {
    boolean storeAway = decision.source() == Decision.Source.CLOSED;
    int status = storeAway ? SERVICE_UNAVAILABLE : TOO_MANY_REQUESTS;
    Rejection standard = new Rejection(status, ProblemBody.CONTENT_TYPE, problem(status, decision));
    Rejection chosen = rejection.apply(decision, standard);
    return chosen.status() != status && chosen.body().equals(standard.body())
        ? new Rejection(chosen.status(), chosen.contentType(), problem(chosen.status(), decision))
        : chosen;
  }

  private String problem(int status, Decision decision) {
    return decision.source() == Decision.Source.CLOSED
        ? ProblemBody.reducedCapacity(status, decision)
        : ProblemBody.quotaExceeded(problemType, status, decision, slowApiError);
  }

  /** Collects the parts of a style. Not thread-safe. */
  public static final class Builder {

    private FieldSyntax fieldSyntax = FieldSyntax.DRAFT_10;
    private String problemType = ProblemType.QUOTA_EXCEEDED.uri();
    private boolean slowApiError;
    private CrossOrigin crossOrigin = CrossOrigin.UNSAID;
    private CustomRejection rejection = CustomRejection.STANDARD;
    private InstantSource clock = InstantSource.system();

    private Builder() {}

    /**
     * Sets how responses say what is left.
     *
     * @param syntax in place of {@link FieldSyntax#DRAFT_10}
     * @return this builder
     */
    public Builder fieldSyntax(FieldSyntax syntax) {
      fieldSyntax = Objects.requireNonNull(syntax, "syntax");
      return this;
    }

    /**
     * Sets the problem type of 429 (RFC 9457 section 3.1.1), in place of the registered {@code
     * https://iana.org/assignments/http-problem-types#quota-exceeded}. The registered {@code
     * #abnormal-usage-detected} brings its own title.
     *
     * @param type an absolute URI, or a reference
     * @return this builder
     * @throws IllegalArgumentException if it is no URI
     */
    public Builder problemType(String type) {
      Objects.requireNonNull(type, "type");
      try {
        problemType = new URI(type).toString();
      } catch (URISyntaxException e) {
        throw new IllegalArgumentException("type must be a URI: \"" + type + "\"", e);
      }
      return this;
    }

    /**
     * Adds to the problem of 429 the member by which clients of SlowAPI know a rejection: {@code
     * "error":"Rate limit exceeded: 10 per 1 minute"}.
     *
     * @return this builder
     */
    public Builder slowApiError() {
      slowApiError = true;
      return this;
    }

    /**
     * Lets pages of these origins read rejections: {@code Access-Control-Allow-Origin}, in place of
     * one that is there, and {@code Vary: Origin}. Permitted requests are answered by the service,
     * and so by its own rule of origins; a second answer to that question would make browsers
     * refuse both.
     *
     * @param origins each as a browser sends it, such as {@code https://app.example} or {@code
     *     http://localhost:3000}; compared exactly
     * @return this builder
     * @throws IllegalArgumentException if there is none, or one of them is no origin
     */
    public Builder allowOrigins(String... origins) {
      crossOrigin = CrossOrigin.of(List.of(origins));
      return this;
    }

    /**
     * Lets pages of every origin read rejections, as {@link #allowOrigins} does for some.
     *
     * @return this builder
     */
    public Builder allowAnyOrigin() {
      crossOrigin = CrossOrigin.ANY;
      return this;
    }

    /**
     * Sets another status, content type or content of rejections. Where the function fails or
     * returns null, the standard rejection is sent, and the first such failure is logged.
     *
     * @param function is given the decision and the standard rejection, and returns what to send;
     *     called on the threads of requests, several at once
     * @return this builder
     */
    public Builder rejection(BiFunction<Decision, Rejection, Rejection> function) {
      rejection = new CustomRejection(Objects.requireNonNull(function, "function"));
      return this;
    }

    Builder clock(InstantSource source) {
      clock = source;
      return this;
    }

    /** {@return the style} */
    public ResponseStyle build() {
      return new ResponseStyle(this);
    }
  }
}
