package dev.penstock.http;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ForwardingHeaderTest {

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '\'',
      value = {
        "192.0.2.1, 192.0.2.1",
        "192.0.2.1:1, 192.0.2.1",
        "192.0.2.1:99999, 192.0.2.1",
        "::ffff:192.0.2.1, 192.0.2.1",
        "2001:db8::1, 2001:db8::1",
        "[2001:db8::1], 2001:db8::1",
        "[2001:db8::1]:4711, 2001:db8::1",
        "[::ffff:192.0.2.1]:80, 192.0.2.1",
        "\"192.0.2.1\", 192.0.2.1",
        "\"192.0.2.1:80\", 192.0.2.1",
        "\"2001:db8::1\", 2001:db8::1",
        "\"[2001:db8::1]:80\", 2001:db8::1",
      })
  void xForwardedFor_address_isRead(String element, String address) {
    assertThat(ForwardingHeader.X_FORWARDED_FOR.address(element).orElseThrow())
        .hasToString(address);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "unknown",
        "UNKNOWN",
        "_hidden",
        "not-an-ip",
        "evil.example.com",
        "localhost:80",
        "1",
        "192.0.2.1:",
        "192.0.2.1:123456",
        "192.0.2.1:+80",
        "192.0.2.1:80:80",
        "192.0.2.1:http",
        "192.0.2.1 80",
        "[192.0.2.1]",
        "[192.0.2.1]:80",
        "[2001:db8::1",
        "[2001:db8::1]80",
        "[2001:db8::1]:",
        "[2001:db8::1]:123456",
        "[[2001:db8::1]]",
        "2001:db8::1]",
        "[]",
        "[]:80",
        "[]:::1",
        "[",
        "fe80::1%eth0",
        "[fe80::1%eth0]",
        "\"192.0.2.1",
        "192.0.2.1\"",
        "\"192.0.2.1\"80",
        "\" 192.0.2.1\"",
        "\"\"",
        "\"",
        "for=192.0.2.1",
        "10.0.0.1/8",
      })
  void xForwardedFor_anythingElse_isEmpty(String element) {
    assertThat(ForwardingHeader.X_FORWARDED_FOR.address(element)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '\'',
      value = {
        "for=192.0.2.1, 192.0.2.1",
        "for=\"192.0.2.1\", 192.0.2.1",
        "for=\"192.0.2.1:80\", 192.0.2.1",
        "for=\"192.0.2.1:_port-1.A\", 192.0.2.1",
        "for=\"[2001:db8::1]\", 2001:db8::1",
        "for=\"[2001:db8::1]:80\", 2001:db8::1",
        "for=\"[2001:db8::1]:_p\", 2001:db8::1",
        "for=\"[::ffff:192.0.2.1]\", 192.0.2.1",
        "proto=https;For=192.0.2.1;by=unknown, 192.0.2.1",
      })
  void forwarded_address_isRead(String element, String address) {
    assertThat(ForwardingHeader.FORWARDED.address(element).orElseThrow()).hasToString(address);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "for=unknown",
        "for=Unknown",
        "for=\"unknown\"",
        "for=\"unknown:80\"",
        "for=_hidden",
        "for=\"_hidden:80\"",
        "for=evil.example.com",
        "for=192.0.2.1:80",
        "for=[2001:db8::1]",
        "for=2001:db8::1",
        "for=\"2001:db8::1\"",
        "for=\"[192.0.2.1]\"",
        "for=\"192.0.2.1:\"",
        "for=\"192.0.2.1:_\"",
        "for=\"192.0.2.1:_p/\"",
        "for=\"192.0.2.1:123456\"",
        "for=\"[fe80::1%25eth0]\"",
        "for=\"\"",
        "proto=https",
        "192.0.2.1",
      })
  void forwarded_anythingElse_isEmpty(String element) {
    assertThat(ForwardingHeader.FORWARDED.address(element)).isEmpty();
  }
}
