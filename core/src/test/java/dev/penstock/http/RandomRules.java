package dev.penstock.http;

import dev.penstock.Cost;
import dev.penstock.Limit;
import dev.penstock.LimitPolicy;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Rules and requests of few words, so that many rules are for one request. */
final class RandomRules {

  private static final String[] WORDS = {
    "a", "aa", "ab", "b", "ba", "agents", "Agents", "gents", "runs", "r\u00fcns", "run\u017f", "x"
  };
  private static final String[] METHODS = {"", "", "GET", "HEAD", "POST", "POST", "M-SEARCH"};
  private static final String[] REQUEST_METHODS = {
    "GET", "HEAD", "POST", "get", "Head", "pOST", "M-SEARCH", "m-\u017fearch", "PUT", ""
  };
  private static final String[] SEPARATORS = {
    "/", "/", "/", "/", "/", "/", "/", "//", ";/", "/./", "%2f", "/%2e%2e/", "\\", "%5c", "%", "%ff"
  };

  private final Random random;
  private final List<LimitPolicy> policies;

  RandomRules(long seed) {
    random = new Random(seed);
    policies =
        IntStream.range(0, 1 + random.nextInt(120))
            .mapToObj(i -> LimitPolicy.perIdentity("p" + i, Limit.perMinute(1 + i)))
            .toList();
  }

  boolean chance() {
    return random.nextBoolean();
  }

  /** Returns rules, of which one in five is an exemption. */
  List<Rule> rules(int most) {
    List<Rule> rules = new ArrayList<>();
    for (int left = 1 + random.nextInt(most); left > 0; left--) {
      RequestPattern pattern = RequestPattern.parse(pattern(4));
      rules.add(random.nextInt(5) == 0 ? new Rule.Exempt(pattern) : limited(pattern));
    }
    return rules;
  }

  private Rule.Limited limited(RequestPattern pattern) {
    PolicyChoice choice =
        pattern.variables().size() == 1 && chance()
            ? new PolicyChoice(
                pattern.onlyVariable(), Map.of("a", policy(), "AB", policy()), policy())
            : PolicyChoice.only(policy());
    RequestCost cost =
        switch (random.nextInt(4)) {
          case 0 -> RequestCost.ONE_REQUEST;
          case 1 -> RequestCost.by(request -> Cost.of(request.method().length() + 1), Cost.of(1));
          default -> RequestCost.of(Cost.of(1 + random.nextInt(2)));
        };
    return new Rule.Limited(pattern, choice, cost);
  }

  private LimitPolicy policy() {
    return policies.get(random.nextInt(policies.size()));
  }

  /** Returns a pattern of so many segments at most. */
  String pattern(int most) {
    String method = one(METHODS);
    String path =
        IntStream.range(0, random.nextInt(most + 1))
            .mapToObj(i -> "/" + segment(i))
            .collect(Collectors.joining());
    String end = random.nextInt(3) == 0 ? "/**" : path.isEmpty() ? "/" : "";
    return (method.isEmpty() ? "" : method + " ") + path + end;
  }

  private String segment(int index) {
    return switch (random.nextInt(4)) {
      case 0 -> "*";
      case 1 -> "{v" + index + "}";
      default -> one(WORDS);
    };
  }

  FakeRequest request() {
    boolean isPlain = chance();
    String target =
        IntStream.range(0, random.nextInt(6))
            .mapToObj(i -> (isPlain ? "/" : one(SEPARATORS)) + one(WORDS))
            .map(text -> isPlain ? text.replace("\u00fc", "%C3%BC").replace("\u017f", "s") : text)
            .collect(Collectors.joining());
    return new FakeRequest(
        one(REQUEST_METHODS), target.isEmpty() ? "/" : target, Map.of(), FakeRequest.PEER);
  }

  private String one(String[] texts) {
    return texts[random.nextInt(texts.length)];
  }
}
