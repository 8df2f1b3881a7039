package dev.penstock.jwt;

import dev.penstock.http.RequestView;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Where a request carries its tokens: all lines of the {@code Authorization} field (RFC 6750,
 * section 2.1), and where configured a cookie. Never the query.
 *
 * <p>Which of several an application reads, and how, is not known: the first line or the last, the
 * cookie that comes first or last, with its quotes or without, decoded or as it is. So a token
 * counts wherever one of them might see it: in a line behind the name of the scheme, and in one
 * behind the name of the cookie and an equals sign.
 *
 * @param cookie the name of the cookie to look at, or null for none
 * @param bareToken whether a token counts anywhere in {@code Authorization}, also without the
 *     scheme
 */
record TokenSource(@Nullable String cookie, boolean bareToken) {

  private static final String USUAL_START = "Bearer ";

  /**
   * {@return the token that comes first, or what stands in its place, where it stands there as it
   * does in nearly all requests; else null}
   */
  @Nullable String usual(RequestView request) {
    List<String> lines = request.headerLines("Authorization");
    if (lines.isEmpty()) {
      return cookie == null ? null : CookieTokens.usual(request.headerLines("Cookie"), cookie);
    }
    String first = lines.get(0);
    int start = USUAL_START.length();
    return first.regionMatches(true, 0, USUAL_START, 0, start) ? first.substring(start) : null;
  }

  /**
   * {@return everything that may be a token to the application}
   *
   * @param lengths of the signatures that the keys verify, in characters, ascending
   */
  PresentedTokens all(RequestView request, int[] lengths) {
    TokenScan scan = new TokenScan(lengths);
    TokenScan others = new TokenScan(lengths);
    boolean credentials = false;
    String otherScheme = null;
    for (String line : request.headerLines("Authorization")) {
      int scheme = TokenScan.findScheme(line);
      if (bareToken || scheme >= 0) {
        scan.line(line, bareToken ? 0 : scheme);
        credentials |= hasCredentials(line, scheme);
      } else {
        others.line(line, 0);
        if (otherScheme == null && (others.foundAny() || OtherScheme.isOfTokens(line))) {
          otherScheme = OtherScheme.of(line);
        }
      }
    }
    if (cookie != null) {
      for (String line : request.headerLines("Cookie")) {
        credentials |= CookieTokens.scan(line, cookie, scan);
      }
    }
    return new PresentedTokens(texts(scan, credentials), otherScheme);
  }

  private static Collection<String> texts(TokenScan scan, boolean credentials) {
    Collection<String> tokens = scan.tokens();
    if (!tokens.isEmpty()) {
      return tokens;
    }
    String unlike = scan.unlike();
    return unlike != null ? Set.of(unlike) : credentials ? Set.of("") : Set.of();
  }

  /** Returns whether something follows the scheme, or stands alone where that is a token. */
  private boolean hasCredentials(String line, int scheme) {
    return scheme >= 0
        ? !line.substring(scheme + TokenScan.SCHEME.length()).isBlank()
        : !line.isBlank() && line.strip().indexOf(' ') < 0;
  }
}
