package dev.penstock.jwt;

import static dev.penstock.jwt.TestTokens.NOW;
import static dev.penstock.jwt.TestTokens.SECRET;
import static dev.penstock.jwt.TestTokens.U1_OF_ACME;
import static dev.penstock.jwt.TestTokens.at;
import static dev.penstock.jwt.TestTokens.base64Url;
import static dev.penstock.jwt.TestTokens.hmac;
import static dev.penstock.jwt.TestTokens.hs256;
import static dev.penstock.jwt.TestTokens.json;
import static dev.penstock.jwt.TestTokens.token;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.Identity;
import dev.penstock.http.FakeRequest;
import dev.penstock.http.RequestView;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Requests with tokens by HS256, and what becomes of each. */
class TokenCasesTest {

  private static final Identity U1_IN_ACME = Identity.user("acme", "u1");

  private record TokenCase(
      String name,
      RequestView request,
      UnaryOperator<JwtIdentityResolverBuilder> options,
      Optional<Identity> identity,
      int rejectedTokens) {

    TokenCase with(UnaryOperator<JwtIdentityResolverBuilder> options) {
      return new TokenCase(name, request, options, identity, rejectedTokens);
    }

    @Override
    public String toString() {
      return name;
    }
  }

  private static TokenCase verified(String name, RequestView request, Identity identity) {
    return new TokenCase(name, request, UnaryOperator.identity(), Optional.of(identity), 0);
  }

  private static TokenCase absent(String name, RequestView request) {
    return new TokenCase(name, request, UnaryOperator.identity(), Optional.empty(), 0);
  }

  private static TokenCase rejected(String name, RequestView request) {
    return new TokenCase(name, request, UnaryOperator.identity(), Optional.empty(), 1);
  }

  /** Counted, though the token is for whoever reads that scheme. */
  private static TokenCase otherScheme(String name, RequestView request) {
    return rejected(name, request);
  }

  private static TokenCase verified(String name, String claims, Identity identity) {
    return verified(name, TokenRequests.bearer(hs256(claims)), identity);
  }

  private static TokenCase rejected(String name, String claims) {
    return rejected(name, TokenRequests.bearer(hs256(claims)));
  }

  private static TokenCase rejectedHeader(String name, String header) {
    return rejected(name, TokenRequests.bearer(token(header, U1_OF_ACME, hmac(SECRET))));
  }

  private static TokenCase verifiedHeader(String name, String header) {
    return verified(
        name, TokenRequests.bearer(token(header, U1_OF_ACME, hmac(SECRET))), U1_IN_ACME);
  }

  /** Claims of user u1 in workspace acme without a time. */
  private static String u1With(String members) {
    return "{'sub':'u1','workspace_id':'acme'" + members + "}";
  }

  /** Claims that are in time, and name nobody. */
  private static String inTime(String members) {
    return "{'exp':" + at(60) + members + "}";
  }

