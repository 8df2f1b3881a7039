package dev.penstock.jwt;

import static dev.penstock.jwt.TestTokens.EC;
import static dev.penstock.jwt.TestTokens.NOW;
import static dev.penstock.jwt.TestTokens.U1_OF_ACME;
import static dev.penstock.jwt.TestTokens.es256;
import static dev.penstock.jwt.TestTokens.pem;
import static dev.penstock.jwt.TestTokens.token;
import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.Identity;
import dev.penstock.http.RequestView;
import java.time.InstantSource;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** One token, spelled as a client may who wants the application alone to know it. */
class TokenScanTest {

  private static final long SEED = 20260101;
  private static final int[] ES256_AND_HS256 = {43, 86};

  private final Random random = new Random(SEED);
  private final String token = token("{'alg':'ES256'}", U1_OF_ACME, es256(EC.getPrivate()));
  private final String input = token.substring(0, token.lastIndexOf('.') + 1);
  private final String signature = token.substring(input.length());
  private final JwtIdentityResolver resolver =
      JwtIdentityResolver.builder()
          .publicKey(pem(EC.getPublic()))
          .clock(InstantSource.fixed(NOW))
          .cookie("access_token")
          .build();

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Bearer TOKEN",
        "bearer TOKEN",
        "bEaReR TOKEN",
        "Bearer  \t  TOKEN \t",
        "Bearer\tTOKEN",
        "Bearer\u00a0TOKEN",
        "  Bearer TOKEN",
        "Bearer: TOKEN",
        "Bearer:TOKEN",
        "Bearer=TOKEN",
        "BearerTOKEN",
        "Bearer.TOKEN",
        "Bearer-TOKEN",
        "Bearer \"TOKEN\"",
        "Bearer 'TOKEN'",
        "Bearer <TOKEN>",
        "Bearer Bearer TOKEN",
        "Bearer x TOKEN",
        "Bearer TOKEN x",
        "Bearer x, Bearer TOKEN",
        "Bearer TOKEN, Bearer x",
        "Bearer TOKEN,Bearer x.y.z",
        "Bearer x.y.z,Bearer TOKEN",
        "Basic dTE6cA==, Bearer TOKEN",
        "Bearer TOKEN; x=y",
        "Bearer token=TOKEN",
        "Bearer TOKEN=",
        "Bearer TOKEN==",
        "Bearer TOKEN=AAAA",
        "Bearer TOKEN~",
        "Bearer TOKEN!\"#$%",
        "Bearer TOKEN\r\n x",
        "Bearer\r\n TOKEN"
      })
  void authorization_spelling_isFound(String line) {
    assertU1(TokenRequests.authorization(line.replace("TOKEN", token)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "TOKEN",
        "Basic TOKEN",
        "DPoP TOKEN",
        "xBearer TOKEN",
        "Bearer xTOKEN",
        "Bearer TOKENx",
        "Bearer TOKEN.",
        "Bearer TOKEN.x",
        "Bearer .TOKEN",
        "Bearer x.TOKEN"
      })
  void authorization_otherText_isNoToken(String line) {
    assertU1(TokenRequests.bearer(token));
    assertThat(resolver.resolve(TokenRequests.authorization(line.replace("TOKEN", token))))
        .isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "access_token=TOKEN",
        "access_token=\"TOKEN\"",
        "access_token=\"TOKEN",
        "access_token= TOKEN",
        "access_token =TOKEN",
        "access_token\t=\tTOKEN",
        "access_token=\" TOKEN \"",
        "$Version=1; access_token=TOKEN; $Path=/",
        "$Version=\"1\"; access_token=\"TOKEN\"; $Path=\"/\"",
        "$Version=1,access_token=TOKEN,$Path=/",
        "$Version=1; a=b, access_token=\"TOKEN\", c=d",
        "a=\"; access_token=TOKEN; \"",
        "a=\"b\\\"; access_token=TOKEN; \"",
        "a b; access_token=TOKEN",
        "a b access_token=TOKEN",
        ";;access_token=TOKEN;;",
        "=; access_token=TOKEN",
        "access_token; access_token=TOKEN",
        "access_token=; access_token=TOKEN",
        "access_token=x; access_token=TOKEN",
        "access_token=TOKEN; access_token=x",
        "access_token=x.y.z; access_token=TOKEN",
        "access_token=Bearer TOKEN",
        "access_token=\"Bearer TOKEN\"",
        "access_token=Bearer%20TOKEN",
        "access_token=%22TOKEN%22",
        "access_token=TOKEN=",
        "access_token=TOKEN%3D%3D",
        "access_token=TOKEN, x",
        "access_token=\"\"a=baccess_token=\"TOKEN"
      })
  void cookie_spelling_isFound(String line) {
    assertU1(TokenRequests.cookies(line.replace("TOKEN", token)));
    assertU1(TokenRequests.cookies("a=b", line.replace("TOKEN", token)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Access_token=TOKEN",
        "xaccess_token=TOKEN",
        "access_tokenx=TOKEN",
        "$access_token=TOKEN",
        "a=access_token=TOKEN",
        "id_token=TOKEN; access_token=",
        "access_token TOKEN",
        "TOKEN"
      })
  void cookie_otherText_isNoToken(String line) {
    assertU1(TokenRequests.cookies("access_token=" + token));
    assertThat(resolver.resolve(TokenRequests.cookies(line.replace("TOKEN", token)))).isEmpty();
    assertThat(resolver.rejectedTokens()).isZero();
  }

  @Test
  void cookie_escapedCharacters_areFound() {
    List<UnaryOperator<String>> escapes =
        List.of(
            text -> each(text, "%%%02X"),
            text -> each(text, "%%%02x"),
            text -> each(text, "\\%03o"),
            text -> each(text, "\\%c"),
            text -> each(text, "%%%02x").replace("%", "%25"),
            text ->
                text.substring(0, 9) + each(text.substring(9, 10), "%%%02x") + text.substring(10));
    for (UnaryOperator<String> escape : escapes) {
      assertU1(TokenRequests.cookies("a=b; access_token=" + escape.apply(token) + "; c=d"));
      assertU1(TokenRequests.cookies("a=b; access_token=\"" + escape.apply(token) + "\"; c=d"));
    }
  }

  private static String each(String text, String format) {
    return text.chars().mapToObj(format::formatted).collect(Collectors.joining());
  }

  @Test
  void signature_bitsLeftOver_areDropped() {
    // 512 bits leave four of the last character over, so sixteen characters say the same.
    String alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    int last = alphabet.indexOf(signature.charAt(85));
    for (int left = 0; left < 16; left++) {
      String spelled = token.substring(0, token.length() - 1) + alphabet.charAt(last | left);
      assertU1(TokenRequests.bearer(spelled));
      assertU1(TokenRequests.cookies("access_token=" + spelled));
    }
    assertThat(resolver.signatureChecks()).isEqualTo(1);
  }

  /** As decoders of MIME and of several libraries read it. */
  @Test
  void signature_ofTheOtherAlphabetAndWithNoise_isRead() {
    String standard = signature.replace('-', '+').replace('_', '/');
    assertU1(TokenRequests.bearer(input + standard));
    assertThat(Base64.getMimeDecoder().decode(standard + "=="))
        .isEqualTo(Base64.getUrlDecoder().decode(signature));
    for (int i = 0; i < 2000; i++) {
      StringBuilder noisy = new StringBuilder(random.nextBoolean() ? standard : signature);
      for (int left = 1 + random.nextInt(5); left > 0; left--) {
        String noise = "!\"#$%&'()*,:;<=>?@[\\]^`{|}~ \t\r\n\u00e9\u20ac";
        noisy.insert(
            random.nextInt(noisy.length() + 1), noise.charAt(random.nextInt(noise.length())));
      }
      assertU1(TokenRequests.bearer(input + noisy));
    }
    assertThat(resolver.signatureChecks()).isEqualTo(1);
  }

  @Test
  void line_tokensOfSeveralLengths_areEachFoundOnceInOrder() {
    String hs = "e30.e30." + "A".repeat(43);
    String es = "e30.e30." + "B".repeat(85) + "A";
    TokenScan scan = new TokenScan(ES256_AND_HS256);
    scan.line("x " + es + " y.z " + hs + ", " + es + " e30.e30." + "C".repeat(44), 0);

    assertThat(scan.tokens()).containsExactly(es, hs);
    assertThat(scan.unlike()).isEqualTo("e30.e30." + "C".repeat(44));
  }

  @Test
  void line_textOfALongHeader_isNoToken() {
    TokenScan scan = new TokenScan(ES256_AND_HS256);
    String longest = "e30." + "A".repeat(TokenForm.MAX_LENGTH - 5) + ".";
    scan.line(longest + "A".repeat(43), 0);
    assertThat(scan.tokens()).hasSize(1);
    scan = new TokenScan(ES256_AND_HS256);
    scan.line("A" + longest + "A".repeat(43), 0);
    assertThat(scan.tokens()).isEmpty();
  }

  /** What may stand anywhere in a line, and does in all orders. */
  @Test
  void resolve_tokenAmongPieces_isFound() {
    List<String> pieces =
        List.of(
            "Bearer ",
            "bearer",
            "x",
            "x.y",
            "x.y.z",
            " ",
            ",",
            ";",
            "\"",
            "=",
            "$Version=1",
            "\t",
            "a=b");
    for (int i = 0; i < 5000; i++) {
      String before = "Bearer " + pieces(pieces) + " ";
      String after = " " + pieces(pieces);
      assertU1(TokenRequests.authorization(before + token + after));
      RequestView both =
          TokenRequests.cookies("a=b", before + "; access_token=" + token + ";" + after);
      assertU1(both);
    }
    assertThat(resolver.signatureChecks()).isEqualTo(1);
  }

  private String pieces(List<String> pieces) {
    return IntStream.range(0, random.nextInt(6))
        .mapToObj(i -> pieces.get(random.nextInt(pieces.size())))
        .collect(Collectors.joining());
  }

  private void assertU1(RequestView request) {
    assertThat(resolver.resolve(request))
        .as(
            "%s",
            Map.of(
                "Authorization",
                request.headerLines("Authorization"),
                "Cookie",
                request.headerLines("Cookie")))
        .contains(Identity.user("acme", "u1"));
  }
}
