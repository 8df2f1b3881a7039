package dev.penstock.http;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The rules of a gate, tried one after the other: what {@link Rules} is held against. */
record RulesByList(List<Rule> inOrder, boolean ignoringCase) {

  List<Rule.Charge> charges(RequestView request) {
    RequestPath path = RequestPath.of(request.target(), ignoringCase);
    return path instanceof PlainPath plain
        ? chargesOfFirst(request, plain)
        : chargesOfAll(request, (OddPath) path);
  }

  private List<Rule.Charge> chargesOfFirst(RequestView request, PlainPath path) {
    for (Rule rule : inOrder) {
      boolean isForMethod =
          rule instanceof Rule.Limited
              ? isForAnyCase(rule.pattern(), request.method())
              : isFor(rule.pattern(), request.method());
      if (isForMethod && matches(rule.pattern(), path)) {
        return rule instanceof Rule.Limited limited
            ? limited.charges(request, path, ignoringCase)
            : List.of();
      }
    }
    return List.of();
  }

  private List<Rule.Charge> chargesOfAll(RequestView request, OddPath path) {
    List<Rule.Charge> charges = new ArrayList<>();
    for (Rule rule : inOrder) {
      if (rule instanceof Rule.Limited limited
          && isForAnyCase(rule.pattern(), request.method())
          && mayMatch(rule.pattern(), path)) {
        for (Rule.Charge charge : limited.charges(request)) {
          if (!charges.contains(charge)) {
            charges.add(charge);
          }
        }
      }
    }
    return charges;
  }

  static boolean isFor(RequestPattern pattern, String method) {
    return pattern.method().isEmpty()
        || pattern.method().equals(method)
        || (pattern.method().equals("GET") && method.equals("HEAD"));
  }

  private static boolean isForAnyCase(RequestPattern pattern, String method) {
    return pattern.method().isEmpty()
        || pattern.method().equalsIgnoreCase(method)
        || (pattern.method().equals("GET") && method.equalsIgnoreCase("HEAD"));
  }

  boolean matches(RequestPattern pattern, PlainPath path) {
    int size = pattern.segments().size();
    if (pattern.open() ? path.size() < size : path.size() != size) {
      return false;
    }
    for (int i = 0; i < size; i++) {
      String segment = pattern.segments().get(i);
      String there = path.segment(i);
      boolean isIt = ignoringCase ? segment.equalsIgnoreCase(there) : segment.equals(there);
      if (!isIt && !segment.equals("*")) {
        return false;
      }
    }
    return true;
  }

  private boolean mayMatch(RequestPattern pattern, OddPath path) {
    return path.isOfEveryWord()
        || path.texts().stream().anyMatch(text -> contains(text, pattern.words()));
  }

  private boolean contains(String text, List<String> words) {
    int from = 0;
    for (String each : words) {
      String word = ignoringCase ? each.toLowerCase(Locale.ROOT) : each;
      int at = text.indexOf(word, from);
      if (at < 0) {
        return false;
      }
      from = at + word.length();
    }
    return true;
  }
}
