package dev.penstock.jwt;

import java.io.IOException;
import java.io.StringReader;
import java.lang.System.Logger.Level;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * Keys that are fetched from a URL: once at the start, then every five minutes as long as somebody
 * asks, and for a key that is missing at most once a minute. Where that fails, the last keys stay,
 * and it is tried again after a minute.
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

  private static final System.Logger LOG = System.getLogger(JwtIdentityResolver.class.getName());

  private final KeyUrl url;
  private final LongSupplier nanoClock;
  private final ThreadFactory threads;
  private final AtomicLong lastTry;
  private final AtomicBoolean fetching = new AtomicBoolean();
  private volatile boolean failing;
  private volatile TokenVerifier verifier = new TokenVerifier(VerificationKeys.NONE);

  /** Fetches the keys for the first time, on the caller's thread. */
  RemoteKeys(KeyUrl url, LongSupplier nanoClock) {
    this(url, nanoClock, KeyUrl::daemon);
  }

  /** Likewise, and later in threads that are made otherwise. */
  RemoteKeys(KeyUrl url, LongSupplier nanoClock, ThreadFactory threads) {
    this.url = url;
    this.nanoClock = nanoClock;
    this.threads = threads;
    this.lastTry = new AtomicLong(nanoClock.getAsLong());
    fetch();
  }

  @Override
  public TokenVerifier current() {
    fetchAfter(failing ? RETRY_NANOS : REFRESH_NANOS);
    return verifier;
  }

  @Override
  public void keyMissing() {
    fetchAfter(RETRY_NANOS);
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
        failed(e);
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
      VerificationKeys keys = JwkSet.parse(new StringReader(url.fetch()), "jwks url", url + "");
      if (!verifier.hasKeys(keys)) {
        verifier = new TokenVerifier(keys);
      }
      if (failing) {
        LOG.log(Level.INFO, "The keys of " + url + " are fetched again");
      }
      failing = false;
    } catch (IOException | RuntimeException e) {
      failed(e);
    }
  }

  private void failed(Throwable reason) {
    if (!failing) {
      LOG.log(
          Level.WARNING,
          "The keys of " + url + " cannot be fetched, those from before stay: " + reason);
    }
    failing = true;
  }
}
