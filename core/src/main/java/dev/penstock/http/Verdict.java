package dev.penstock.http;

import dev.penstock.Decision;
import dev.penstock.Identity;
import dev.penstock.Reservation;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What is to be done with a request: data for an adapter to carry out. Thread-safe. */
public sealed interface Verdict {

  /**
   * {@return the fields to write to the response's header, in this order, each as {@link
   * HeaderField#replaces} says}
   */
  List<HeaderField> fields();

  /**
   * {@return who was charged, or would have been if there had been tokens; empty where nothing was
   * to be paid, and where that is not known}
   */
  Optional<Identity> identity();

  /**
   * {@return the name of the policy that the request went by, as {@link
   * dev.penstock.LimitPolicy#name} says it, with plus signs between several; empty where nothing
   * was to be paid, and where the policy does not say one}
   */
  Optional<String> policy();

  /**
   * {@return what was decided, of several decisions the last; empty where nothing was to be paid,
   * and where nobody could decide}
   */
  Optional<Decision> decision();

  /**
   * The request goes on to its handler.
   *
   * <p>For the application it holds the {@link #reservation}. An adapter {@linkplain #fields writes
   * fields}, and if the response {@linkplain #isWatched is watched}, it keeps {@link
   * #removedFields} from the client, tells the reservation of a client that has {@linkplain
   * Reservation#clientGone gone away}, and says when the response has {@link #ended}.
   */
  final class Proceed implements Verdict {

    private static final Proceed UNLIMITED =
        new Proceed(List.of(), null, Optional.empty(), Paid.NOTHING);

    private static final VarHandle ENDED;

    static {
      try {
        ENDED = MethodHandles.lookup().findVarHandle(Proceed.class, "ended", boolean.class);
      } catch (ReflectiveOperationException e) {
        throw new ExceptionInInitializerError(e);
      }
    }

    private final List<HeaderField> fields;

    /** Null where nothing was to be paid. */
    private final @Nullable Identity identity;

    private final Optional<String> policy;
    private final Paid paid;
    private final boolean isWatched;

    @SuppressWarnings("unused") // written by its handle
    private volatile boolean ended;

    private Proceed(
        List<HeaderField> fields, @Nullable Identity identity, Optional<String> policy, Paid paid) {
      this.fields = List.copyOf(fields);
      this.identity = identity;
      this.policy = policy;
      this.paid = paid;
      this.isWatched = paid.isWatched();
    }

    static Proceed of(
        List<HeaderField> fields, Identity identity, Optional<String> policy, Paid paid) {
      return new Proceed(fields, identity, policy, paid);
    }

    /** {@return the verdict on a request of which nothing is to be paid} */
    public static Proceed unlimited() {
      return UNLIMITED;
    }

    @Override
    public List<HeaderField> fields() {
      return fields;
    }

    @Override
    public Optional<Identity> identity() {
      return Optional.ofNullable(identity);
    }

    @Override
    public Optional<String> policy() {
      return policy;
    }

    @Override
    public Optional<Decision> decision() {
      return identity == null ? Optional.empty() : Optional.of(paid.decision());
    }

    /**
     * {@return what the request has taken, for the application to settle; where nothing was to be
     * paid, one that does nothing}
     *
     * <p>Where the response {@linkplain #isWatched is watched}, it is closed when that has ended,
     * and its {@link Reservation#onClientGone tasks} run when the client has gone away before.
     * Where it is not, nobody waits for the end: it holds no slot, may be settled for as long as
     * the application likes, and need not be closed.
     */
    public Reservation reservation() {
      return paid.reservation();
    }

    /**
     * {@return whether the end of the response matters: whether the request holds slots of an
     * {@linkplain dev.penstock.Limit#inFlight in-flight} limit, or the rule settles by the response
     * or says {@link RequestCost#watched}}
     *
     * <p>Only then is {@link #ended} to be called, and does it or {@link #removedFields} say
     * anything; an adapter need not touch any other response.
     */
    public boolean isWatched() {
      return isWatched;
    }

    /**
     * {@return the names of response fields that must not reach the client, in any case of letters;
     * {@link #ended} is to see them all the same}
     */
    public List<String> removedFields() {
      return paid.removedFields();
    }

    /**
     * Says that the response has ended, whoever ended it: settles what it tells, and closes the
     * reservation. Only the first call counts. Throws nothing; may be called by any thread.
     *
     * @param response as it was when it ended; read before this returns
     */
    public void ended(ResponseView response) {
      Objects.requireNonNull(response, "response");
      if (ENDED.compareAndSet(this, false, true)) {
        paid.end(response);
      }
    }

    @Override
    public String toString() {
      return "Proceed[fields=" + fields + ", policy=" + policy + ", decision=" + decision() + "]";
    }
  }

  /**
   * The request is answered at once, and its handler never sees it.
   *
   * @param status the status code
   * @param fields the fields of the answer, its content type included
   * @param body the content, to be sent in UTF-8; empty where the answer has none. {@code HEAD} is
   *     answered without it, as if it had been {@code GET} (RFC 9110 section 9.3.2)
   * @param patience how much an adapter still reads of the request's content
   * @param identity who would have been charged; empty where that is not known
   * @param policy the name of the policy; empty where that does not say one
   * @param decision what was decided; empty where nobody could
   */
  record Reject(
      int status,
      List<HeaderField> fields,
      String body,
      Patience patience,
      Optional<Identity> identity,
      Optional<String> policy,
      Optional<Decision> decision)
      implements Verdict {

    /**
     * Copies the list.
     *
     * @param status the status code
     * @param fields the fields of the answer
     * @param body the content
     * @param patience how much is still read
     * @param identity who would have been charged
     * @param policy the name of the policy
     * @param decision what was decided
     */
    public Reject {
      fields = List.copyOf(Objects.requireNonNull(fields, "fields"));
      Objects.requireNonNull(body, "body");
      Objects.requireNonNull(patience, "patience");
      Objects.requireNonNull(identity, "identity");
      Objects.requireNonNull(policy, "policy");
      Objects.requireNonNull(decision, "decision");
    }
  }
}
