package dev.penstock.http;

import dev.penstock.Identity;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * What is to be done with a request: data for an adapter to carry out. Immutable and thread-safe.
 */
public sealed interface Verdict {

  /**
   * {@return the fields to write to the response's header, in this order, each as {@link
   * HeaderField#replaces} says}
   */
  List<HeaderField> fields();

  /**
   * {@return who was charged, or would have been if there had been tokens; empty where nothing was
   * to be paid}
   */
  Optional<Identity> identity();

  /**
   * The request goes on to its handler.
   *
   * @param fields the fields of whatever the handler answers
   * @param identity who was charged; empty where nothing was to be paid
   */
  record Proceed(List<HeaderField> fields, Optional<Identity> identity) implements Verdict {

    static final Proceed UNMATCHED = new Proceed(List.of(), Optional.empty());

    /**
     * Copies the list.
     *
     * @param fields the fields of the answer
     * @param identity who was charged
     */
    public Proceed {
      fields = List.copyOf(Objects.requireNonNull(fields, "fields"));
      Objects.requireNonNull(identity, "identity");
    }
  }

  /**
   * The request is answered at once, and its handler never sees it.
   *
   * @param status the status code
   * @param fields the fields of the answer, its content type included
   * @param body the content, to be sent in UTF-8; empty where the answer has none. {@code HEAD} is
   *     answered without it, as if it had been {@code GET} (RFC 9110 section 9.3.2)
   * @param identity who would have been charged; empty where that is not known
   */
  record Reject(int status, List<HeaderField> fields, String body, Optional<Identity> identity)
      implements Verdict {

    /**
     * Copies the list.
     *
     * @param status the status code
     * @param fields the fields of the answer
     * @param body the content
     * @param identity who would have been charged
     */
    public Reject {
      fields = List.copyOf(Objects.requireNonNull(fields, "fields"));
      Objects.requireNonNull(body, "body");
      Objects.requireNonNull(identity, "identity");
    }
  }
}
