package dev.penstock.servlet;

import dev.penstock.http.Patience;
import dev.penstock.http.UnreadContent;
import dev.penstock.http.Verdict;
import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.ServletResponseWrapper;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The answer to a rejected request.
 *
 * @param response what is answered on
 * @param reject what is answered
 * @param head whether to a request that is answered without content
 */
record RejectedAnswer(HttpServletResponse response, Verdict.Reject reject, boolean head) {

  /** The fields that describe content (RFC 9110 sections 8 and 14.4, RFC 6266), in any case. */
  private static final Set<String> OF_CONTENT = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);

  static {
    Collections.addAll(
        OF_CONTENT,
        "Content-Disposition",
        "Content-Encoding",
        "Content-Language",
        "Content-Length",
        "Content-Location",
        "Content-Range",
        "Content-Type",
        "ETag",
        "Last-Modified");
  }

  /** Sets status and fields, in place of what was written before a dispatch led here. */
  void begin() {
    clear();
    response.setStatus(reject.status());
    RateLimitFilter.addFields(response, reject);
  }

  /** Leaves what does not describe the content that is dropped, such as a cookie. */
  private void clear() {
    Map<String, List<String>> kept = new LinkedHashMap<>();
    for (String name : response.getHeaderNames()) {
      if (!OF_CONTENT.contains(name)) {
        kept.put(name, List.copyOf(response.getHeaders(name)));
      }
    }
    response.reset();
    response.setCharacterEncoding(null); // which Undertow's reset leaves
    kept.forEach(this::set);
  }

  /** Some containers have set fields of their own again. */
  private void set(String name, List<String> values) {
    response.setHeader(name, values.get(0));
    values.stream().skip(1).forEach(value -> response.addHeader(name, value));
  }

  Patience patience() {
    return reject.patience();
  }

  void announceClose() {
    response.setHeader("Connection", "close");
  }

  /** Returns what is to be written; the container sends its length alone in answer to HEAD. */
  byte[] content() {
    return reject.body().getBytes(StandardCharsets.UTF_8);
  }

  /**
   * Returns where the answer can be written without waiting; nowhere if another filter wraps the
   * response: its own stream may know no listener, or keep what is written until the filter
   * returns.
   */
  @Nullable ServletOutputStream nonBlocking() throws IOException {
    ServletResponse inner = response;
    while (inner instanceof WatchedResponse watched) { // by another of ours, which does neither
      inner = watched.getResponse();
    }
    return inner instanceof ServletResponseWrapper ? null : response.getOutputStream();
  }

  /** Writes all to a request whose content stays unread, if there is any. */
  void writeBlocking(UnreadContent unread) throws IOException {
    if (unread != UnreadContent.NONE) {
      announceClose();
    }
    write();
  }

  /**
   * Writes all, however long the client takes. Flushed, so that no container takes an answer
   * without content for one that lacks it. Content that {@code HEAD} does not have is dropped by
   * containers and not by their stand-ins; a filter that wraps the response may want to see it.
   */
  void write() throws IOException {
    byte[] content = content();
    response.setContentLength(content.length);
    if (!head || response instanceof ServletResponseWrapper) {
      response.getOutputStream().write(content);
    }
    response.flushBuffer();
  }

  /** Sends what a filter that wraps the response has written since, as containers do at the end. */
  void release() throws IOException {
    ServletResponse inner = response;
    while (inner instanceof ServletResponseWrapper wrapper) {
      inner = wrapper.getResponse();
    }
    if (inner != response) {
      inner.flushBuffer();
    }
  }
}
