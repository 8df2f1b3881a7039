package dev.penstock.jwt;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.MILLISECONDS;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.HttpURLConnection;
import java.net.Proxy;
import java.net.URI;
import java.net.URL;
import java.nio.ByteBuffer;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.HttpsURLConnection;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * Where a key set is fetched from, with what {@code java.base} has: https, or http on this machine,
 * or with the operator's consent http on a private network; a document of at most 256 KB, within
 * ten seconds; no redirects, which might lead anywhere.
 */
final class KeyUrl {

  static final int MAX_BYTES = 1 << 18;

  private static final int CONNECT_MILLIS = 2_000;
  private static final int READ_MILLIS = 2_000;
  private static final int TOTAL_MILLIS = 10_000;
  private static final Set<String> LOOPBACK = Set.of("localhost", "127.0.0.1", "[::1]");

  private final URI uri;
  private final @Nullable SSLContext tls;
  private final boolean withoutTls;
  private final int totalMillis;
  private final ThreadFactory threads;

  /** The thread of the last fetch, unless that has ended. */
  private volatile @Nullable Thread last;

  /**
   * @param tls says which servers are trusted; null: as the JVM's default does
   * @throws IllegalArgumentException if the address is not one that is fetched; the message has no
   *     more of it than scheme and host
   */
  KeyUrl(URI uri, @Nullable SSLContext tls) {
    this(uri, tls, TOTAL_MILLIS, KeyUrl::daemon);
  }

  /** Likewise, within another time, in threads that are made otherwise. */
  KeyUrl(URI uri, @Nullable SSLContext tls, int totalMillis, ThreadFactory threads) {
    this(uri, tls, false, totalMillis, threads);
    boolean secure = "https".equalsIgnoreCase(uri.getScheme());
    boolean local = isHttp(uri) && LOOPBACK.contains(uri.getHost());
    if (uri.getHost() == null || !(secure || local) || uri.getRawUserInfo() != null) {
      throw new IllegalArgumentException(
          "url must be https, or http to localhost, and without a user: " + shown(uri));
    }
  }

  private KeyUrl(
      URI uri,
      @Nullable SSLContext tls,
      boolean withoutTls,
      int totalMillis,
      ThreadFactory threads) {
    this.uri = uri;
    this.tls = tls;
    this.withoutTls = withoutTls;
    this.totalMillis = totalMillis;
    this.threads = threads;
  }

  /**
   * {@return an address that is fetched by http, as long as all that its host's name stands for is
   * on this machine or a private network}
   *
   * @throws IllegalArgumentException if the address is another already as it is written
   */
  static KeyUrl withoutTls(URI uri) {
    if (!isHttp(uri)
        || uri.getHost() == null
        || uri.getRawUserInfo() != null
        || (isLiteral(uri.getHost()) && !PrivateHost.is(uri.getHost()))) {
      throw new IllegalArgumentException(
          "url must be http to a private or loopback address, and without a user: " + shown(uri));
    }
    return new KeyUrl(uri, null, true, TOTAL_MILLIS, KeyUrl::daemon);
  }

  private static boolean isHttp(URI uri) {
    return "http".equalsIgnoreCase(uri.getScheme());
  }

  /** The last label of an IPv4 address begins with a digit, and that of no name in DNS does. */
  private static boolean isLiteral(String host) {
    String last = host.substring(host.lastIndexOf('.') + 1);
    return host.startsWith("[") || (!last.isEmpty() && Character.isDigit(last.charAt(0)));
  }

  private static String shown(URI uri) {
    return uri.getScheme() + "://" + uri.getHost();
  }

  /** Returns a thread that keeps no process alive. */
  static Thread daemon(Runnable work) {
    Thread thread = new Thread(work, "penstock-jwks");
    thread.setDaemon(true);
    return thread;
  }

  /**
   * Fetches the document. Takes no longer than it may in all, whatever the server does: connection,
   * header and body are waited for by a thread of their own, which is left where it cannot be
   * ended. As long as that is so, nothing is fetched. One fetch at a time.
   *
   * @throws IOException if there is none in time, it is too long, or it is not UTF-8
   */
  String fetch() throws IOException {
    Thread before = last;
    if (before != null && before.isAlive()) {
      throw new IOException("the fetch before has not ended");
    }
    Exchange exchange = new Exchange(open());
    FutureTask<String> document = new FutureTask<>(exchange::document);
    try {
      Thread thread = threads.newThread(document);
      thread.start();
      last = thread;
      return document.get(totalMillis, MILLISECONDS);
    } catch (TimeoutException e) {
      exchange.end();
      throw slow();
    } catch (ExecutionException e) {
      throw e.getCause() instanceof IOException cause ? cause : new IOException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      exchange.end();
      throw new InterruptedIOException();
    } catch (OutOfMemoryError e) {
      throw new IOException("no thread for it", e);
    } finally {
      if (document.isDone()) {
        last = null; // it may be alive for some steps more
      }
    }
  }

  /** Without TLS also without a proxy, which would look the name up where it is. */
  private HttpURLConnection open() throws IOException {
    URL url = uri.toURL();
    return (HttpURLConnection)
        (withoutTls ? url.openConnection(Proxy.NO_PROXY) : url.openConnection());
  }

  private IOException slow() {
    return new IOException("slower than " + totalMillis + " ms");
  }

  /** {@return the address without its query, which may hold a secret} */
  @Override
  public String toString() {
    return uri.getScheme() + "://" + uri.getRawAuthority() + uri.getRawPath();
  }

  /** One request and its answer. */
  private final class Exchange {

    private final HttpURLConnection connection;
    private final long start = System.nanoTime();
    private volatile boolean answered;
    private volatile boolean ended;

    Exchange(HttpURLConnection connection) {
      this.connection = connection;
    }

    String document() throws IOException {
      try {
        if (tls != null && connection instanceof HttpsURLConnection secure) {
          secure.setSSLSocketFactory(tls.getSocketFactory());
        }
        if (withoutTls && !PrivateHost.is(uri.getHost())) {
          throw new IOException("not only on a private network: " + uri.getHost());
        }
        connection.setConnectTimeout(CONNECT_MILLIS);
        connection.setReadTimeout(READ_MILLIS);
        connection.setInstanceFollowRedirects(false);
        connection.setUseCaches(false);
        connection.setRequestProperty("Accept", "application/json");
        connection.connect();
        requireTime();
        int status = connection.getResponseCode();
        answered = true;
        if (status != HttpURLConnection.HTTP_OK) {
          throw new IOException("status " + status);
        }
        try (InputStream body = connection.getInputStream()) {
          return UTF_8.newDecoder().decode(ByteBuffer.wrap(read(body))).toString();
        }
      } finally {
        connection.disconnect();
      }
    }

    private byte[] read(InputStream body) throws IOException {
      ByteArrayOutputStream read = new ByteArrayOutputStream();
      byte[] buffer = new byte[8192];
      for (int count = body.read(buffer); count >= 0; count = body.read(buffer)) {
        read.write(buffer, 0, count);
        if (read.size() > MAX_BYTES) {
          throw new IOException("more than " + MAX_BYTES + " bytes");
        }
        requireTime();
      }
      return read.toByteArray();
    }

    private void requireTime() throws IOException {
      if (ended || System.nanoTime() - start > MILLISECONDS.toNanos(totalMillis)) {
        throw slow();
      }
    }

    /**
     * Ends the wait for a connection or a header. A body is not disconnected from, since that waits
     * for whoever reads it, who has an eye on the time between any two pieces.
     */
    void end() {
      ended = true;
      if (!answered) {
        connection.disconnect();
      }
    }
  }
}