  static Stream<TokenCase> requests() {
    String token = hs256();
    return Stream.of(
        verified("valid", TokenRequests.bearer(token), U1_IN_ACME),
        absent("no Authorization", TokenRequests.authorization()),
        absent("empty Authorization", TokenRequests.authorization("")),
        absent("Authorization of spaces", TokenRequests.authorization("  ")),
        absent("Bearer alone", TokenRequests.authorization("Bearer")),
        absent("Bearer and a space", TokenRequests.authorization("Bearer ")),
        absent("Basic", TokenRequests.authorization("Basic dTE6cGFzc3dvcmQ=")),
        otherScheme("scheme DPoP", TokenRequests.authorization("DPoP " + token)),
        verified(
            "scheme and token run together",
            TokenRequests.authorization("Bearer" + token),
            U1_IN_ACME),
        verified("scheme bearer", TokenRequests.authorization("bearer " + token), U1_IN_ACME),
        verified("scheme BEARER", TokenRequests.authorization("BEARER " + token), U1_IN_ACME),
        verified("two spaces", TokenRequests.authorization("Bearer  " + token), U1_IN_ACME),
        verified(
            "space around", TokenRequests.authorization(" Bearer " + token + "\t"), U1_IN_ACME),
        verified("words behind the token", TokenRequests.bearer(token + " x"), U1_IN_ACME),
        verified("two tokens in a line", TokenRequests.bearer("x, Bearer " + token), U1_IN_ACME),
        verified(
            "two Authorization lines, the same token twice",
            TokenRequests.authorization("Bearer " + token, "Bearer " + token),
            U1_IN_ACME),
        verified(
            "a valid one before an invalid one",
            TokenRequests.authorization("Bearer " + token, "Bearer x"),
            U1_IN_ACME),
        verified(
            "an invalid one before a valid one",
            TokenRequests.authorization("Bearer " + hs256(u1With("")), "Bearer " + token),
            U1_IN_ACME),
        verified(
            "valid ones of two users",
            TokenRequests.authorization("Bearer " + hs256(named("'sub':'u2'")), "Bearer " + token),
            Identity.user("u2")),
        verified(
            "two schemes, the second Bearer",
            TokenRequests.authorization("Basic dTE6cA==", "Bearer " + token),
            U1_IN_ACME),
        otherScheme("bare token", TokenRequests.authorization(token)),
        verified("bare token, configured", TokenRequests.authorization(token), U1_IN_ACME)
            .with(JwtIdentityResolverBuilder::bareToken),
        verified("scheme where bare is configured", TokenRequests.bearer(token), U1_IN_ACME)
            .with(JwtIdentityResolverBuilder::bareToken),
        absent("Bearer alone where bare is configured", TokenRequests.authorization("Bearer"))
            .with(JwtIdentityResolverBuilder::bareToken),
        absent("Basic where bare is configured", TokenRequests.authorization("Basic dTE6cA=="))
            .with(JwtIdentityResolverBuilder::bareToken),
        rejected("bare word, configured", TokenRequests.authorization("secret"))
            .with(JwtIdentityResolverBuilder::bareToken),
        absent("?access_token=", FakeRequest.of("POST /agents/a/runs?access_token=" + token)),
        verified(
            "header X-Workspace-Id: other",
            new FakeRequest(
                "POST",
                "/agents/a/runs",
                Map.of(
                    "Authorization", List.of("Bearer " + token),
                    "X-Workspace-Id", List.of("other")),
                FakeRequest.PEER),
            U1_IN_ACME));
  }

  static Stream<TokenCase> forms() {
    String token = hs256();
    String input = token.substring(0, token.lastIndexOf('.'));
    String last = token.substring(token.length() - 1);
    return Stream.of(
        rejected("2 MB token", inTime(",'sub':'u1','pad':'" + "x".repeat(1_500_000) + "'")),
        rejected("a word", TokenRequests.bearer("secret")),
        rejected("empty signature", TokenRequests.bearer(input + ".")),
        rejected("no signature", TokenRequests.bearer(input)),
        rejected("a fourth part", TokenRequests.bearer(token + ".")),
        rejected("a five-part JWE", TokenRequests.bearer("e30.e30.e30.e30.e30")),
        rejected(
            "a five-part JWE of direct encryption",
            TokenRequests.bearer(
                base64Url(json("{'alg':'dir','enc':'A256GCM'}")) + ".AAAA.AAAA.AAAA.AAAA")),
        rejected(
            "a JSON-serialised JWS",
            TokenRequests.bearer(
                "{\"payload\":\"e30\",\"signatures\":[{\"protected\":\"e30\",\"signature\":\"AA\"}]}")),
        verified("a padded signature", TokenRequests.bearer(token + "="), U1_IN_ACME),
        verified(
            "a line end behind the signature", TokenRequests.bearer(token + "\r\n"), U1_IN_ACME),
        verified("quotes around", TokenRequests.bearer('"' + token + '"'), U1_IN_ACME),
        // 256 bits leave two bits of the last character over; the next character sets the lowest.
        verified(
            "the signature's last character with a bit left over",
            TokenRequests.bearer(
                token.substring(0, token.length() - 1) + (char) (last.charAt(0) + 1)),
            U1_IN_ACME),
        rejected("a character more", TokenRequests.bearer(token + "A")),
        rejected(
            "another secret",
            TokenRequests.bearer(
                token("{'alg':'HS256'}", U1_OF_ACME, hmac("x".repeat(32).getBytes(US_ASCII))))));
  }

