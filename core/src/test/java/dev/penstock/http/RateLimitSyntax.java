package dev.penstock.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.http.StructuredFields.Member;
import java.util.List;
import java.util.Set;

/** What the text of our fields must be in every response, whatever it says. */
public final class RateLimitSyntax {

  private RateLimitSyntax() {}

  public static void check(RawHttpClient.Response response) {
    check(response.values("RateLimit-Policy"), "q", Set.of("q", "qu", "w"));
    check(response.values("RateLimit"), "r", Set.of("r", "t"));
    assertThat(response.values("RateLimit")).hasSameSizeAs(response.values("RateLimit-Policy"));
    assertThat(response.values("Retry-After")).hasSizeLessThan(2).allMatch(RateLimitSyntax::delay);
  }

  private static boolean delay(String text) {
    return text.matches("[1-9][0-9]{0,14}");
  }

  private static void isCount(Long number) {
    assertThat(number).isNotNegative();
  }

  private static void check(List<String> lines, String required, Set<String> allowed) {
    List<Member> members = StructuredFields.list(lines);
    assertThat(members.isEmpty()).as("an empty list in %s", lines).isEqualTo(lines.isEmpty());
    for (Member member : members) {
      assertThat(member.value()).isInstanceOf(String.class);
      assertThat(member.parameters()).containsKey(required);
      assertThat(allowed).containsAll(member.parameters().keySet());
      assertThat(member.parameters())
          .allSatisfy(
              (name, value) -> {
                if (name.equals("qu")) {
                  assertThat(value).isInstanceOf(String.class).isNotEqualTo("requests");
                } else {
                  assertThat(value).isInstanceOfSatisfying(Long.class, RateLimitSyntax::isCount);
                }
              });
      assertThat(member.parameters().get("w")).isNotEqualTo(0L);
    }
  }
}
