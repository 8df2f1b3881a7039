package dev.penstock.http;

import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The part of a rejection that a service may choose: all other fields, {@code Retry-After} first of
 * all, are added to it whatever it is.
 *
 * @param status the status code, from 400 to 599
 * @param contentType the media type of the content (RFC 9110 section 8.3.1), such as {@code
 *     text/plain;charset=utf-8}; empty where there is none
 * @param body the content, to be sent in UTF-8; empty where the answer has none
 * @param fields further fields of the answer, none of which is one of those that are added, or is
 *     the server's to write
 */
public record Rejection(int status, String contentType, String body, List<HeaderField> fields) {

  private static final String TOKEN = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";
  private static final Pattern NAME = Pattern.compile(TOKEN);
  private static final Pattern VALUE = Pattern.compile("|[!-~]([ !-~]*[!-~])?");
  private static final Pattern MEDIA_TYPE =
      Pattern.compile(
          TOKEN + "/" + TOKEN + "( *; *" + TOKEN + "=(" + TOKEN + "|\"[ !#-\\[\\]-~]*\"))*");

  private static final String OURS = "x-ratelimit-";
  private static final Set<String> TAKEN =
      Set.of(
          "access-control-allow-origin",
          "cache-control",
          "connection",
          "content-length",
          "content-type",
          "ratelimit",
          "ratelimit-policy",
          "retry-after",
          "retry-after-ms",
          "transfer-encoding",
          "x-should-retry");

  /**
   * Checks the parts.
   *
   * @param status from 400 to 599
   * @param contentType a media type, or empty
   * @param body the content
   * @param fields further fields, each a token and printable ASCII
   * @throws IllegalArgumentException if the status, the type or a field is none, or is taken
   */
  public Rejection {
    Objects.requireNonNull(contentType, "contentType");
    Objects.requireNonNull(body, "body");
    fields = List.copyOf(Objects.requireNonNull(fields, "fields"));
    if (status < 400 || status > 599) {
      throw new IllegalArgumentException("status must be from 400 to 599: " + status);
    }
    if (!contentType.isEmpty() && !MEDIA_TYPE.matcher(contentType).matches()) {
      throw new IllegalArgumentException(
          "contentType must be type/subtype, or empty: \"" + contentType + "\"");
    }
    fields.forEach(Rejection::check);
  }

  /**
   * A rejection without further fields.
   *
   * @param status from 400 to 599
   * @param contentType a media type, or empty
   * @param body the content
   * @throws IllegalArgumentException if the status or the type is none
   */
  public Rejection(int status, String contentType, String body) {
    this(status, contentType, body, List.of());
  }

  private static void check(HeaderField field) {
    if (!NAME.matcher(field.name()).matches() || !VALUE.matcher(field.value()).matches()) {
      throw new IllegalArgumentException(
          "fields must each be a token and printable ASCII: \""
              + field.name()
              + ": "
              + field.value()
              + "\"");
    }
    String name = field.name().toLowerCase(Locale.ROOT);
    if (TAKEN.contains(name) || name.startsWith(OURS)) {
      throw new IllegalArgumentException(
          "fields must name none that is sent anyway: " + field.name());
    }
  }
}
