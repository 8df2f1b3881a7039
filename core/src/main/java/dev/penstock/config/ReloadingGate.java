package dev.penstock.config;

import dev.penstock.Metered;
import dev.penstock.MetricFamily;
import dev.penstock.MetricFamily.Sample;
import dev.penstock.base.BoundedLog;
import dev.penstock.base.FlightRecorder;
import dev.penstock.http.Gate;
import dev.penstock.http.RequestView;
import dev.penstock.http.Verdict;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A gate that is made of a file, and made anew when the file has changed, while requests flow. Each
 * request is decided by one gate, the one in force when it comes.
 *
 * <p>The content is read every second, and taken once two readings in a row are the same: a file
 * that somebody is still writing may be valid. So a change takes effect within three seconds,
 * however it comes about, by a link that is swapped as well. {@link #reload} does not wait for a
 * second reading. What cannot be taken is refused, with all that is wrong in the log, and the gate
 * in force goes on: a content with faults, a file that is not there, no file at all, one that is
 * empty or larger than 4 MiB.
 *
 * <p>The gates are to be made of one limiter. Then buckets outlive a change: what was used stays
 * used, as a fraction of the capacity, and what a request has taken is settled where it was taken.
 * A limit that is gone is no longer charged.
 *
 * <p>In memory a limit may have eight times to fill at once, those of before included, until their
 * buckets are full, ten minutes have passed, and the collector has found that no request holds one
 * any more. All of {@code 10/minute}, {@code 20/minute} and {@code 60/minute} fill in a minute;
 * {@code 7/minute} and {@code 11/minute} do so but for some nanoseconds, and count as others. A
 * ninth goes by the one that is nearest by ratio, and another change finds it a place of its own.
 * No change ever hands out a fresh budget, but till then its buckets charge too much: by a longer
 * time they refill more slowly, by that ratio, and by a shorter one each request multiplies what is
 * used by it.
 *
 * <p>Thread-safe; a decision costs one volatile read more than that of the gate in force. A daemon
 * thread reads the file. It ends when this is closed, or nobody holds it any more.
 */
public final class ReloadingGate implements Gate, Metered, AutoCloseable {

  private static final int MOST_BYTES = 4 << 20;

  /** Of those that are logged and shown; what is wrong with so many is wrong with all. */
  private static final int MOST_FAULTS = 1_000;

  private final WatchedFile file;
  private final Function<byte[], ? extends Gate> maker;
  private final Supplier<Optional<PenstockConfig>> config;
  private final InstantSource clock;
  private final BoundedLog log = new BoundedLog(ReloadingGate.class);

  /** Held while the file is read and a gate is made; no decision waits for it. */
  private final ReentrantLock reading = new ReentrantLock();

  private volatile Gate inForce;
  private volatile ReloadStatus status;
  private volatile boolean isClosed;
  private volatile @Nullable Thread thread;

  /** The content that the gate in force was made of. */
  private String taken;

  /** The content that was last taken or refused. */
  private String judged;

  /** The content that was last read. */
  private String seen;

  /** Makes the first gate; the file is looked at again when somebody says so. */
  ReloadingGate(WatchedFile file, Function<byte[], ? extends Gate> maker, InstantSource clock) {
    this(file, maker, Optional::empty, clock);
  }

  private ReloadingGate(
      WatchedFile file,
      Function<byte[], ? extends Gate> maker,
      Supplier<Optional<PenstockConfig>> config,
      InstantSource clock) {
    this.file = file;
    this.maker = Objects.requireNonNull(maker, "maker");
    this.config = config;
    this.clock = clock;
    WatchedContent first = file.read();
    if (first.isMissing()) {
      throw new IllegalArgumentException(first.fault());
    }
    this.inForce = Objects.requireNonNull(maker.apply(first.bytes()), "gate");
    this.status = ReloadStatus.begun(clock.instant());
    this.taken = first.version();
    this.judged = taken;
    this.seen = taken;
  }

  /**
   * Makes a gate of a file and watches that.
   *
   * @param file where it is; links are followed
   * @param maker makes a gate of what is in it, of the same limiter each time; throws an exception
   *     whose message says all that is wrong, a line each
   * @return the gate
   * @throws IllegalArgumentException if there is no such file, or it cannot be read, is empty, or
   *     is larger than 4 MiB; and whatever the maker throws
   */
  public static ReloadingGate of(Path file, Function<byte[], ? extends Gate> maker) {
    return of(file, maker, Optional::empty);
  }

  /** Likewise, of a maker that goes by a policy file, and says which. */
  static ReloadingGate of(
      Path file,
      Function<byte[], ? extends Gate> maker,
      Supplier<Optional<PenstockConfig>> config) {
    Objects.requireNonNull(file, "file");
    ReloadingGate gate =
        new ReloadingGate(new WatchedFile(file, MOST_BYTES), maker, config, InstantSource.system());
    Thread thread = ReloadThread.of(gate);
    gate.thread = thread;
    thread.start();
    return gate;
  }

  @Override
  public Verdict decide(RequestView request) {
    return inForce.decide(request);
  }

  /**
   * Reads the file at once, and makes a gate of it even if it has not changed: what it refers to
   * may have. Waits for as long as that takes.
   *
   * @return why it is refused; empty where the gate of the file is in force
   */
  public Optional<ReloadRefusal> reload() {
    reading.lock();
    try {
      WatchedContent found = file.read();
      seen = found.version();
      judge(found);
      return status.current() ? Optional.empty() : status.lastRefusal();
    } finally {
      reading.unlock();
    }
  }

  /**
   * Has {@link #reload} called when the process is sent SIGHUP, in place of whatever was done then.
   *
   * @return false where there is no such signal, as on Windows, where the process was started with
   *     it ignored, as by {@code nohup}, or where the Java image has no module {@code
   *     jdk.unsupported}; that is all this does then
   */
  public boolean reloadOnHangup() {
    return ReloadSignal.reloads(this);
  }

  /** {@return the file that is watched} */
  public Path file() {
    return file.path();
  }

  /**
   * {@return what the policy file says that the gate in force is made of; empty where it is made of
   * a content of another kind}
   */
  public Optional<PenstockConfig> config() {
    return config.get();
  }

  /** {@return how the gate stands to its file} */
  public ReloadStatus status() {
    return status;
  }

  /**
   * {@return how often a file was taken and refused, and whether the gate is of the file as it is}
   */
  @Override
  public List<MetricFamily> metrics() {
    ReloadStatus now = status;
    return List.of(
        MetricFamily.of(
            MetricFamily.Type.COUNTER,
            "penstock_reloads_total",
            "Times that a changed policy file was taken, or refused.",
            Sample.of(now.reloads(), "outcome", "accepted"),
            Sample.of(now.refusals(), "outcome", "refused")),
        MetricFamily.of(
            MetricFamily.Type.GAUGE,
            "penstock_policy_current",
            "Whether the gate in force is of the policy file as it was last read.",
            Sample.of(now.current() ? 1 : 0)));
  }

  /** Ends the watching. The gate in force goes on, and {@link #reload} may still be called. */
  @Override
  public void close() {
    isClosed = true;
    ReloadSignal.forget(this);
    Thread watching = thread;
    if (watching != null) {
      LockSupport.unpark(watching);
    }
  }

  /** Looks at the file once. Returns whether to go on. */
  boolean look() {
    reading.lock();
    try {
      if (isClosed) {
        return false;
      }
      WatchedContent found = file.read();
      boolean isSettled = found.version().equals(seen);
      seen = found.version();
      if (isSettled && !seen.equals(judged)) {
        if (seen.equals(taken)) {
          judged = taken;
          status = status.returned();
          log.info(file.path() + " is what it was when the gate in force was made");
        } else {
          judge(found);
        }
      }
      return true;
    } finally {
      reading.unlock();
    }
  }

  private void judge(WatchedContent found) {
    judged = found.version();
    if (found.isMissing()) {
      refuse(found.fault());
      return;
    }
    Gate made;
    try {
      made = Objects.requireNonNull(maker.apply(found.bytes()), "gate");
    } catch (Throwable e) { // an Error, too: the gate in force is to go on
      String message = e.getMessage();
      refuse(message == null || message.isBlank() ? e.toString() : message);
      return;
    }
    inForce = made;
    taken = judged;
    status = status.reloaded(clock.instant());
    FlightRecorder.ofThisProcess().reload(file.path().toString(), true, 0);
    log.info(file.path() + " is in force");
  }

  private void refuse(String message) {
    List<String> faults = new ArrayList<>(message.lines().limit(MOST_FAULTS).toList());
    long more = message.lines().count() - faults.size();
    if (more > 0) {
      faults.add("and " + more + " more");
    }
    FlightRecorder.ofThisProcess().reload(file.path().toString(), false, faults.size());
    status = status.refused(new ReloadRefusal(clock.instant(), faults));
    log.warn(
        file.path() + " is refused, and the gate in force goes on:\n" + String.join("\n", faults));
  }
}
