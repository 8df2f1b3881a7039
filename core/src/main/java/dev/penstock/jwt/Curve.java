package dev.penstock.jwt;

import java.math.BigInteger;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.spec.ECFieldFp;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECParameterSpec;
import java.security.spec.ECPoint;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A curve of ECDSA keys (RFC 7518, section 6.2.1.1). */
enum Curve {
  P_256("P-256", "secp256r1", 32),
  P_384("P-384", "secp384r1", 48),
  P_521("P-521", "secp521r1", 66);

  private final String crv;
  private final int bytes;

  @SuppressWarnings("ImmutableEnumChecker") // it has no setters, and what it holds has none
  private final ECParameterSpec parameters;

  Curve(String crv, String javaName, int bytes) {
    this.crv = crv;
    this.bytes = bytes;
    try {
      AlgorithmParameters named = AlgorithmParameters.getInstance("EC");
      named.init(new ECGenParameterSpec(javaName));
      this.parameters = named.getParameterSpec(ECParameterSpec.class);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("This Java runtime has no curve " + crv, e);
    }
  }

  /** {@return the curve that {@code crv} names, or empty where it is none of these} */
  static Optional<Curve> named(@Nullable Object crv) {
    return Arrays.stream(values()).filter(each -> each.crv.equals(crv)).findFirst();
  }

  /** {@return the curve of these parameters, or empty where it is none of these} */
  static Optional<Curve> of(ECParameterSpec others) {
    return Arrays.stream(values()).filter(each -> each.isOf(others)).findFirst();
  }

  boolean isOf(ECParameterSpec others) {
    return others.getCurve().equals(parameters.getCurve())
        && others.getGenerator().equals(parameters.getGenerator())
        && others.getOrder().equals(parameters.getOrder())
        && others.getCofactor() == parameters.getCofactor();
  }

  ECParameterSpec parameters() {
    return parameters;
  }

  /** {@return the size of a coordinate} */
  int bytes() {
    return bytes;
  }

  /** y^2 = x^3 + ax + b (mod p): the JDK takes any pair of numbers for a key. */
  boolean has(ECPoint point) {
    if (point.equals(ECPoint.POINT_INFINITY)) {
      return false;
    }
    BigInteger x = point.getAffineX();
    BigInteger y = point.getAffineY();
    BigInteger p = ((ECFieldFp) parameters.getCurve().getField()).getP();
    BigInteger right =
        x.pow(2).add(parameters.getCurve().getA()).multiply(x).add(parameters.getCurve().getB());
    return x.compareTo(p) < 0
        && y.compareTo(p) < 0
        && y.pow(2).subtract(right).mod(p).signum() == 0;
  }

  @Override
  public String toString() {
    return crv;
  }
}
