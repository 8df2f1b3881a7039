package dev.penstock.http;

import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What a page of another origin may read of a rejection (WHATWG Fetch, section 3.3).
 *
 * @param any whether every origin may
 * @param listed the origins that may; neither these nor any: that is not for us to say
 */
record CrossOrigin(boolean any, Set<String> listed) {

  static final CrossOrigin UNSAID = new CrossOrigin(false, Set.of());
  static final CrossOrigin ANY = new CrossOrigin(true, Set.of());

  /**
   * Lists origins.
   *
   * @throws IllegalArgumentException if there is none, or one of them is no origin
   */
  static CrossOrigin of(List<String> origins) {
    if (origins.isEmpty()) {
      throw new IllegalArgumentException("origins must not be empty");
    }
    for (String origin : origins) {
      if (!isOrigin(origin)) {
        throw new IllegalArgumentException(
            "origins must each be scheme://host or scheme://host:port in lower case: \""
                + origin
                + "\"");
      }
    }
    return new CrossOrigin(false, Set.copyOf(origins));
  }

  private static boolean isOrigin(String text) {
    try {
      URI uri = URI.create(text);
      String port = uri.getPort() < 0 ? "" : ":" + uri.getPort();
      return uri.getHost() != null
          && text.equals((uri.getScheme() + "://" + uri.getHost() + port).toLowerCase(Locale.ROOT));
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  /**
   * Returns the CORS fields of a rejection. They name the origin itself and never {@code *}, which
   * does not do where a page sends credentials.
   *
   * @param request whose page asks
   * @param sent what the rejection says beyond what every page may read
   */
  List<HeaderField> fields(RequestView request, List<HeaderField> sent) {
    List<String> origins = request.headerLines("Origin");
    List<HeaderField> fields = new ArrayList<>();
    if (!origins.isEmpty() && !sent.isEmpty()) {
      String names = sent.stream().map(HeaderField::name).collect(Collectors.joining(", "));
      fields.add(new HeaderField("Access-Control-Expose-Headers", names));
    }
    if (any || !listed.isEmpty()) {
      if (origins.size() == 1 && isAllowed(origins.get(0))) {
        fields.add(new HeaderField("Access-Control-Allow-Origin", origins.get(0)));
      }
      fields.add(new HeaderField("Vary", "Origin"));
    }
    return fields;
  }

  private boolean isAllowed(String origin) {
    return any ? isPlain(origin) : listed.contains(origin);
  }

  /** It is the client's text, and goes into a header: visible ASCII in one word. */
  private static boolean isPlain(String origin) {
    return !origin.isEmpty() && origin.chars().allMatch(c -> c > 0x20 && c < 0x7F && c != ',');
  }
}
