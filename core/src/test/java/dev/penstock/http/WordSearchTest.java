package dev.penstock.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class WordSearchTest {

  private static final long SEED = Long.getLong("penstock.fuzz.seed", 20260101);

  @Test
  void in_randomTexts_findsWhatIndexOfFinds() {
    Random random = new Random(SEED);
    for (int i = 0; i < 2_000; i++) {
      List<String> words =
          IntStream.range(0, random.nextInt(8))
              .mapToObj(j -> text(random, 1 + random.nextInt(4)))
              .distinct()
              .toList();
      String text = text(random, random.nextInt(30));
      WordPlaces places = new WordSearch(words).in(text, 1_000).orElseThrow();
      for (int start = 0; start <= text.length(); start++) {
        for (int word = 0; word < words.size(); word++) {
          int at = text.indexOf(words.get(word), start);
          assertThat(places.end(word, start))
              .as("%s in %s from %d", words.get(word), text, start)
              .isEqualTo(at < 0 ? WordPlaces.NONE : at + words.get(word).length());
        }
      }
      assertThat(places.words()).hasSize((int) words.stream().filter(text::contains).count());
    }
  }

  @Test
  void in_morePlacesThanWanted_isGivenUp() {
    WordSearch search = new WordSearch(List.of("a", "aa"));
    assertThat(search.in("aaa", 5)).map(WordPlaces::size).isEqualTo(Optional.of(5));
    assertThat(search.in("aaa", 4)).isEmpty();
  }

  private static String text(Random random, int length) {
    return random
        .ints(length, 'a', 'c')
        .mapToObj(Character::toString)
        .collect(Collectors.joining());
  }
}
