package dev.penstock.jwt;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.ByteBuffer;
import java.util.Set;
import javax.net.ssl.HttpsURLConnection;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * Where a key set is fetched from, with what {@code java.base} has: https, or http on this machine;
 * a document of at most 256 KB; no redirects, which might lead anywhere.
 */
final class KeyUrl {

  static final int MAX_BYTES = 1 << 18;

  private static final int CONNECT_MILLIS = 2_000;
  private static final int READ_MILLIS = 2_000;
  private static final long TOTAL_NANOS = 10_000_000_000L;
  private static final Set<String> LOOPBACK = Set.of("localhost", "127.0.0.1", "[::1]");

  private final URI uri;
  private final @Nullable SSLContext tls;

  /**
   * @param tls says which servers are trusted; null: as the JVM's default does
   * @throws IllegalArgumentException if the address is not one that is fetched; the message has no
   *     more of it than scheme and host
   */
  KeyUrl(URI uri, @Nullable SSLContext tls) {
    this.uri = uri;
    this.tls = tls;
    boolean secure = "https".equalsIgnoreCase(uri.getScheme());
    boolean local = "http".equalsIgnoreCase(uri.getScheme()) && LOOPBACK.contains(uri.getHost());
    if (uri.getHost() == null || !(secure || local) || uri.getRawUserInfo() != null) {
      throw new IllegalArgumentException(
          "url must be https, or http to localhost, and without a user: "
              + uri.getScheme()
              + "://"
              + uri.getHost());
    }
  }

  /**
   * Fetches the document.
   *
   * @throws IOException if there is none within ten seconds, it is too long, or it is not UTF-8
   */
  String fetch() throws IOException {
    HttpURLConnection connection = (HttpURLConnection) uri.toURL().openConnection();
    try {
      if (tls != null && connection instanceof HttpsURLConnection secure) {
        secure.setSSLSocketFactory(tls.getSocketFactory());
      }
      connection.setConnectTimeout(CONNECT_MILLIS);
      connection.setReadTimeout(READ_MILLIS);
      connection.setInstanceFollowRedirects(false);
      connection.setUseCaches(false);
      connection.setRequestProperty("Accept", "application/json");
      int status = connection.getResponseCode();
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

  private static byte[] read(InputStream body) throws IOException {
    long start = System.nanoTime();
    ByteArrayOutputStream read = new ByteArrayOutputStream();
    byte[] buffer = new byte[8192];
    for (int count = body.read(buffer); count >= 0; count = body.read(buffer)) {
      read.write(buffer, 0, count);
      if (read.size() > MAX_BYTES) {
        throw new IOException("more than " + MAX_BYTES + " bytes");
      }
      if (System.nanoTime() - start > TOTAL_NANOS) {
        throw new IOException("slower than ten seconds");
      }
    }
    return read.toByteArray();
  }

  /** {@return the address without its query, which may hold a secret} */
  @Override
  public String toString() {
    return uri.getScheme() + "://" + uri.getRawAuthority() + uri.getRawPath();
  }
}