  static Stream<TokenCase> headers() {
    return Stream.of(
        rejectedHeader("alg none", "{'alg':'none'}"),
        rejected(
            "alg none, empty signature",
            TokenRequests.bearer(
                base64Url(json("{'alg':'none'}")) + "." + base64Url(json(U1_OF_ACME)) + ".")),
        rejectedHeader("alg in another case", "{'alg':'hs256'}"),
        rejectedHeader("alg with a space", "{'alg':'HS256 '}"),
        rejectedHeader("alg HS512", "{'alg':'HS512'}"),
        rejectedHeader("alg RS256", "{'alg':'RS256'}"),
        rejectedHeader("alg missing", "{'typ':'JWT'}"),
        rejectedHeader("alg null", "{'alg':null}"),
        rejectedHeader("alg a number", "{'alg':256}"),
        rejectedHeader("alg twice", "{'alg':'none','alg':'HS256'}"),
        rejectedHeader("crit", "{'alg':'HS256','crit':['x'],'x':1}"),
        rejectedHeader("crit empty", "{'alg':'HS256','crit':[]}"),
        rejectedHeader("crit null", "{'alg':'HS256','crit':null}"),
        rejectedHeader("cty JWT, nested", "{'alg':'HS256','cty':'JWT'}"),
        rejectedHeader("zip", "{'alg':'HS256','zip':'DEF'}"),
        rejectedHeader("b64 false", "{'alg':'HS256','b64':false}"),
        rejectedHeader("kid a number", "{'alg':'HS256','kid':1}"),
        rejectedHeader("header behind the header", "{'alg':'HS256'} {}"),
        rejectedHeader("header a list", "['HS256']"),
        rejectedHeader("header null", "null"),
        rejectedHeader("header empty", "{}"),
        rejectedHeader("header of 4000 brackets", "{'alg':'HS256','x':" + "[".repeat(4000)),
        rejected(
            "kid ../../../dev/null, signed with its empty content",
            TokenRequests.bearer(
                token("{'alg':'HS256','kid':'../../../dev/null'}", U1_OF_ACME, hmac(new byte[1])))),
        verifiedHeader("kid of any name where the key has none", "{'alg':'HS256','kid':'k1'}"),
        verifiedHeader("jku is ignored", "{'alg':'HS256','jku':'not a uri','x5u':7}"),
        verifiedHeader("jwk is ignored", "{'alg':'HS256','jwk':{'kty':'oct','k':'AA'}}"));
  }

  static Stream<TokenCase> times() {
    return Stream.of(
        rejected("expired 11 s ago, skew 10", u1With(",'exp':" + at(-11))),
        rejected("expired 10 s ago, skew 10", u1With(",'exp':" + at(-10))),
        verified("expired 9 s ago, skew 10", u1With(",'exp':" + at(-9)), U1_IN_ACME),
        verified("expired half a second less", u1With(",'exp':" + at(-10) + ".5"), U1_IN_ACME),
        rejected("exp now, no skew", u1With(",'exp':" + at(0))).with(TokenCasesTest::withoutSkew),
        verified("exp in 1 s, no skew", u1With(",'exp':" + at(1)), U1_IN_ACME)
            .with(TokenCasesTest::withoutSkew),
        verified("nbf 10 s ahead, skew 10", u1With(until(",'nbf':" + at(10))), U1_IN_ACME),
        rejected("nbf 11 s ahead, skew 10", u1With(until(",'nbf':" + at(11)))),
        verified("nbf now, no skew", u1With(until(",'nbf':" + at(0))), U1_IN_ACME)
            .with(TokenCasesTest::withoutSkew),
        rejected("nbf a text", u1With(until(",'nbf':'" + at(0) + "'"))),
        rejected("nbf -1", u1With(until(",'nbf':-1"))),
        verified("nbf null", u1With(until(",'nbf':null")), U1_IN_ACME),
        rejected("no exp", u1With("")),
        rejected("exp null", u1With(",'exp':null")),
        rejected("exp never", u1With(",'exp':'never'")),
        rejected("exp a date", u1With(",'exp':'2099-01-01T00:00:00Z'")),
        rejected("exp a number in quotes", u1With(",'exp':'" + at(60) + "'")),
        rejected("exp true", u1With(",'exp':true")),
        rejected("exp -1", u1With(",'exp':-1")),
        rejected("exp 1e400", u1With(",'exp':1e400")),
        rejected("exp of 400 digits", u1With(",'exp':" + "9".repeat(400))),
        rejected("exp NaN", u1With(",'exp':NaN")),
        rejected("exp in milliseconds", u1With(",'exp':" + at(60) + "000")),
        verified("exp with an exponent", u1With(",'exp':4e9"), U1_IN_ACME),
        verified("exp at the end of 9999", u1With(",'exp':253402300799"), U1_IN_ACME),
        rejected("exp in the year 10000", u1With(",'exp':253402300800")),
        rejected("exp twice", u1With(",'exp':" + at(-60) + ",'exp':" + at(60))));
  }

