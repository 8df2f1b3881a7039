package dev.penstock.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.Identity;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * The rules of who a client is, one test for each, in the order of the standards that we follow.
 */
class ClientAddressStandardTest {

  private static final ClientAddress PROXIES =
      ClientAddress.trusting("10.0.0.0/8", "2001:db8:ffff::/48");
  private static final String PROXY = "10.0.0.1";

  @Test
  void rule1_noTrustedProxies_countsNoHeader() {
    assertThat(charged(ClientAddress.ofPeer(), "192.0.2.1", "203.0.113.9")).isEqualTo("192.0.2.1");
    assertThat(charged(ClientAddress.ofPeer(), PROXY, "203.0.113.9")).isEqualTo(PROXY);
  }

  @Test
  void rule1_fieldThatIsNotTheChosenOne_doesNotCount() {
    assertThat(charged(PROXIES, request(PROXY, "Forwarded", "for=203.0.113.9"))).isEqualTo(PROXY);
    assertThat(
            charged(PROXIES.readingForwarded(), request(PROXY, "X-Forwarded-For", "203.0.113.9")))
        .isEqualTo(PROXY);
  }

  @Test
  void rule2_peerNotTrusted_isTheClient() {
    assertThat(charged(PROXIES, "192.0.2.1", "203.0.113.9, 10.0.0.2")).isEqualTo("192.0.2.1");
  }

  @Test
  void rule2_trustedHops_areWalkedFromTheRightOverAllLines() {
    assertThat(charged(PROXIES, PROXY, "1.1.1.1, 203.0.113.9, 10.0.0.3", "10.0.0.2"))
        .isEqualTo("203.0.113.9");
  }

  @Test
  void rule3_whatIsNoAddress_endsTheWalkAtTheLastTrustedHop() {
    for (String broken : List.of("unknown", "_obfuscated", "203.0.113.9:x", "1.1.1.1.1")) {
      assertThat(charged(PROXIES, PROXY, "203.0.113.9, " + broken + ", 10.0.0.2"))
          .as(broken)
          .isEqualTo("10.0.0.2");
    }
    assertThat(
            charged(
                PROXIES.readingForwarded(),
                request(PROXY, "Forwarded", "for=203.0.113.9, proto=https, for=10.0.0.2")))
        .isEqualTo("10.0.0.2");
  }

  @Test
  void rule4_allTrusted_isTheLeftMost() {
    assertThat(charged(PROXIES, PROXY, "10.0.0.9, 10.0.0.3, 10.0.0.2")).isEqualTo("10.0.0.9");
  }

  @Test
  void rule4_moreThan32Hops_endsAfter32() {
    String hops = String.join(",", Collections.nCopies(31, "10.0.0.2"));
    assertThat(charged(PROXIES, PROXY, "203.0.113.9," + hops)).isEqualTo("203.0.113.9");
    assertThat(charged(PROXIES, PROXY, "203.0.113.9,10.0.0.2," + hops)).isEqualTo("10.0.0.2");
  }

  @Test
  void rule4_emptyElements_areNoHops() {
    assertThat(charged(PROXIES, PROXY, ",203.0.113.9,, ,10.0.0.2,,")).isEqualTo("203.0.113.9");
  }

  /** What {@code InetAddress.getByName} would make an address of. */
  @Test
  void rule5_textThatIsNoLiteral_isNoAddress() {
    for (String text : List.of("1", "010.1.2.3", "0x7f.1", "localhost", "127.1", "2130706433")) {
      assertThat(charged(PROXIES, PROXY, text)).as(text).isEqualTo(PROXY);
    }
  }

  @Test
  void rule6_zoneOfThePeer_isDropped() {
    assertThat(charged(PROXIES, "fe80::1%eth0")).isEqualTo("fe80::/64");
  }

  @Test
  void rule6_mappedIpv4_isIpv4ForTrustAndBucket() {
    assertThat(charged(PROXIES, "::ffff:10.0.0.1", "::ffff:203.0.113.9")).isEqualTo("203.0.113.9");
  }

  @Test
  void rule6_nat64_isIpv4ForTheBucketAlone() {
    assertThat(charged(PROXIES, PROXY, "64:ff9b::203.0.113.9")).isEqualTo("203.0.113.9");
    // Not the proxy 10.0.0.2, so the walk ends here.
    assertThat(charged(PROXIES, PROXY, "203.0.113.9, 64:ff9b::10.0.0.2")).isEqualTo("10.0.0.2");
  }

  @Test
  void rule6_sixToFourAndTeredo_areIpv4ForTheBucketAlone() {
    assertThat(charged(PROXIES, PROXY, "2002:cb00:7109::1")).isEqualTo("203.0.113.9");
    assertThat(charged(PROXIES, PROXY, "2001::34ff:8ef6")).isEqualTo("203.0.113.9");
    // Not the proxy 10.0.0.2, so the walk ends here.
    assertThat(charged(PROXIES, PROXY, "203.0.113.9, 2002:a00:2::1")).isEqualTo("10.0.0.2");
    assertThat(charged(PROXIES, PROXY, "203.0.113.9, 2001::f5ff:fffd")).isEqualTo("10.0.0.2");
    // Nor is such a peer.
    assertThat(charged(PROXIES, "2002:a00:2::1", "203.0.113.9")).isEqualTo("10.0.0.2");
    assertThat(charged(PROXIES, "2001::f5ff:fffd", "203.0.113.9")).isEqualTo("10.0.0.2");
  }

  @Test
  void rule6_ipv6_isPrintedAsRfc5952Says() {
    assertThat(charged(PROXIES, PROXY, "2001:0DB8:0:0:1:0:0:1")).isEqualTo("2001:db8::/64");
  }

  @Test
  void rule7_ipv6_isChargedByItsPrefix() {
    String client = "2001:db8:1:ffff:3:4:5:6";
    assertThat(charged(PROXIES, PROXY, client)).isEqualTo("2001:db8:1:ffff::/64");
    assertThat(charged(PROXIES.ipv6Prefix(48), PROXY, client)).isEqualTo("2001:db8:1::/48");
  }

  @Test
  void rule8_forwarded_followsItsGrammar() {
    assertForwarded("for=\"[2001:db8:1:2::7]:4711\"", "2001:db8:1:2::/64");
    assertForwarded("For=203.0.113.9;Host=\"a,b;for=1.1.1.1\"", "203.0.113.9");
    assertForwarded("for=[2001:db8:1:2::7]", PROXY);
    assertForwarded("for=203.0.113.9:80", PROXY);
    assertForwarded("for=203.0.113.9;for=203.0.113.9", PROXY);
    assertForwarded("for=UNKNOWN", PROXY);
  }

  @Test
  void rule8_strayQuoteOfTheClient_doesNotReachTheTrustedSide() {
    assertForwarded("for=\"1.1.1.1, for=203.0.113.9, for=10.0.0.2", "203.0.113.9");
  }

  private static void assertForwarded(String line, String expected) {
    assertThat(charged(PROXIES.readingForwarded(), request(PROXY, "Forwarded", line)))
        .as(line)
        .isEqualTo(expected);
  }

  private static String charged(ClientAddress addresses, String peer, String... lines) {
    return charged(addresses, request(peer, "X-Forwarded-For", lines));
  }

  private static String charged(ClientAddress addresses, RequestView request) {
    return addresses.resolve(request).map(Identity::name).orElseThrow();
  }

  private static RequestView request(String peer, String field, String... lines) {
    return FakeRequest.of("GET /").from(peer).with(field, lines);
  }
}
