package dev.penstock.http;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;

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
    return addresses.resolve(new Request(value, peer)).orElseThrow().name();
  }

  private record Request(String value, String peer) implements RequestView {

    @Override
    public String method() {
      return "GET";
    }

    @Override
    public String target() {
      return "/";
    }

    @Override
    public List<String> headerLines(String name) {
      return List.of(value);
    }
  }
}