  static Stream<TokenCase> issuersAndAudiences() {
    UnaryOperator<JwtIdentityResolverBuilder> issuer = b -> b.issuer("https://a.example");
    UnaryOperator<JwtIdentityResolverBuilder> audience = b -> b.audience("os1");
    Identity issued = Identity.user(Optional.of("https://a.example"), Optional.of("acme"), "u1");
    return Stream.of(
        verified("iss", u1With(until(",'iss':'https://a.example'")), issued).with(issuer),
        verified("iss where any may be", u1With(until(",'iss':'https://a.example'")), issued),
        rejected("iss differs by a slash", u1With(until(",'iss':'https://a.example/'")))
            .with(issuer),
        rejected("iss differs by case", u1With(until(",'iss':'https://A.example'"))).with(issuer),
        rejected("iss missing", u1With(until(""))).with(issuer),
        rejected("iss a list", u1With(until(",'iss':['https://a.example']"))).with(issuer),
        rejected("iss a number", u1With(until(",'iss':1"))),
        rejected("iss with a line end", u1With(until(",'iss':'a\\r\\nb'"))),
        verified("aud", u1With(until(",'aud':'os1'")), U1_IN_ACME).with(audience),
        verified("aud in a list", u1With(until(",'aud':['x','os1']")), U1_IN_ACME).with(audience),
        verified("aud where any may be", u1With(until(",'aud':'x'")), U1_IN_ACME),
        rejected("aud wrong", u1With(until(",'aud':'os2'"))).with(audience),
        rejected("aud longer", u1With(until(",'aud':'os1x'"))).with(audience),
        rejected("aud missing", u1With(until(""))).with(audience),
        rejected("aud empty list", u1With(until(",'aud':[]"))).with(audience),
        rejected("aud nested list", u1With(until(",'aud':[['os1']]"))).with(audience),
        rejected("aud an object", u1With(until(",'aud':{'os1':true}"))).with(audience));
  }

