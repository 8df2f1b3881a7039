package dev.penstock.http;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ForwardedElementTest {

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '\'',
      value = {
        // RFC 7239 section 4, the examples.
        "for=\"_gazonk\" | _gazonk",
        "For=\"[2001:db8:cafe::17]:4711\" | [2001:db8:cafe::17]:4711",
        "for=192.0.2.60;proto=http;by=203.0.113.43 | 192.0.2.60",
        "for=192.0.2.43 | 192.0.2.43",
        // Any order and case, missing parameters, extensions.
        "by=203.0.113.43;FOR=192.0.2.60;PROTO=http | 192.0.2.60",
        "for=192.0.2.60; | 192.0.2.60",
        "for=192.0.2.60; proto=http | 192.0.2.60",
        "for=192.0.2.60 ;proto=http | 192.0.2.60",
        "proto=http ; for=192.0.2.60; | 192.0.2.60",
        ";;for=192.0.2.60;;proto=http | 192.0.2.60",
        "for=192.0.2.60;x-extension=\"a\" | 192.0.2.60",
        // What quotes protect.
        "host=\"a,b;for=1.1.1.1\";for=192.0.2.60 | 192.0.2.60",
        "host=\"a\\\"b\";for=192.0.2.60 | 192.0.2.60",
        "host=\"a\\\\\";for=192.0.2.60 | 192.0.2.60",
        "host=\"\";for=192.0.2.60 | 192.0.2.60",
        "host=\"\u00e4\t\";for=192.0.2.60 | 192.0.2.60",
        "for=\"192.0.2\\.60\" | 192.0.2.60",
      },
      delimiter = '|')
  void node_wellFormed_isTheUnquotedValue(String element, String node) {
    assertThat(ForwardedElement.node(element)).contains(node);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        ";",
        "proto=http",
        "for",
        "for=",
        "=192.0.2.60",
        "for=;proto=http",
        "192.0.2.60",
        "forged=192.0.2.60",
        // A duplicate, even of a parameter that nobody asks for.
        "for=192.0.2.60;for=192.0.2.60",
        "for=192.0.2.60;FOR=1.1.1.1",
        "for=192.0.2.60;proto=http;Proto=https",
        // No space anywhere around "=" and ";".
        "for =192.0.2.60",
        "for= 192.0.2.60",
        // No token: what must be quoted.
        "for=192.0.2.60:4711",
        "for=[2001:db8::1]",
        "for=192.0.2.60;by=[2001:db8::1]",
        "for=192.0.2.60;x=\u00e4",
        "fo\u00f6=1;for=192.0.2.60",
        // Quotes that do not pair, or do not end the value.
        "for=\"192.0.2.60",
        "for=\"192.0.2.60\\\"",
        "for=192.0.2.60\"",
        "for=\"192.0.2.60\"x",
        "for=\"192.0.2.60\"\"\"",
        "for=192.0.2.60;host=\"a\"b\"",
        "\"for\"=192.0.2.60",
        "for=192.0.2.60;host=\"a",
        // Control characters, and what no header field can carry.
        "for=192.0.2.60;host=\"\u0000\"",
        "for=192.0.2.60;host=\"\\\u007f\"",
        "for=192.0.2.60;host=\"\u0100\"",
      })
  void node_missingOrMalformed_isEmpty(String element) {
    assertThat(ForwardedElement.node(element)).isEmpty();
  }
}
