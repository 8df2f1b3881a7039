package dev.penstock.jdkhttp.demo;

import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a client asks of a run, in the query or in a form, urlencoded or multipart.
 *
 * @param isStreamed whether the answer is server-sent events
 * @param seconds how long it takes
 * @param tokens how many tokens of the model it uses
 */
record RunRequest(boolean isStreamed, int seconds, int tokens) {

  /** Less than what {@code maxRspTime} leaves to a response. */
  static final int MAX_SECONDS = 20;

  static final int MAX_TOKENS = 1_000_000;

  private static final int USUAL_TOKENS = 100;
  private static final int MAX_FORM_BYTES = 64 * 1024;
  private static final Pattern NUMBER = Pattern.compile("[0-9]{1,9}");

  private static final Parameter STREAM = new Parameter("stream");
  private static final Parameter SECONDS = new Parameter("seconds");
  private static final Parameter TOKENS = new Parameter("tokens");

  /**
   * Reads the query and the first bytes of a form.
   *
   * @throws IllegalArgumentException if a number is none, or out of range
   */
  static RunRequest of(HttpExchange exchange) throws IOException {
    String query = exchange.getRequestURI().getRawQuery();
    byte[] form = exchange.getRequestBody().readNBytes(MAX_FORM_BYTES);
    return of(query == null ? "" : query, new String(form, StandardCharsets.UTF_8));
  }

  static RunRequest of(String query, String form) {
    return new RunRequest(
        STREAM.value(query, form).filter("true"::equals).isPresent(),
        SECONDS.number(query, form, 0, MAX_SECONDS),
        TOKENS.number(query, form, USUAL_TOKENS, MAX_TOKENS));
  }

  /**
   * One of them.
   *
   * @param field in a query, or an urlencoded form
   * @param part of a multipart form
   */
  private record Parameter(String name, Pattern field, Pattern part) {

    /** Possessive and bounded: a client's text must neither recurse deeply nor be read for ever. */
    Parameter(String name) {
      this(
          name,
          Pattern.compile("(?:^|&)" + name + "=([^&\r\n]*)", Pattern.MULTILINE),
          Pattern.compile(
              "name=\"" + name + "\"(?:\r?\n[^\r\n]++){0,8}+\r?\n\r?\n([^\r\n]{0,20}+)\r?\n"));
    }

    Optional<String> value(String query, String form) {
      return found(field, query).or(() -> found(field, form)).or(() -> found(part, form));
    }

    private static Optional<String> found(Pattern pattern, String text) {
      Matcher matcher = pattern.matcher(text);
      return matcher.find() ? Optional.of(matcher.group(1)) : Optional.empty();
    }

    int number(String query, String form, int absent, int most) {
      Optional<String> text = value(query, form);
      if (text.isEmpty()) {
        return absent;
      }
      if (NUMBER.matcher(text.get()).matches()) {
        int number = Integer.parseInt(text.get());
        if (number <= most) {
          return number;
        }
      }
      throw new IllegalArgumentException(name + " must be a whole number from 0 to " + most);
    }
  }
}
