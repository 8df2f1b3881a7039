package dev.penstock.jwt;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Keys that are fetched from a URL: once at the start, then every five minutes as long as somebody
 * asks, and for a key that is missing at most once a minute. Where that fails, the last keys stay,
 * and it is tried again after a minute; as long as there were none yet, after 1, 2, 4 ... seconds.
 *
 * <p>No request ever waits for it: one that finds the keys due starts a thread, which ends with the
 * fetch, after ten seconds at the latest. So there is never more than one fetch, none where nobody
 * asks, and nothing to close.
 *
 * <p>The verifier is replaced only where a key has changed, since tokens are remembered for the
 * verifier that verified them.
 */
final class RemoteKeys implements TokenVerifiers {

  static final long REFRESH_NANOS = 300_000_000_000L;
  static final long RETRY_NANOS = 60_000_000_000L;

  /** After the first try, twice as long after each other one, up to {@link #RETRY_NANOS}. */
  static final long FIRST_RETRY_NANOS = 1_000_000_000L;

  private static final int MAX_DOUBLINGS = 6;
  private static final String NOT_FETCHED = "cannot be fetched";
  private static final String NOT_READ = "are fetched, but cannot be read";
  private static final String OF_NO_USE = "are fetched, but none of them is of use";

  private static final System.Logger LOG = System.getLogger(JwtIdentityResolver.class.getName());

  private final KeyUrl url;
  private final LongSupplier nanoClock;
  private final ThreadFactory threads;
  private final @Nullable SignatureAlgorithm usual;
  private final AtomicLong lastTry;
  private final AtomicBoolean fetching = new AtomicBoolean();

  /** In which way the last fetch failed, or null. */
  private volatile @Nullable String failing;

  /** How many fetches have failed in a row. */
  private volatile int failures;

  private volatile List<String> ignored = List.of();
  private volatile TokenVerifier verifier = new TokenVerifier(VerificationKeys.NONE);

  /** Fetches the keys for the first time, on the caller's thread. */
  RemoteKeys(KeyUrl url, LongSupplier nanoClock) {
    this(url, nanoClock, KeyUrl::daemon, null);
  }

  /**
   * Likewise.
   *
   * @param threads makes the threads in which they are fetched later
   * @param usual what keys verify that do not say it, where it fits their type; or null
   */
  RemoteKeys(
      KeyUrl url,
      LongSupplier nanoClock,
      ThreadFactory threads,
      @Nullable SignatureAlgorithm usual) {
    this.url = url;
    this.nanoClock = nanoClock;
    this.threads = threads;
    this.usual = usual;
    this.lastTry = new AtomicLong(nanoClock.getAsLong());
    fetch();
  }

  @Override
  public TokenVerifier current() {
    fetchAfter(failing == null ? REFRESH_NANOS : hasKeys() ? RETRY_NANOS : firstRetryNanos());
    return verifier;
  }

  @Override
  public void keyMissing() {
    fetchAfter(RETRY_NANOS);
  }

  private boolean hasKeys() {
    return !verifier.hasKeys(VerificationKeys.NONE);
  }

  private long firstRetryNanos() {
    int doublings = Math.min(failures - 1, MAX_DOUBLINGS);
    return Math.min(FIRST_RETRY_NANOS << doublings, RETRY_NANOS);
  }

  private void fetchAfter(long nanos) {
    long seen = lastTry.get();
    long now = nanoClock.getAsLong();
    if (now - seen < nanos || fetching.get() || !lastTry.compareAndSet(seen, now)) {
      return;
    }
    if (fetching.compareAndSet(false, true)) {
      try {
        threads.newThread(this::fetchOnce).start();
      } catch (OutOfMemoryError e) {
        // No thread, and the request needs none.
        failed(NOT_FETCHED, e.toString());
        fetching.set(false);
      }
    }
  }

  private void fetchOnce() {
    try {
      fetch();
    } finally {
      fetching.set(false);
    }
  }

  private void fetch() {
    try {
      JwkSet set = JwkSet.parse(url.fetch(), "jwks url", url + "", usual);
      if (set.keys().isEmpty()) {
        failed(OF_NO_USE, set.ignored().isEmpty() ? "there is none" : set.toldIgnored());
        return;
      }
      if (!verifier.hasKeys(set.keys())) {
        verifier = new TokenVerifier(set.keys());
      }
      tell(set);
    } catch (IOException e) {
      failed(NOT_FETCHED, e.toString());
    } catch (RuntimeException e) {
      failed(NOT_READ, e.toString());
    }
  }

  /** Says what is ignored once for each set, and that all is well again. */
  private void tell(JwkSet set) {
    if (!set.ignored().isEmpty() && !set.ignored().equals(ignored)) {
      LOG.log(Level.WARNING, "Keys of " + url + " are ignored: " + set.toldIgnored());
    }
    ignored = set.ignored();
    if (failing != null) {
      LOG.log(Level.INFO, "The keys of " + url + " are fetched again");
    }
    failures = 0;
    failing = null;
  }

  /** Says each way to fail once in a row: to mend one may bring up another. */
  private void failed(String how, String reason) {
    if (!how.equals(failing)) {
      String rest = hasKeys() ? ", those from before stay: " : ", so no token is valid yet: ";
      LOG.log(Level.WARNING, "The keys of " + url + " " + how + rest + reason);
    }
    int before = failures; // written by the one fetch there is
    failures = before + 1;
    failing = how;
  }
}
