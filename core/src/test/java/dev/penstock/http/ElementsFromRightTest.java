package dev.penstock.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.AbstractList;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ElementsFromRightTest {

  @Test
  void next_oneLine_goesFromRightToLeft() {
    assertThat(all("a,b, c\t,\t d ")).containsExactly("d", "c", "b", "a");
  }

  @Test
  void next_severalLines_startsWithTheLast() {
    assertThat(all("a, b", "c", "d, e")).containsExactly("e", "d", "c", "b", "a");
  }

  @Test
  void next_emptyElements_areLeftOut() {
    assertThat(all("", ",a,, ,b,", " ", ",")).containsExactly("b", "a");
  }

  @Test
  void next_noElements_isEmpty() {
    assertThat(all()).isEmpty();
    assertThat(all("")).isEmpty();
    assertThat(all(" , ,", "")).isEmpty();
  }

  @Test
  void next_otherWhiteSpace_isPartOfTheElement() {
    assertThat(all("\u00a0a, \nb\u0000")).containsExactly("\nb\u0000", "\u00a0a");
  }

  @Test
  void next_commaInQuotes_doesNotSplit() {
    assertThat(all("a, for=b;host=\"c,d\", \"e,f\""))
        .containsExactly("\"e,f\"", "for=b;host=\"c,d\"", "a");
  }

  @Test
  void next_escapedQuotes_doNotEndTheString() {
    assertThat(all("a, \"b\\\",c\", d")).containsExactly("d", "\"b\\\",c\"", "a");
    assertThat(all("a, \"b,\\\\\\\",c\\\\\", d")).containsExactly("d", "\"b,\\\\\\\",c\\\\\"", "a");
    assertThat(all("a, \"\\\"\", \"\\\\\"")).containsExactly("\"\\\\\"", "\"\\\"\"", "a");
  }

  @Test
  void next_strayQuoteFurtherLeft_leavesTheRightSideAlone() {
    assertThat(all("\"a, b, \"c,d\", e")).containsExactly("e", "\"c,d\"", "b");
    assertThat(all("a\\\", b, c")).containsExactly("c", "b");
    assertThat(all("a=\"b\\, c=\"d\"")).containsExactly("c=\"d\"");
  }

  @Test
  void next_strayQuoteInAnotherLine_leavesThisLineAlone() {
    assertThat(all("a, \"b", "c\", d", "e")).containsExactly("e", "d");
  }

  @Test
  void next_listOfTheGreatestLength_isReadToItsEnd() {
    String first = "a".repeat(ElementsFromRight.MAX_LENGTH - 2);

    assertThat(all(first + ",b")).containsExactly("b", first);
    assertThat(all(first, "b")).containsExactly("b", first);
  }

  @Test
  void next_elementBeyondTheGreatestLength_isNotReadAndNotCut() {
    String first = "a".repeat(ElementsFromRight.MAX_LENGTH - 1);

    assertThat(all(first + ",b")).containsExactly("b");
    assertThat(all(first, "b")).containsExactly("b");
    assertThat(all("a," + "b".repeat(ElementsFromRight.MAX_LENGTH))).isEmpty();
    assertThat(all("\"" + first + "\",b")).containsExactly("b");
    assertThat(all("a" + ",".repeat(ElementsFromRight.MAX_LENGTH) + "b")).containsExactly("b");
    assertThat(all("a" + " ".repeat(ElementsFromRight.MAX_LENGTH) + ",b")).containsExactly("b");
  }

  @Test
  void next_manyEmptyLines_areNotAllRead() {
    CountedLines lines = new CountedLines(1_000_000, "");

    assertThat(all(lines)).isEmpty();
    assertThat(lines.read).isLessThanOrEqualTo(ElementsFromRight.MAX_LENGTH + 1);
  }

  @Test
  void next_oneElement_readsTheLastLineAlone() {
    CountedLines lines = new CountedLines(10, "a");

    assertThat(new ElementsFromRight(lines).next()).contains("a");
    assertThat(lines.read).isOne();
  }

  private static List<String> all(String... lines) {
    return all(List.of(lines));
  }

  private static List<String> all(List<String> lines) {
    ElementsFromRight elements = new ElementsFromRight(lines);
    List<String> all = new ArrayList<>();
    for (Optional<String> next = elements.next(); next.isPresent(); next = elements.next()) {
      all.add(next.get());
    }
    return all;
  }

  /** Empty lines and a last one, which count how often one is read. */
  private static final class CountedLines extends AbstractList<String> {
    private final int size;
    private final String last;
    private int read;

    CountedLines(int size, String last) {
      this.size = size;
      this.last = last;
    }

    @Override
    public String get(int index) {
      read++;
      return index == size - 1 ? last : "";
    }

    @Override
    public int size() {
      return size;
    }
  }
}
