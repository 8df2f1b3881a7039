package dev.penstock.http;

import dev.penstock.Decision;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import java.util.function.BiFunction;

/** Collects the parts of a {@link ResponseStyle}. Not thread-safe. */
public final class ResponseStyleBuilder {

  private FieldSyntax fieldSyntax = FieldSyntax.DRAFT_10;
  private String problemType = ProblemType.QUOTA_EXCEEDED.uri();
  private boolean slowApiError;
  private CrossOrigin crossOrigin = CrossOrigin.UNSAID;
  private CustomRejection rejection = CustomRejection.STANDARD;
  private InstantSource clock = InstantSource.system();

  ResponseStyleBuilder() {}

  /**
   * Sets how responses say what is left.
   *
   * @param syntax in place of {@link FieldSyntax#DRAFT_10}
   * @return this builder
   */
  public ResponseStyleBuilder fieldSyntax(FieldSyntax syntax) {
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
  public ResponseStyleBuilder problemType(String type) {
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
  public ResponseStyleBuilder slowApiError() {
    slowApiError = true;
    return this;
  }

  /**
   * Lets pages of these origins read rejections: {@code Access-Control-Allow-Origin}, in place of
   * one that is there, and {@code Vary: Origin}. Permitted requests are answered by the service,
   * and so by its own rule of origins; a second answer to that question would make browsers refuse
   * both.
   *
   * @param origins each as a browser sends it, such as {@code https://app.example} or {@code
   *     http://localhost:3000}; compared exactly
   * @return this builder
   * @throws IllegalArgumentException if there is none, or one of them is no origin
   */
  public ResponseStyleBuilder allowOrigins(String... origins) {
    crossOrigin = CrossOrigin.of(List.of(origins));
    return this;
  }

  /**
   * Lets pages of every origin read rejections, as {@link #allowOrigins} does for some.
   *
   * @return this builder
   */
  public ResponseStyleBuilder allowAnyOrigin() {
    crossOrigin = CrossOrigin.ANY;
    return this;
  }

  /**
   * Sets another status, content type or content of the rejections of denied requests. Where the
   * function throws anything or returns null, the standard rejection is sent, and at most 10 lines
   * a second of the system logger {@code dev.penstock.http.ResponseStyle} say so. It is not asked
   * where there is no decision: about a 401, or where a policy has failed.
   *
   * @param function is given the decision and the standard rejection, and returns what to send;
   *     called on the threads of requests, several at once
   * @return this builder
   */
  public ResponseStyleBuilder rejection(BiFunction<Decision, Rejection, Rejection> function) {
    rejection = new CustomRejection(Objects.requireNonNull(function, "function"));
    return this;
  }

  ResponseStyleBuilder clock(InstantSource source) {
    clock = source;
    return this;
  }

  /** {@return the style} */
  public ResponseStyle build() {
    return new ResponseStyle(fieldSyntax, problemType, slowApiError, crossOrigin, rejection, clock);
  }
}
