package dev.penstock.redis.wire;

import java.security.cert.CertPathBuilderException;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.util.Optional;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** What a TLS handshake that fails says of the server, by the exceptions of the JDK. */
final class TlsErrors {

  private TlsErrors() {}

  /** Returns why no handshake with this server succeeds; nothing where it was cut off. */
  static Optional<UnusableException> refusal(Throwable e) {
    boolean tls = false;
    @Nullable Throwable certificate = null;
    String said = "";
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      if (cause instanceof SSLException) {
        tls = true;
        said = String.valueOf(cause.getMessage());
      }
      if (isOfCertificate(cause)) {
        certificate = cause;
      }
    }
    if (!tls) {
      return Optional.empty();
    }
    return certificate == null ? byMessage(said) : Optional.of(byCertificate(certificate));
  }

  /** Returns whether a server that has spoken TLS is behind this failure of a handshake. */
  static boolean showsTls(Throwable e) {
    return refusal(e).isPresent() && !saysPlain(e);
  }

  private static boolean saysPlain(Throwable e) {
    return String.valueOf(e.getMessage()).contains("Unsupported or unrecognized SSL message")
        || (e.getCause() != null && saysPlain(e.getCause()));
  }

  private static boolean isOfCertificate(Throwable e) {
    return e instanceof CertificateException
        || e instanceof CertPathValidatorException
        || e instanceof CertPathBuilderException;
  }

  /** The innermost says what is wrong: the date, the name, the authority. */
  private static UnusableException byCertificate(Throwable innermost) {
    String said = String.valueOf(innermost.getMessage());
    if (innermost instanceof CertificateExpiredException
        || innermost instanceof CertificateNotYetValidException) {
      return new UnusableException(
          "its certificate is not valid at this time", "renew it, or set the clock", said);
    }
    if (said.startsWith("No subject alternative")
        || said.startsWith("No name matching")
        || said.contains("not match")) {
      return new UnusableException(
          "its certificate is for another host", "name the host as the certificate does", said);
    }
    return new UnusableException(
        "its certificate is of no authority that is trusted",
        "trust its authority by sslContext(SSLContext)",
        said);
  }

  private static Optional<UnusableException> byMessage(String said) {
    if (said.startsWith("Unsupported or unrecognized SSL message")) {
      return Optional.of(plain());
    }
    if (said.contains("fatal alert") && !said.contains("internal_error")) {
      return Optional.of(
          new UnusableException(
              "it refuses the TLS handshake",
              "it may want a certificate: have it in sslContext(SSLContext)",
              said));
    }
    return Optional.empty();
  }

  /** Returns why a server cannot be used over TLS that speaks none. */
  static UnusableException plain() {
    return new UnusableException("it speaks no TLS", "write redis:// in place of rediss://", "");
  }

  /** Returns why a server cannot be used in plain that speaks TLS. */
  static UnusableException encrypted() {
    return new UnusableException("it speaks TLS", "write rediss:// in place of redis://", "");
  }
}
