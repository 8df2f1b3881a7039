package dev.penstock.config;

import dev.penstock.config.Node.Kind;
import dev.penstock.config.Node.Members;
import dev.penstock.config.Node.Scalar;
import dev.penstock.config.Section.Located;
import dev.penstock.http.ClientAddress;
import dev.penstock.jwt.InvalidTokenMode;
import dev.penstock.jwt.JwtIdentityResolver;
import dev.penstock.jwt.JwtIdentityResolverBuilder;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;

/** Reads how a token becomes an identity. */
final class JwtSection {

  static final String[] KNOWN = {
    "secret",
    "publicKey",
    "jwks",
    "jwksWithoutTls",
    "algorithm",
    "issuer",
    "audience",
    "clockSkew",
    "workspaceClaim",
    "workspaceRequired",
    "userClaims",
    "reservedPrefixes",
    "cookie",
    "bareToken",
    "onInvalidToken"
  };

  private static final String[] KEYS = {"secret", "publicKey", "jwks", "jwksWithoutTls"};
  private static final int MOST_BYTES = 256 * 1024;

  private final Section section;
  private final Reference references;
  private final Faults faults;
  private final JwtIdentityResolverBuilder builder = JwtIdentityResolver.builder();
  private final StringBuilder described = new StringBuilder();
  private boolean isFetched;

  private JwtSection(Section section, Reference references, Faults faults) {
    this.section = section;
    this.references = references;
    this.faults = faults;
  }

  /**
   * {@return the resolver; empty where it was refused}
   *
   * @param clients finds the senders of tokens
   * @param senders what the file says of them
   */
  static Optional<Tokens> read(
      Section section,
      Plans plans,
      ClientAddress clients,
      String senders,
      Reference references,
      Faults faults) {
    Optional<JwtSection> jwt =
        faults.attempt(section.where(), () -> new JwtSection(section, references, faults));
    return jwt.flatMap(each -> each.read(plans, clients, senders));
  }

  /**
   * {@return the issuer of all tokens, as far as it is one; what is wrong is told by the reader}
   */
  static Optional<String> issuer(Optional<Node> jwt) {
    return jwt.filter(Members.class::isInstance)
        .map(node -> ((Members) node).value("issuer"))
        .filter(node -> node instanceof Scalar scalar && scalar.kind() == Kind.TEXT)
        .map(node -> ((Scalar) node).text());
  }

  private Optional<Tokens> read(Plans plans, ClientAddress clients, String senders) {
    builder.senders(clients);
    described.append(senders);
    boolean hasKeys = readKeys();
    readClaims();
    section.text("algorithm").ifPresent(name -> set("algorithm", () -> builder.algorithm(name)));
    section.text("cookie").ifPresent(name -> set("cookie", () -> builder.cookie(name)));
    if (section.isTrue("bareToken")) {
      builder.bareToken();
    }
    section
        .choice("onInvalidToken", Words.of(InvalidTokenMode.class))
        .ifPresent(builder::onInvalidToken);
    plans
        .claim()
        .ifPresent(claim -> faults.attempt(claim.where(), () -> builder.planClaim(claim.value())));
    if (!hasKeys) {
      return Optional.empty();
    }
    Tokens tokens =
        new Tokens(
            section.canonical() + plans.claim().map(Located::value).orElse("") + described,
            builder::build);
    return isFetched
        ? Optional.of(tokens)
        : faults
            .attempt(
                parameter -> section.where(parameter.equals("algorithm") ? parameter : keys()),
                tokens::resolver)
            .map(resolver -> tokens);
  }

  private String keys() {
    List<String> present = section.present(KEYS);
    return present.isEmpty() ? "" : present.get(0);
  }

  private boolean readKeys() {
    if (section.present(KEYS).size() != 1) {
      faults.add(
          section.where(),
          "must have one of " + String.join(", ", KEYS) + ": " + section.present(KEYS).size());
      return false;
    }
    return switch (keys()) {
      case "secret" -> ofReference("secret", builder::hmac);
      case "publicKey" -> ofReference("publicKey", builder::publicKey);
      case "jwks" -> jwks();
      default -> ofUrl("jwksWithoutTls", builder::jwksWithoutTls);
    };
  }

  private boolean ofReference(String name, Function<String, JwtIdentityResolverBuilder> setter) {
    Optional<String> value = references.value(section, name);
    value.ifPresent(described::append);
    return value.flatMap(text -> set(name, () -> setter.apply(text))).isPresent();
  }

  private boolean jwks() {
    Optional<String> text = section.text("jwks");
    if (text.filter(each -> each.startsWith(Reference.FILE)).isEmpty()) {
      return text.isPresent() && ofUrl("jwks", builder::jwks);
    }
    return references
        .path(text.get().substring(Reference.FILE.length()), section.where("jwks"))
        .flatMap(
            file ->
                set(
                    "jwks",
                    () -> {
                      described.append(
                          new String(FileContent.read(file, MOST_BYTES), StandardCharsets.UTF_8));
                      return builder.jwks(file);
                    }))
        .isPresent();
  }

  private boolean ofUrl(String name, Function<URI, JwtIdentityResolverBuilder> setter) {
    isFetched = true;
    return section.text(name).flatMap(text -> set(name, () -> setter.apply(uri(text)))).isPresent();
  }

  private static URI uri(String text) {
    try {
      return URI.create(text);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("must be a URL, or file:PATH: " + Shown.quoted(text), e);
    }
  }

  private void readClaims() {
    section.text("issuer").ifPresent(text -> set("issuer", () -> builder.issuer(text)));
    section.text("audience").ifPresent(text -> set("audience", () -> builder.audience(text)));
    section.period("clockSkew").ifPresent(skew -> set("clockSkew", () -> builder.clockSkew(skew)));
    section
        .text("workspaceClaim")
        .ifPresent(claim -> set("workspaceClaim", () -> builder.workspaceClaim(claim)));
    if (section.isTrue("workspaceRequired")) {
      builder.workspaceRequired();
    }
    if (section.has("userClaims")) {
      set("userClaims", () -> builder.userClaims(texts("userClaims")));
    }
    if (section.has("reservedPrefixes")) {
      set("reservedPrefixes", () -> builder.reservedPrefixes(texts("reservedPrefixes")));
    }
  }

  private String[] texts(String name) {
    return section.texts(name).stream().map(Located::value).toArray(String[]::new);
  }

  private Optional<JwtIdentityResolverBuilder> set(
      String name, Supplier<JwtIdentityResolverBuilder> setter) {
    return faults.attempt(section.where(name), setter);
  }
}
