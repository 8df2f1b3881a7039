package dev.penstock.jwt;

import static dev.penstock.jwt.TestTokens.json;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ClaimPathTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "tenant              | {'tenant':'t'}                                  | t",
        "tenant.id           | {'tenant':{'id':'t'}}                           | t",
        "tenant.id           | {'tenant':{'id':42}}                            | 42",
        "a.b.c               | {'a':{'b':{'c':'t'}}}                           | t",
        // What bears the whole name counts first, then the longest part of it that is there.
        "tenant.id           | {'tenant':{'id':'no'},'tenant.id':'t'}          | t",
        "a.b.c               | {'a':{'b.c':'t','b':{'c':'no'}}}                | t",
        "a.b.c               | {'a.b':{'c':'t'},'a':{'b':{'c':'no'}}}          | t",
        "https://e.com/tenant| {'https://e.com/tenant':'t'}                    | t",
        "https://e.com/app.id| {'https://e.com/app':{'id':'t'}}                | t",
        // Null counts as absent.
        "tenant.id           | {'tenant':{'id':'t'},'tenant.id':null}          | t",
        // Keycloak's organization, and others of one.
        "organization        | {'organization':['acme']}                       | acme",
        "organization        | {'organization':{'acme':{}}}                    | acme",
        "organization        | {'organization':{'acme':{'id':'42'}}}           | acme",
        "organization.acme.id| {'organization':{'acme':{'id':'42'}}}           | 42",
        "tenant.id           | {'tenant':[{'id':'t'}]}                         | t",
        "tenant.ids          | {'tenant':{'ids':[7]}}                          | 7",
      })
  void value_whereAPathLeads_isTheName(String path, String claims, String name) {
    assertThat(value(path, claims)).hasToString(name);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "tenant.id     | {'sub':'u1'}",
        "tenant.id     | {'tenant':{'key':'t'}}",
        "tenant.id     | {'tenant':{}}",
        "tenant.id     | {'tenant':null}",
        "tenant.id     | {'tenant':[]}",
        "tenant.id     | {'id':'t'}",
        "organization  | {'organization':[]}",
        "organization  | {'organization':{}}",
        "organization  | {'organization':[null]}",
        ".id           | {'id':'t'}",
        "id.           | {'id':{}}",
        "..            | {'id':'t'}",
      })
  void value_whereNothingIs_isNull(String path, String claims) {
    assertThat(value(path, claims)).isNull();
  }

  /** Not the first of several, and nothing that might be something else than a name. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "organization  | {'organization':['acme','evil']}",
        "organization  | {'organization':{'acme':{},'evil':{}}}",
        "organization  | {'organization':{'id':'42'}}",
        "organization  | {'organization':{'id':null}}",
        "organization  | {'organization':[['acme']]}",
        "organization  | {'organization':true}",
        "tenant.id     | {'tenant':'acme'}",
        "tenant.id     | {'tenant':[{'id':'t'},{'id':'u'}]}",
        "tenant.id     | {'tenant':{'id':4.2}}",
        "sub           | {'sub':['u1']}",
      })
  void value_whereItIsNotOne_isNoName(String path, String claims) {
    assertThat(value(path, claims)).isNotNull();
    assertThat(rules(path).user(claims("{'u':'u1',", claims))).isEmpty();
    assertThat(rules(path).missing(claims("{'u':'u1',", claims))).isEmpty();
  }

  @Test
  void plain_listOrObject_isNoName() {
    assertThat(ClaimPath.plain("a").value(object("{'a':['x']}"))).isInstanceOf(Iterable.class);
    assertThat(ClaimPath.plain("a").value(object("{'a':{'x':{}}}"))).isInstanceOf(Map.class);
  }

  @Test
  void reads_claimsOnTheWay_andNoOthers() {
    ClaimPath path = ClaimPath.named("a.bc.d");
    for (String claim : new String[] {"a", "a.bc", "a.bc.d"}) {
      assertThat(path.reads(claim)).as(claim).isTrue();
    }
    for (String claim : new String[] {"b", "a.b", "a.", "a.bc.de", "d", "bc.d"}) {
      assertThat(path.reads(claim)).as(claim).isFalse();
    }
  }

  private static ClaimRules rules(String workspaceClaim) {
    return new ClaimRules(
        null,
        null,
        Duration.ZERO,
        ClaimPath.named(workspaceClaim),
        false,
        List.of(ClaimPath.plain("u")),
        null,
        List.of());
  }

  private static Map<String, ?> claims(String first, String others) {
    return object(first + others.strip().substring(1));
  }

  private static @Nullable Object value(String path, String claims) {
    return ClaimPath.named(path).value(object(claims));
  }

  private static Map<String, ?> object(String claims) {
    try {
      return StrictJson.object(new StringReader(new String(json(claims), UTF_8)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
