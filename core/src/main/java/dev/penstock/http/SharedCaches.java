package dev.penstock.http;

import java.util.List;
import java.util.stream.Stream;

/**
 * What the response to a permitted {@code GET} or {@code HEAD} says where a cache may keep it and
 * hand it to other clients (RFC 9111). Its rate limit fields are one client's, and are written
 * before the application says how long its response may be kept. Rejections are never kept ({@code
 * Cache-Control: no-store}), and other methods are not affected.
 *
 * <p>What a cache answers by itself is neither charged nor limited.
 */
public enum SharedCaches {

  /**
   * The fields are sent if the request has {@code Authorization}, and nothing is said of caches: of
   * such requests a cache hands nothing to others unless the application allows it by {@code
   * public}, {@code s-maxage} or {@code must-revalidate} (RFC 9111 section 3.5). The standard.
   */
  BY_AUTHORIZATION,

  /** The fields are not sent, and nothing is said of caches: those may keep what they like. */
  NO_FIELDS,

  /**
   * The fields are sent, with {@code Cache-Control: private} until the application sets its own in
   * its place; one that adds a further line has both. A framework that sends {@code no-store} only
   * where nobody else has set the field, as Spring Security does, then does not.
   */
  PRIVATE,

  /** The fields are sent, and nothing is said of caches: there are none that clients share. */
  NONE;

  private static final HeaderField PRIVATE_FIELD = new HeaderField("Cache-Control", "private");

  /** Returns what is sent of the fields, and with them. */
  List<HeaderField> fields(RequestView request, List<HeaderField> fields) {
    if (this == NONE || fields.isEmpty() || !isCacheable(request.method())) {
      return fields;
    }
    return switch (this) {
      case BY_AUTHORIZATION -> request.headerLines("Authorization").isEmpty() ? List.of() : fields;
      case PRIVATE -> Stream.concat(Stream.of(PRIVATE_FIELD), fields.stream()).toList();
      default -> List.of();
    };
  }

  /** Caches keep answers to other methods only in theory (RFC 9110 section 9.2.3). */
  private static boolean isCacheable(String method) {
    return method.equals("GET") || method.equals("HEAD");
  }
}