  static Stream<TokenCase> names() {
    return Stream.of(
        verified("user_id before sub", named("'sub':'s','user_id':'u'"), Identity.user("u")),
        verified("user_id blank", named("'sub':'u1','user_id':' '"), Identity.user("u1")),
        verified("user_id null", named("'sub':'u1','user_id':null"), Identity.user("u1")),
        verified("sub blank, user_id", named("'sub':'','user_id':'u'"), Identity.user("u")),
        verified("user_id 12345", named("'sub':'u1','user_id':12345"), Identity.user("12345")),
        verified("sub 42, user_id", named("'sub':42,'user_id':'u'"), Identity.user("u")),
        rejected("neither sub nor user_id", named("'workspace_id':'acme'")),
        rejected("sub twice", named("'sub':'u2','sub':'u1'")),
        rejected("sub twice, once escaped", named("'sub':'u2','s\\u0075b':'u1'")),
        rejected("a name twice in an inner object", named("'sub':'u1','x':{'y':1,'y':2}")),
        verified("sub 42", named("'sub':42"), Identity.user("42")),
        verified("sub 0", named("'sub':0"), Identity.user("0")),
        verified("sub -7", named("'sub':-7"), Identity.user("-7")),
        verified(
            "sub beyond 64 bits",
            named("'sub':123456789012345678901234567890"),
            Identity.user("123456789012345678901234567890")),
        rejected("sub of 257 digits", named("'sub':" + "1".repeat(257))),
        rejected("sub 4.2", named("'sub':4.2")),
        rejected("sub 42.0", named("'sub':42.0")),
        rejected("sub 1e3", named("'sub':1e3")),
        rejected("sub -0", named("'sub':-0")),
        rejected("sub 007", named("'sub':007")),
        rejected("sub an object", named("'sub':{'id':'u1'}")),
        rejected("sub a list", named("'sub':['u1']")),
        rejected("sub true", named("'sub':true")),
        rejected("sub empty", named("'sub':''")),
        rejected("sub blank", named("'sub':'  '")),
        rejected("sub null", named("'sub':null")),
        verified("sub with spaces", named("'sub':' u1 '"), Identity.user(" u1 ")),
        verified("sub in another case", named("'sub':'U1'"), Identity.user("U1")),
        verified("sub decomposed", named("'sub':'e\u0301'"), Identity.user("e\u0301")),
        verified(
            "sub beyond the BMP", named("'sub':'\uD83D\uDE00'"), Identity.user("\uD83D\uDE00")),
        rejected("sub with CR LF", named("'sub':'u1\\r\\n'")),
        rejected("sub of CR LF alone", named("'sub':'\\r\\n'")),
        rejected("sub with NUL", named("'sub':'u1\\u0000'")),
        rejected("sub with DEL", named("'sub':'u1\\u007f'")),
        rejected("sub with a C1 control", named("'sub':'u1\\u0085'")),
        rejected("sub with an unpaired surrogate", named("'sub':'u1\\ud800'")),
        rejected("sub with surrogates in the wrong order", named("'sub':'\\udc00\\ud800'")),
        rejected("sub with U+FFFD", named("'sub':'u1\ufffd'")),
        rejected(
            "sub that is not UTF-8",
            TokenRequests.bearer(
                token(
                    json("{'alg':'HS256'}"),
                    ("{\"exp\":" + at(60) + ",\"sub\":\"u\u00e91\"}").getBytes(ISO_8859_1),
                    hmac(SECRET)))),
        verified(
            "sub of 256 characters",
            named("'sub':'" + "u".repeat(256) + "'"),
            Identity.user("u".repeat(256))),
        rejected("sub of 257 characters", named("'sub':'" + "u".repeat(257) + "'")),
        verified("sub sa:", named("'sub':'sa:robot'"), Identity.user("sa:robot")),
        rejected("sub sa:, reserved", named("'sub':'sa:robot'")).with(TokenCasesTest::agentOs),
        rejected("sub __scheduler__, reserved", named("'sub':'__scheduler__'"))
            .with(TokenCasesTest::agentOs),
        rejected("sub __oauth__:, reserved", named("'sub':'__oauth__:c1'"))
            .with(TokenCasesTest::agentOs),
        rejected("sub reserved, user_id", named("'sub':'sa:robot','user_id':'u'"))
            .with(TokenCasesTest::agentOs),
        rejected("user_id reserved", named("'sub':'u1','user_id':'sa:robot'"))
            .with(TokenCasesTest::agentOs),
        rejected("sub a reserved number", named("'sub':900")).with(b -> b.reservedPrefixes("9")),
        verified("sub not reserved", named("'sub':'u:sa:'"), Identity.user("u:sa:"))
            .with(TokenCasesTest::agentOs),
        verified("sub SA:", named("'sub':'SA:robot'"), Identity.user("SA:robot")),
        verified("sub like an address", named("'sub':'192.0.2.1'"), Identity.user("192.0.2.1")),
        verified("workspace_id absent", named("'sub':'u1'"), Identity.user("u1")),
        verified("workspace_id null", workspace("null"), Identity.user("u1")),
        verified("workspace_id empty", workspace("''"), Identity.user("u1")),
        verified("workspace_id blank", workspace("'  '"), Identity.user("u1")),
        verified(
            "workspace_id Cyrillic", workspace("'\u0430cme'"), Identity.user("\u0430cme", "u1")),
        verified("workspace_id 42", workspace("42"), Identity.user("42", "u1")),
        rejected("workspace_id 4.2", workspace("4.2")),
        rejected("workspace_id -0", workspace("-0")),
        rejected("workspace_id true", workspace("true")),
        rejected("workspace_id a list", workspace("['acme']")),
        rejected("workspace_id with a line end", workspace("'acme\\n'")),
        rejected("workspace_id of 257 characters", workspace("'" + "w".repeat(257) + "'")),
        rejected("claims a list", "[" + at(60) + "]"),
        rejected("claims null", "null"),
        rejected("claims empty", "{}"),
        rejected("claims behind the claims", U1_OF_ACME + U1_OF_ACME),
        rejected("claims in single quotes", "{\\'sub\\':1}"),
        verified("other claim names", named("'org':'acme','email':'u1','sub':'s'"), U1_IN_ACME)
            .with(b -> b.workspaceClaim("org").userClaims("email")),
        rejected("no fallback where it is not configured", named("'sub':'u1'"))
            .with(b -> b.userClaims("email")),
        rejected("sub reserved where it is not configured", named("'sub':'sa:x','email':'u1'"))
            .with(b -> agentOs(b.userClaims("email"))));
  }

  private static String until(String members) {
    return ",'exp':" + at(60) + members;
  }

  private static String named(String members) {
    return inTime("," + members);
  }

  private static String workspace(String value) {
    return named("'sub':'u1','workspace_id':" + value);
  }

  private static JwtIdentityResolverBuilder agentOs(JwtIdentityResolverBuilder builder) {
    return builder.reservedPrefixes("sa:", "__scheduler__", "__oauth__:");
  }

  private static JwtIdentityResolverBuilder withoutSkew(JwtIdentityResolverBuilder builder) {
    return builder.clockSkew(Duration.ZERO);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource({"requests", "forms", "headers", "times", "issuersAndAudiences", "names"})
  void resolve(TokenCase tokenCase) {
    JwtIdentityResolverBuilder builder =
        JwtIdentityResolver.builder().hmac(SECRET).clock(InstantSource.fixed(NOW));
    JwtIdentityResolver resolver = tokenCase.options().apply(builder).build();

    assertThat(resolver.resolve(tokenCase.request())).isEqualTo(tokenCase.identity());
    assertThat(resolver.rejectedTokens()).isEqualTo(tokenCase.rejectedTokens());
  }
}
