package dev.penstock.http;

/**
 * The path of a request target (RFC 9112 section 3.2): {@link PlainPath} where all servers read it
 * alike, {@link OddPath} where they may differ. The query takes no part.
 */
sealed interface RequestPath permits PlainPath, OddPath {

  /**
   * Reads the target of a request.
   *
   * @param target as it was sent
   * @param ignoringCase whether paths that differ only in case lead to the same handler
   */
  static RequestPath of(String target, boolean ignoringCase) {
    int query = target.indexOf('?');
    int end = query < 0 ? target.length() : query;
    return target.startsWith("/")
        ? PlainPath.read(target, end, ignoringCase)
        : OddPath.of(target, end, 0, ignoringCase);
  }
}
