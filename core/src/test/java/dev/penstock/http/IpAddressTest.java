package dev.penstock.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class IpAddressTest {

  @ParameterizedTest
  @ValueSource(strings = {"0.0.0.0", "192.0.2.1", "10.20.30.40", "255.255.255.255"})
  void parse_ipv4_printsTheSame(String text) {
    IpAddress address = parse(text);

    assertThat(address).hasToString(text);
    assertThat(address.isIpv4()).isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    // RFC 5952 section 2: the many spellings.
    "2001:db8:0:0:1:0:0:1, 2001:db8::1:0:0:1",
    "2001:0db8:0:0:1:0:0:1, 2001:db8::1:0:0:1",
    "2001:db8::1:0:0:1, 2001:db8::1:0:0:1",
    "2001:db8::0:1:0:0:1, 2001:db8::1:0:0:1",
    "2001:0db8::1:0:0:1, 2001:db8::1:0:0:1",
    "2001:db8:0:0:1::1, 2001:db8::1:0:0:1",
    "2001:db8:0000:0:1::1, 2001:db8::1:0:0:1",
    "2001:DB8:0:0:1::1, 2001:db8::1:0:0:1",
    "2001:db8:aaaa:bbbb:cccc:dddd:eeee:0001, 2001:db8:aaaa:bbbb:cccc:dddd:eeee:1",
    "2001:db8:aaaa:bbbb:cccc:dddd::1, 2001:db8:aaaa:bbbb:cccc:dddd:0:1",
    "2001:db8:0:0:0::1, 2001:db8::1",
    "2001:db8:aaaa:bbbb:cccc:dddd:eeee:AaAa, 2001:db8:aaaa:bbbb:cccc:dddd:eeee:aaaa",
    // RFC 5952 section 4: no leading zeros, the first longest run, never one zero, lower case.
    "2001:0db8::0001, 2001:db8::1",
    "2001:db8:0:0:0:0:2:1, 2001:db8::2:1",
    "2001:db8::1:1:1:1:1, 2001:db8:0:1:1:1:1:1",
    "2001:0:0:1:0:0:0:1, 2001:0:0:1::1",
    "2001:DB8::ABCD, 2001:db8::abcd",
    // Runs at the ends, and dotted ends.
    "0:0:0:0:0:0:0:0, ::",
    "::, ::",
    "0:0:0:0:0:0:0:1, ::1",
    "1:0:0:0:0:0:0:0, 1::",
    "1:2:3:4:5:6:7:0, 1:2:3:4:5:6:7:0",
    "0:2:3:4:5:6:7:8, 0:2:3:4:5:6:7:8",
    "1:2:3:4:5:6:7::, 1:2:3:4:5:6:7:0",
    "::2:3:4:5:6:7:8, 0:2:3:4:5:6:7:8",
    "::203.0.113.9, ::cb00:7109",
    "64:ff9b::192.0.2.33, 64:ff9b::c000:221",
    "1:2:3:4:5:6:1.2.3.4, 1:2:3:4:5:6:102:304",
    "fe80::0.0.0.1, fe80::1",
    // Not quite IPv4-mapped.
    "2001:db8::ffff:192.0.2.1, 2001:db8::ffff:c000:201",
    "::1:ffff:192.0.2.1, ::1:ffff:c000:201",
    "::fffe:192.0.2.1, ::fffe:c000:201",
  })
  void parse_ipv6_printsTheCanonicalText(String text, String canonical) {
    IpAddress address = parse(text);

    assertThat(address).hasToString(canonical).isEqualTo(parse(canonical));
    assertThat(address.isIpv4()).isFalse();
  }

  /** RFC 4291 section 2.5.5.2; RFC 5952 section 5. */
  @ParameterizedTest
  @ValueSource(
      strings = {"::ffff:192.0.2.1", "::FFFF:c000:201", "0:0:0:0:0:ffff:192.0.2.1", "192.0.2.1"})
  void parse_ipv4Mapped_isTheIpv4Address(String text) {
    assertThat(parse(text)).hasToString("192.0.2.1").isEqualTo(parse("192.0.2.1"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "1",
        "localhost",
        "evil.example.com",
        "unknown",
        "_hidden",
        "not-an-ip",
        "1.2.3",
        "1.2.3.4.5",
        "1.2.3.",
        ".1.2.3",
        "1..2.3",
        "1.2.3.4.",
        "256.1.1.1",
        "1.1.1.256",
        "010.1.2.3",
        "1.2.3.00",
        "1.2.3.04",
        "1.2.3.0004",
        "0x7f.0.0.1",
        "1.2.3.+4",
        "1.2.3.-4",
        "1.2.3.4 ",
        " 1.2.3.4",
        "1.2.3.4/8",
        "1.2.3.4:80",
        "1.2.3.a",
        "2130706433",
        "\u0661.2.3.4",
        "\uff11.2.3.4"
      })
  void parse_malformedIpv4_isEmpty(String text) {
    assertThat(IpAddress.parse(text)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        ":",
        ":::",
        "::::",
        "1::2::3",
        "1:::2",
        ":1",
        "1:",
        ":1::",
        "::1:",
        "1:2:3:4:5:6:7",
        "1:2:3:4:5:6:7:8:9",
        "1:2:3:4::5:6:7:8",
        "::1:2:3:4:5:6:7:8",
        "1:2:3:4:5:6:7:8::",
        "12345::",
        "::00001",
        "g::",
        "-1::",
        "+1::",
        "0x1::",
        ":: ",
        " ::",
        "::1%eth0",
        "[::1]",
        "::/0",
        "::1.2.3",
        "::1.2.3.256",
        "::01.2.3.4",
        "1.2.3.4::",
        "::1.2.3.4:5",
        "1:2:3:4:5:6:7:1.2.3.4",
        "1:2:3:4:5:1.2.3.4",
        "1:2:3:4:5:6:7::1.2.3.4",
        "::ffff:1.2.3.4.5",
        "::\uff11",
        "::\u0661"
      })
  void parse_malformedIpv6_isEmpty(String text) {
    assertThat(IpAddress.parse(text)).isEmpty();
  }

  /** The JDK's literals are another implementation, which prints every group. */
  @Test
  void parse_randomAddresses_agreesWithTheJdk() throws UnknownHostException {
    Random random = new Random(5952);
    for (int i = 0; i < 20_000; i++) {
      byte[] bytes = randomAddress(random);
      InetAddress expected = InetAddress.getByAddress(bytes);

      IpAddress address = parse(expected.getHostAddress());

      assertThat(InetAddress.getByName(address.toString())).isEqualTo(expected);
      assertThat(IpAddress.parse(address.toString())).contains(address);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "2001:db8:1:2:3:4:5:6, 0, ::",
    "ffff:ffff::, 1, 8000::",
    "2001:db8:1:2:3:4:5:6, 48, 2001:db8:1::",
    "2001:db8:1:ffff:3:4:5:6, 56, 2001:db8:1:ff00::",
    "2001:db8:1:ffff:3:4:5:6, 63, 2001:db8:1:fffe::",
    "2001:db8:1:2:ffff:4:5:6, 64, 2001:db8:1:2::",
    "2001:db8:1:2:ffff:4:5:6, 65, 2001:db8:1:2:8000::",
    "2001:db8:1:2:3:4:5:ffff, 127, 2001:db8:1:2:3:4:5:fffe",
    "2001:db8:1:2:3:4:5:ffff, 128, 2001:db8:1:2:3:4:5:ffff",
  })
  void truncatedTo_bits_clearsTheRest(String text, int bits, String expected) {
    assertThat(parse(text).truncatedTo(bits)).hasToString(expected);
  }

  /** RFC 6052 section 2.1: the well-known prefix is 96 bits long. */
  @ParameterizedTest
  @CsvSource({
    "64:ff9b::192.0.2.33, 192.0.2.33",
    "64:ff9b::, 0.0.0.0",
    "64:ff9b::ffff:ffff, 255.255.255.255",
    "64:ff9b::1:c000:221, 64:ff9b::1:c000:221",
    "64:ff9b:1::c000:221, 64:ff9b:1::c000:221",
    "64:ff9a::c000:221, 64:ff9a::c000:221",
    "192.0.2.33, 192.0.2.33",
    "::c000:221, ::c000:221",
  })
  void unwrapped_nat64_isTheIpv4Address(String text, String expected) {
    assertThat(parse(text).unwrapped()).hasToString(expected);
  }

  /** RFC 3056 section 2: any subnet and any host behind 2002 and the 32 bits. */
  @ParameterizedTest
  @CsvSource({
    "2002:c000:221::, 192.0.2.33",
    "2002:c000:221:ffff:1:2:3:4, 192.0.2.33",
    "2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff, 255.255.255.255",
    "2002::1, 0.0.0.0",
    "2003:c000:221::1, 2003:c000:221::1",
    "2001:c000:221::1, 2001:c000:221::1",
    "c000:221:2002::, c000:221:2002::",
  })
  void unwrapped_sixToFour_isTheIpv4Address(String text, String expected) {
    assertThat(parse(text).unwrapped()).hasToString(expected);
  }

  /** RFC 4380 section 4: behind the server's address, flags and the port. */
  @ParameterizedTest
  @CsvSource({
    "2001:0:4136:e378:8000:63bf:3fff:fdd2, 192.0.2.45",
    "2001:0:102:304::3fff:fdde, 192.0.2.33",
    "2001::, 255.255.255.255",
    "2001::ffff:ffff, 0.0.0.0",
    "2001:0:ffff:ffff:ffff:ffff:ffff:ffff, 0.0.0.0",
    "2001:1::3fff:fdde, 2001:1::3fff:fdde",
    "2001:db8::3fff:fdde, 2001:db8::3fff:fdde",
    "3001::3fff:fdde, 3001::3fff:fdde",
  })
  void unwrapped_teredo_isTheIpv4AddressOfTheClient(String text, String expected) {
    assertThat(parse(text).unwrapped()).hasToString(expected);
  }

  private static IpAddress parse(String text) {
    return IpAddress.parse(text).orElseThrow();
  }

  /** Half of the groups are zero, so that most addresses have a gap and many have two. */
  private static byte[] randomAddress(Random random) {
    byte[] bytes = new byte[16];
    random.nextBytes(bytes);
    for (int group = 0; group < 8; group++) {
      if (random.nextBoolean()) {
        bytes[2 * group] = 0;
        bytes[2 * group + 1] = 0;
      }
    }
    return bytes;
  }
}
