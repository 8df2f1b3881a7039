package dev.penstock;

import java.util.List;
import java.util.Optional;

/** Identities that are all different and that a careless key would confuse. */
public final class LookAlikes {

  public static final List<Identity> ALL =
      List.of(
          Identity.user("a"),
          Identity.workspace("a"),
          Identity.address("a"),
          Identity.named("a", "a"),
          Identity.user("a", "a"),
          Identity.user(Optional.of("a"), Optional.empty(), "a"),
          Identity.user(Optional.of("a"), Optional.of("a"), "a"),
          Identity.user("a/b", "c"),
          Identity.user("a", "b/c"),
          Identity.user("a:b", "c"),
          Identity.user("a", "b:c"),
          Identity.user("1:a", "b"),
          Identity.user("-", "a"),
          Identity.user("-1:a"),
          Identity.user("--1:a"),
          Identity.user("*"),
          Identity.address("*"),
          Identity.workspace("*"),
          Identity.user("192.0.2.1"),
          Identity.address("192.0.2.1"),
          Identity.user("A"),
          Identity.user(" a"),
          Identity.user("a "),
          Identity.user("a\u0000"),
          Identity.user("a\n"),
          Identity.user("\u00e9"),
          Identity.user("e\u0301"),
          Identity.user("\u0430"),
          Identity.user("\ud83d\ude00"),
          Identity.user("\ufffd"),
          Identity.named("user", "a"),
          Identity.named("api-key", "a"),
          Identity.named("api", "-keya"));

  private LookAlikes() {}
}
