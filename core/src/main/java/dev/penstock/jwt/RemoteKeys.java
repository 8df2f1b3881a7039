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
  private final @Nullable SignatureAlgorithm usual;
  private final AtomicLong lastTry;
  private final AtomicBoolean fetching = new AtomicBoolean();
  private volatile boolean failing;
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
        failed("cannot be fetched", e.toString());
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
        failed("have no key to use", set.ignored().isEmpty() ? "there is none" : set.toldIgnored());
        return;
      }
      if (!verifier.hasKeys(set.keys())) {
        verifier = new TokenVerifier(set.keys());
      }
      tell(set);
    } catch (IOException e) {
      failed("cannot be fetched", e.toString());
    } catch (RuntimeException e) {
      failed("cannot be read", e.toString());
    }
  }

  /** Says what is ignored once for each set, and that all is well again. */
  private void tell(JwkSet set) {
    if (!set.ignored().isEmpty() && !set.ignored().equals(ignored)) {
      LOG.log(Level.WARNING, "Keys of " + url + " are ignored: " + set.toldIgnored());
    }
    ignored = set.ignored();
    if (failing) {
      LOG.log(Level.INFO, "The keys of " + url + " are fetched again");
    }
    failing = false;
  }

  private void failed(String how, String reason) {
    if (!failing) {
      LOG.log(
          Level.WARNING, "The keys of " + url + " " + how + ", those from before stay: " + reason);
    }
    failing = true;
  }
}
