package dev.penstock.jwt;

import dev.penstock.http.FakeRequest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;

/** Requests made of good ones: parts of them mutated, replaced by noise, or repeated at length. */
final class RequestFuzzer {

  private static final int MAX_LENGTH = 1 << 14;

  /** What means something in a path, a list, a quoted string, an address or a token. */
  private static final String SPECIAL =
      "/%.;,:=?&#\"\\[]{}()<>@*+-_~ \t\r\n\0\u0001\u007f\u0085\u00e9\u2028\ud800\udc00\uffff09azAZ";

  private static final List<String> METHODS = List.of("POST", "GET", "OPTIONS", "HEAD", "post", "");

  private final Random random;
  private final List<String> targets;
  private final Map<String, List<String>> fields;
  private final List<String> peers;

  /** Takes good values of each part. */
  RequestFuzzer(
      long seed, List<String> targets, Map<String, List<String>> fields, List<String> peers) {
    this.random = new Random(seed);
    this.targets = targets;
    this.fields = fields;
    this.peers = peers;
  }

  FakeRequest next() {
    Map<String, List<String>> lines = new HashMap<>();
    for (Map.Entry<String, List<String>> field : fields.entrySet()) {
      lines.put(field.getKey(), lines(field.getValue()));
    }
    return new FakeRequest(
        METHODS.get(random.nextInt(METHODS.size())), text(targets), lines, text(peers));
  }

  private List<String> lines(List<String> seeds) {
    List<String> lines = new ArrayList<>();
    for (int left = random.nextInt(4); left > 1; left--) {
      lines.add(text(seeds));
    }
    if (random.nextBoolean()) {
      lines.add(text(seeds));
    }
    return lines;
  }

  /** Half are good, so that one part's noise meets the others' sense. */
  private String text(List<String> seeds) {
    String seed = seeds.get(random.nextInt(seeds.size()));
    return switch (random.nextInt(8)) {
      case 0, 1, 2, 3 -> seed;
      case 4 -> noise();
      default -> mutated(seed, seeds);
    };
  }

  private String mutated(String seed, List<String> seeds) {
    StringBuilder text = new StringBuilder(seed);
    for (int left = 1 + random.nextInt(6); left > 0; left--) {
      int from = random.nextInt(text.length() + 1);
      int to = from + random.nextInt(Math.min(16, text.length() - from) + 1);
      switch (random.nextInt(6)) {
        case 0 -> text.delete(from, to);
        case 1 -> text.insert(from, special());
        case 2 -> text.replace(from, to, special());
        case 3 -> text.insert(from, text.substring(from, to).repeat(1 << random.nextInt(9)));
        case 4 -> text.insert(from, seeds.get(random.nextInt(seeds.size())));
        default -> text.insert(from, "%%%02X".formatted(random.nextInt(256)));
      }
      text.setLength(Math.min(text.length(), MAX_LENGTH));
    }
    return text.toString();
  }

  private String special() {
    return String.valueOf(SPECIAL.charAt(random.nextInt(SPECIAL.length())));
  }

  private String noise() {
    boolean wide = random.nextInt(4) == 0;
    return IntStream.range(0, random.nextInt(1 << random.nextInt(11)))
        .mapToObj(i -> wide ? String.valueOf((char) random.nextInt(1 << 16)) : special())
        .reduce(new StringBuilder(), StringBuilder::append, StringBuilder::append)
        .toString();
  }
}
