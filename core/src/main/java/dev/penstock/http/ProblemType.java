package dev.penstock.http;

/** The problem types that draft-ietf-httpapi-ratelimit-headers-10 section 6 registers. */
enum ProblemType {
  QUOTA_EXCEEDED("quota-exceeded", "Quota Exceeded"),
  REDUCED_CAPACITY("temporary-reduced-capacity", "Temporary Reduced Capacity"),
  ABNORMAL_USAGE("abnormal-usage-detected", "Abnormal Usage Detected");

  private static final String REGISTRY = "https://iana.org/assignments/http-problem-types#";

  private final String uri;
  private final String title;

  ProblemType(String fragment, String title) {
    this.uri = REGISTRY + fragment;
    this.title = title;
  }

  String uri() {
    return uri;
  }

  String title() {
    return title;
  }

  /** {@return the title that a type is registered with, and that of a spent quota for any other} */
  static String titleOf(String uri) {
    for (ProblemType type : values()) {
      if (type.uri.equals(uri)) {
        return type.title;
      }
    }
    return QUOTA_EXCEEDED.title;
  }
}
