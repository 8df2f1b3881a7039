package dev.penstock.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CidrBlockTest {

  @ParameterizedTest
  @CsvSource({
    "10.0.0.0/8, 10.0.0.0, true",
    "10.0.0.0/8, 10.255.255.255, true",
    "10.0.0.0/8, 9.255.255.255, false",
    "10.0.0.0/8, 11.0.0.0, false",
    "10.0.0.0/8, ::ffff:10.1.2.3, true",
    "10.0.0.0/8, ::10.1.2.3, false",
    "10.0.0.0/8, 64:ff9b::10.1.2.3, false",
    "192.0.2.128/25, 192.0.2.128, true",
    "192.0.2.128/25, 192.0.2.127, false",
    "192.0.2.2/31, 192.0.2.3, true",
    "192.0.2.2/31, 192.0.2.4, false",
    "192.0.2.1/32, 192.0.2.1, true",
    "192.0.2.1/32, 192.0.2.0, false",
    "0.0.0.0/0, 255.255.255.255, true",
    "0.0.0.0/0, ::1, false",
    "::/0, ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff, true",
    "::/0, 192.0.2.1, false",
    "::/64, 0.0.0.1, false",
    "2001:db8::/32, 2001:db8::, true",
    "2001:db8::/32, 2001:db8:ffff:ffff:ffff:ffff:ffff:ffff, true",
    "2001:db8::/32, 2001:db7:ffff:ffff:ffff:ffff:ffff:ffff, false",
    "2001:db8::/32, 2001:db9::, false",
    "2001:db8:0:2::/63, 2001:db8:0:3::1, true",
    "2001:db8:0:2::/63, 2001:db8:0:4::1, false",
    "2001:db8::/64, 2001:db8::ffff:ffff:ffff:ffff, true",
    "2001:db8::/65, 2001:db8::8000:0:0:0, false",
    "::1/128, ::1, true",
    "::1/128, ::2, false",
  })
  void contains_boundary_isDecidedByThePrefix(String cidr, String address, boolean expected) {
    IpAddress asked = IpAddress.parse(address).orElseThrow();

    assertThat(CidrBlock.parse(cidr).contains(asked)).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource({
    "10.0.0.0/8, 10.0.0.0/8",
    "192.0.2.1, 192.0.2.1/32",
    "2001:DB8:0:0::/32, 2001:db8::/32",
    "::1, ::1/128",
    "::ffff:10.0.0.0/104, 10.0.0.0/8",
    "::ffff:0:0/96, 0.0.0.0/0",
    "::ffff:192.0.2.1, 192.0.2.1/32",
    "::fffe:0:0/95, ::fffe:0:0/95",
  })
  void parse_block_printsTheCanonicalText(String cidr, String canonical) {
    assertThat(CidrBlock.parse(cidr)).hasToString(canonical).isEqualTo(CidrBlock.parse(canonical));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "/",
        "/8",
        "10.0.0/8",
        "010.0.0.0/8",
        "10.0.0.0.0/8",
        "proxy.example.com",
        "localhost/8",
        "fe80::1%eth0/128",
        "[::1]/128",
        " 10.0.0.0/8"
      })
  void parse_noLiteral_isRefused(String cidr) {
    assertThatThrownBy(() -> CidrBlock.parse(cidr))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("cidr must be an address block such as 10.0.0.0/8 or 2001:db8::/32: " + cidr);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "10.0.0.0/",
        "10.0.0.0/33",
        "10.0.0.0/-1",
        "10.0.0.0/+8",
        "10.0.0.0/08",
        "10.0.0.0/8/8",
        "10.0.0.0/8 ",
        "10.0.0.0/255.0.0.0",
        "10.0.0.0/99999999999",
        "10.0.0.0/\u0668"
      })
  void parse_ipv4PrefixLengthOutOfRange_isRefused(String cidr) {
    assertThatThrownBy(() -> CidrBlock.parse(cidr))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("cidr must have a prefix length from 0 to 32: " + cidr);
  }

  @ParameterizedTest
  @ValueSource(strings = {"2001:db8::/129", "2001:db8::/", "::ffff:10.0.0.0/129"})
  void parse_ipv6PrefixLengthOutOfRange_isRefused(String cidr) {
    assertThatThrownBy(() -> CidrBlock.parse(cidr))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("cidr must have a prefix length from 0 to 128: " + cidr);
  }

  @ParameterizedTest
  @CsvSource({
    "10.0.0.1/8, 10.0.0.0/8",
    "192.0.2.1/31, 192.0.2.0/31",
    "192.0.2.1/0, 0.0.0.0/0",
    "2001:db8::1/32, 2001:db8::/32",
    "2001:db8:0:3::/63, 2001:db8:0:2::/63",
    "::ffff:10.0.0.1/104, 10.0.0.0/8",
    "::ffff:0:0/95, ::fffe:0:0/95",
  })
  void parse_bitsBehindThePrefix_namesTheBlockMeant(String cidr, String meant) {
    assertThatThrownBy(() -> CidrBlock.parse(cidr))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "cidr must have no bit set behind its prefix, as " + meant + " has none: " + cidr);
  }

  @Test
  @SuppressWarnings("NullAway") // What the annotations forbid is refused at run time too.
  void parse_null_isRefused() {
    assertThatThrownBy(() -> CidrBlock.parse(null))
        .isInstanceOf(NullPointerException.class)
        .hasMessage("cidr");
  }
}
