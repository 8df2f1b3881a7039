package dev.penstock.http;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Map;

/** Prints what becomes of names in headers, in a process whose names a test has planted. */
final class NameLookups {

  private NameLookups() {}

  /** Prints the planted address of a name, then who is charged where headers and peer name it. */
  public static void main(String[] names) throws UnknownHostException {
    for (String name : names) {
      System.out.println(InetAddress.getByName(name).getHostAddress());
      for (String value : List.of(name, "\"" + name + "\"", name + ":80", "for=" + name)) {
        ClientAddress addresses = ClientAddress.trusting("10.0.0.0/8");
        System.out.println(charged(addresses, value, "10.0.0.1"));
        System.out.println(charged(addresses.readingForwarded(), value, "10.0.0.1"));
      }
      System.out.println(charged(ClientAddress.ofPeer(), "", name));
    }
  }

  private static String charged(ClientAddress addresses, String value, String peer) {
    Map<String, List<String>> lines =
        Map.of("X-Forwarded-For", List.of(value), "Forwarded", List.of(value));
    FakeRequest request = new FakeRequest("GET", "/", lines, peer);
    return addresses.resolve(request).orElseThrow().name();
  }
}
