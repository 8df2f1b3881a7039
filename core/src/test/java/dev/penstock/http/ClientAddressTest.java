package dev.penstock.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.penstock.Identity;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ClientAddressTest {

  private static final String X_FORWARDED_FOR = "X-Forwarded-For";
  private static final String FORWARDED = "Forwarded";
  private static final ClientAddress TRUSTING =
      ClientAddress.trusting("10.0.0.0/8", "::1", "2001:db8:ffff::/48");

  /** One case of client-ip.json; {@code reason} and {@code note} are for the reader. */
  record Vector(
      int id,
      String peer,
      String header,
      List<String> lines,
      List<String> trusted,
      String client,
      String reason,
      String bucket,
      String note) {

    @Override
    public String toString() {
      return id + ": " + note;
    }
  }

  static List<Vector> vectors() throws IOException {
    try (InputStream json =
        ClientAddressTest.class.getResourceAsStream("/vectors/client-ip.json")) {
      return new ObjectMapper()
          .readValue(Objects.requireNonNull(json), new TypeReference<List<Vector>>() {});
    }
  }

  @ParameterizedTest
  @MethodSource("vectors")
  void resolve_vector_findsClientAndBucket(Vector vector) {
    ClientAddress addresses = ClientAddress.trusting(vector.trusted());
    if (vector.header().equals(FORWARDED)) {
      addresses = addresses.readingForwarded();
    }
    RequestView request = request(vector.peer(), vector.header(), vector.lines());

    assertThat(addresses.client(request).orElseThrow()).hasToString(vector.client());
    assertThat(addresses.resolve(request)).contains(Identity.address(vector.bucket()));
  }

  @ParameterizedTest
  @CsvSource({
    "198.51.100.7, 198.51.100.7",
    "10.0.0.2, 10.0.0.2",
    "::ffff:198.51.100.7, 198.51.100.7",
    "2001:db8:1:2:3:4:5:6, 2001:db8:1:2::/64",
    "fe80::1%eth0, fe80::/64",
    "0:0:0:0:0:0:0:1%0, ::/64",
    "64:ff9b::198.51.100.7, 198.51.100.7",
    "2002:c633:6407:1:2:3:4:5, 198.51.100.7",
    "2001:0:4136:e378:8000:63bf:39cc:9bf8, 198.51.100.7",
  })
  void ofPeer_anyHeader_chargesThePeer(String peer, String bucket) {
    RequestView request = request(peer, "203.0.113.9", "for=203.0.113.9");

    assertThat(ClientAddress.ofPeer().resolve(request)).contains(Identity.address(bucket));
    assertThat(ClientAddress.ofPeer().readingForwarded().resolve(request))
        .contains(Identity.address(bucket));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "unknown", "localhost", "10.0.0.2:80", "/run/app.sock", "%eth0"})
  void resolve_unknownPeer_chargesOneSharedBucket(String peer) {
    RequestView request = request(peer, X_FORWARDED_FOR, List.of("203.0.113.9"));

    assertThat(TRUSTING.client(request)).isEmpty();
    assertThat(TRUSTING.resolve(request)).contains(Identity.address("unknown"));
    assertThat(ClientAddress.ofPeer().resolve(request)).contains(Identity.address("unknown"));
  }

  @Test
  void resolve_otherHeader_isIgnored() {
    RequestView request = request("10.0.0.2", "203.0.113.9", "for=198.51.100.7");

    assertClient(TRUSTING, request, "203.0.113.9");
    assertClient(TRUSTING.readingForwarded(), request, "198.51.100.7");
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '\'',
      delimiter = '|',
      value = {
        // Hops of either family, and mapped ones, are trusted by their block.
        "203.0.113.9, 2001:db8:ffff::3, ::ffff:10.0.0.3 | 203.0.113.9",
        "203.0.113.9, [2001:db8:ffff::3]:80, 10.0.0.3:80 | 203.0.113.9",
        "1.1.1.1, ::ffff:203.0.113.9 | 203.0.113.9",
        // NAT64, 6to4 and Teredo are not unwrapped for the trust test.
        "1.1.1.1, 64:ff9b::10.0.0.3 | 64:ff9b::a00:3",
        "1.1.1.1, 2002:a00:3::1 | 2002:a00:3::1",
        "1.1.1.1, 2001::f5ff:fffc | 2001::f5ff:fffc",
        // The last trusted hop is charged where the chain breaks.
        "1.1.1.1, unknown, 10.0.0.3 | 10.0.0.3",
        "1.1.1.1, UNKNOWN, 10.0.0.3 | 10.0.0.3",
        "1.1.1.1, _hidden, 10.0.0.3 | 10.0.0.3",
        "1.1.1.1, localhost, 10.0.0.3 | 10.0.0.3",
        "1.1.1.1, fe80::1%eth0, 10.0.0.3 | 10.0.0.3",
        "1.1.1.1, 1, 10.0.0.3 | 10.0.0.3",
        // Stray quotes on the client's side.
        "\"1.1.1.1, 203.0.113.9, 10.0.0.3 | 203.0.113.9",
        "\"1.1.1.1, 10.0.0.4, 10.0.0.3 | 10.0.0.4",
        "1.1.1.1, x\", 10.0.0.3 | 10.0.0.3",
        "\"1.1.1.1, 10.0.0.4\", 10.0.0.3 | 10.0.0.3",
        "\"1.1.1.1, \"203.0.113.9\", 10.0.0.3 | 203.0.113.9",
      })
  void resolve_xForwardedFor_walksFromTheRight(String line, String client) {
    assertClient(TRUSTING, request("10.0.0.2", X_FORWARDED_FOR, List.of(line)), client);
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '\'',
      delimiter = '|',
      value = {
        "for=203.0.113.9, for=\"[2001:db8:ffff::3]\", For=\"10.0.0.3:80\" | 203.0.113.9",
        "for=1.1.1.1, for=\"[2001:db8:1:2::7]:4711\" | 2001:db8:1:2::7",
        "for=203.0.113.9;host=\"a,b;c\", for=10.0.0.3;host=\"\\\",for=1.1.1.1\" | 203.0.113.9",
        // The last trusted hop is charged where the chain breaks.
        "for=1.1.1.1, for=Unknown, for=10.0.0.3 | 10.0.0.3",
        "for=1.1.1.1, for=_hidden, for=10.0.0.3 | 10.0.0.3",
        "for=1.1.1.1, for=[2001:db8::1], for=10.0.0.3 | 10.0.0.3",
        "for=1.1.1.1, for=203.0.113.9:80, for=10.0.0.3 | 10.0.0.3",
        "for=1.1.1.1, for=203.0.113.9;for=203.0.113.9, for=10.0.0.3 | 10.0.0.3",
        "for=1.1.1.1, proto=https, for=10.0.0.3 | 10.0.0.3",
        "for=1.1.1.1, 203.0.113.9, for=10.0.0.3 | 10.0.0.3",
        // Stray quotes on the client's side.
        "for=\"1.1.1.1, for=203.0.113.9, for=10.0.0.3 | 203.0.113.9",
        "for=\"1.1.1.1\\, for=\"[2001:db8:1:2::7]\", for=10.0.0.3 | 2001:db8:1:2::7",
        "for=1.1.1.1\", for=10.0.0.3 | 10.0.0.3",
        "for=\"1.1.1.1, for=10.0.0.4\", for=10.0.0.3 | 10.0.0.3",
      })
  void resolve_forwarded_walksFromTheRight(String line, String client) {
    assertClient(
        TRUSTING.readingForwarded(), request("10.0.0.2", FORWARDED, List.of(line)), client);
  }

  @Test
  void resolve_severalLines_areOneList() {
    List<String> lines = List.of("1.1.1.1", "203.0.113.9, 10.0.0.5", "", "10.0.0.4, 10.0.0.3");

    assertClient(TRUSTING, request("10.0.0.2", X_FORWARDED_FOR, lines), "203.0.113.9");
  }

  @Test
  void resolve_strayQuoteInAnEarlierLine_endsWithThatLine() {
    List<String> lines = List.of("1.1.1.1, \"", "203.0.113.9", "10.0.0.3");

    assertClient(TRUSTING, request("10.0.0.2", X_FORWARDED_FOR, lines), "203.0.113.9");
  }

  @ParameterizedTest
  @CsvSource({"31, 203.0.113.9", "32, 10.0.0.32", "33, 10.0.0.32", "1000, 10.0.0.32"})
  void resolve_manyTrustedHops_stopsAfter32(int trustedHops, String client) {
    List<String> hops = new ArrayList<>(List.of("203.0.113.9"));
    IntStream.iterate(trustedHops, hop -> hop > 0, hop -> hop - 1)
        .forEach(hop -> hops.add("10.0." + hop / 256 + "." + hop % 256));

    assertClient(
        TRUSTING, request("10.0.0.2", X_FORWARDED_FOR, List.of(String.join(", ", hops))), client);
    assertClient(TRUSTING, request("10.0.0.2", X_FORWARDED_FOR, hops), client);
  }

  @Test
  void resolve_emptyElements_areNoHops() {
    String line = "203.0.113.9" + ", ".repeat(1000) + "10.0.0.3";

    assertClient(TRUSTING, request("10.0.0.2", X_FORWARDED_FOR, List.of(line)), "203.0.113.9");
  }

  @ParameterizedTest
  @ValueSource(strings = {",", " ", "\"", "\\\"", "1.1.1.1,", "a", "for=\"", ";", ":", "\0"})
  void resolve_oneMegabyteOfTheClient_readsTheRightEnd(String repeated) {
    String junk = repeated.repeat(1_000_000 / repeated.length());

    assertClient(
        TRUSTING,
        request("10.0.0.2", X_FORWARDED_FOR, List.of(junk + ",203.0.113.9,10.0.0.3")),
        "203.0.113.9");
    assertClient(
        TRUSTING.readingForwarded(),
        request("10.0.0.2", FORWARDED, List.of(junk + ",for=\"203.0.113.9:80\",for=10.0.0.3")),
        "203.0.113.9");
  }

  @ParameterizedTest
  @ValueSource(strings = {",", " ", "\"", "\\", "a", "1", ":", ";", "for=10.0.0.4;", "\0"})
  void resolve_oneMegabyteBeforeATrustedHop_chargesThatHop(String repeated) {
    String junk = "1.1.1.1," + repeated.repeat(1_000_000 / repeated.length());

    assertClient(
        TRUSTING, request("10.0.0.2", X_FORWARDED_FOR, List.of(junk + ",10.0.0.3")), "10.0.0.3");
    assertClient(
        TRUSTING.readingForwarded(),
        request("10.0.0.2", FORWARDED, List.of(junk + ",for=10.0.0.3")),
        "10.0.0.3");
  }

  @Test
  void resolve_randomTextOfTheClient_cannotMoveTheAnswer() {
    Random random = new Random(7239);
    for (int i = 0; i < 20_000; i++) {
      String junk = randomText(random);

      assertClient(
          TRUSTING,
          request("10.0.0.2", X_FORWARDED_FOR, List.of(junk + ", \"203.0.113.9\",10.0.0.3")),
          "203.0.113.9");
      assertClient(
          TRUSTING.readingForwarded(),
          request(
              "10.0.0.2",
              FORWARDED,
              List.of(junk + ",for=\"203.0.113.9:80\";host=\"\\\\\\\",\", for=10.0.0.3")),
          "203.0.113.9");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "48, 2001:db8:1:ffff:3:4:5:6, 2001:db8:1::/48",
    "56, 2001:db8:1:ffff:3:4:5:6, 2001:db8:1:ff00::/56",
    "64, 2001:db8:1:ffff:3:4:5:6, 2001:db8:1:ffff::/64",
    "48, 192.0.2.1, 192.0.2.1",
    "48, ::ffff:192.0.2.1, 192.0.2.1",
    "48, 64:ff9b::192.0.2.1, 192.0.2.1",
    "48, 64:ff9b:0:1::192.0.2.1, 64:ff9b::/48",
    "48, 2002:c000:201::1, 192.0.2.1",
    "48, 2001:0:4136:e378:8000:63bf:3fff:fdfe, 192.0.2.1",
    "48, ::1, ::/48",
  })
  void ipv6Prefix_bits_areCharged(int bits, String peer, String bucket) {
    RequestView request = request(peer, X_FORWARDED_FOR, List.of());

    assertThat(ClientAddress.ofPeer().ipv6Prefix(bits).resolve(request))
        .contains(Identity.address(bucket));
  }

  @Test
  void copies_anyOrder_keepWhatWasSet() {
    RequestView request = request("10.0.0.2", "1.1.1.1", "for=\"[2001:db8:1:ffff::7]\"");
    Identity expected = Identity.address("2001:db8:1::/48");

    assertThat(TRUSTING.readingForwarded().ipv6Prefix(48).resolve(request)).contains(expected);
    assertThat(TRUSTING.ipv6Prefix(48).readingForwarded().resolve(request)).contains(expected);
    assertThat(TRUSTING.resolve(request)).contains(Identity.address("1.1.1.1"));
  }

  @Test
  void trusting_listChangedAfterwards_isNotSeen() {
    List<String> cidrs = new ArrayList<>(List.of("10.0.0.0/8"));
    ClientAddress addresses = ClientAddress.trusting(cidrs);
    cidrs.set(0, "192.0.2.0/24");

    assertClient(
        addresses, request("10.0.0.2", X_FORWARDED_FOR, List.of("203.0.113.9")), "203.0.113.9");
  }

  @ParameterizedTest
  @ValueSource(ints = {Integer.MIN_VALUE, 0, 47, 65, 128})
  void ipv6Prefix_outOfRange_isRefused(int bits) {
    assertThatThrownBy(() -> TRUSTING.ipv6Prefix(bits))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("bits must be from 48 to 64: " + bits);
  }

  @Test
  void trusting_noBlock_isRefused() {
    assertThatThrownBy(() -> ClientAddress.trusting())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("cidrs must not be empty");
    assertThatThrownBy(() -> ClientAddress.trusting(List.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("cidrs must not be empty");
  }

  @Test
  void trusting_malformedBlock_isRefusedAtOnce() {
    assertThatThrownBy(() -> ClientAddress.trusting("10.0.0.0/8", "192.0.2.1/24"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "cidr must have no bit set behind its prefix, as 192.0.2.0/24 has none: 192.0.2.1/24");
  }

  @Test
  @SuppressWarnings("NullAway") // What the annotations forbid is refused at run time too.
  void trusting_null_isRefused() {
    assertThatThrownBy(() -> ClientAddress.trusting((List<String>) null))
        .isInstanceOf(NullPointerException.class)
        .hasMessage("cidrs");
    assertThatThrownBy(() -> ClientAddress.trusting((String[]) null))
        .isInstanceOf(NullPointerException.class)
        .hasMessage("cidrs");
    assertThatThrownBy(() -> ClientAddress.trusting("10.0.0.0/8", null))
        .isInstanceOf(NullPointerException.class)
        .hasMessage("cidr");
  }

  @Test
  @SuppressWarnings("NullAway") // null is what is tested
  void resolve_null_namesTheParameter() {
    assertThatNullPointerException()
        .isThrownBy(() -> TRUSTING.resolve(null))
        .withMessage("request");
  }

  private static void assertClient(ClientAddress addresses, RequestView request, String client) {
    assertThat(addresses.client(request).orElseThrow()).hasToString(client);
  }

  /** Up to 40 characters, most of which mean something in a forwarding header. */
  private static String randomText(Random random) {
    String characters = "\"\"\"\\\\,;=[]:. \t0129afor_\0\u00e4";
    return random
        .ints(random.nextInt(41), 0, characters.length())
        .mapToObj(i -> characters.substring(i, i + 1))
        .collect(Collectors.joining());
  }

  private static RequestView request(String peer, String forwardedFor, String forwarded) {
    return new FakeRequest(
        "GET",
        "/",
        Map.of(X_FORWARDED_FOR, List.of(forwardedFor), FORWARDED, List.of(forwarded)),
        peer);
  }

  private static RequestView request(String peer, String header, List<String> lines) {
    return new FakeRequest("GET", "/", Map.of(header, lines), peer);
  }
}
