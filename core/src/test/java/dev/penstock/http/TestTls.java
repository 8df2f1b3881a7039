package dev.penstock.http;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/**
 * A certificate that signs itself, made by the JDK's keytool.
 *
 * @param server shows the certificate
 * @param client trusts it, and no other
 */
public record TestTls(SSLContext server, SSLContext client) {

  private static final String PASSWORD = "password of a test";

  /**
   * Makes a certificate.
   *
   * @param directory where its files may lie
   * @param name whose it is, as keytool takes it: {@code ip:127.0.0.1}, {@code dns:example.com}
   */
  public static TestTls of(Path directory, String name)
      throws IOException, GeneralSecurityException {
    Path file = Files.createTempDirectory(directory, "tls").resolve("key.p12");
    make(file, "-dname", "CN=test", "-ext", "san=" + name);
    return read(file, "mykey");
  }

  /** Makes a certificate of years ago, by an authority of years to come. */
  public static TestTls expired(Path directory, String name)
      throws IOException, GeneralSecurityException {
    Path file = Files.createTempDirectory(directory, "tls").resolve("key.p12");
    make(file, "-alias", "authority", "-dname", "CN=authority", "-ext", "bc=ca:true");
    make(
        file,
        "-dname",
        "CN=test",
        "-ext",
        "san=" + name,
        "-signer",
        "authority",
        "-startdate",
        "2020/01/01",
        "-validity",
        "1");
    return read(file, "authority");
  }

  private static void make(Path file, String... options) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-keyalg",
                "EC",
                "-storetype",
                "PKCS12",
                "-keystore",
                file.toString(),
                "-storepass",
                PASSWORD));
    command.addAll(List.of(options));
    Process keytool = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(keytool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (keytool.onExit().join().exitValue() != 0) {
      throw new IOException("keytool made no certificate: " + said);
    }
  }

  private static TestTls read(Path file, String trustedAlias)
      throws IOException, GeneralSecurityException {
    KeyStore keys = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(file)) {
      keys.load(in, PASSWORD.toCharArray());
    }
    Certificate authority = keys.getCertificate(trustedAlias);
    if (!trustedAlias.equals("mykey")) {
      keys.deleteEntry(trustedAlias);
    }
    KeyManagerFactory own = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    own.init(keys, PASSWORD.toCharArray());
    KeyStore certificates = KeyStore.getInstance("PKCS12");
    certificates.load(null, null);
    certificates.setCertificateEntry("test", authority);
    TrustManagerFactory trusted =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trusted.init(certificates);
    SSLContext server = SSLContext.getInstance("TLS");
    server.init(own.getKeyManagers(), null, null);
    SSLContext client = SSLContext.getInstance("TLS");
    client.init(null, trusted.getTrustManagers(), null);
    return new TestTls(server, client);
  }
}
