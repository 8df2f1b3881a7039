package dev.penstock.http;

import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.IntPredicate;

/**
 * A strict reader of structured fields, the algorithms of RFC 9651 section 4.2 to the letter. What
 * does not conform is an {@link IllegalArgumentException}.
 */
final class StructuredFields {

  /** A value with parameters: an Item, or as a list of Items an Inner List (section 3.1.1). */
  record Member(Object value, Map<String, Object> parameters) {}

  /** A Token (section 3.3.4). */
  record Token(String text) {}

  /** A Date, in seconds since 1970 (section 3.3.7). */
  record Date(long seconds) {}

  /** A Display String (section 3.3.8). */
  record DisplayString(String text) {}

  private static final String KEY_REST = "_-.*";
  private static final String TOKEN_REST = "!#$%&'*+-.^_`|~:/";
  private static final int MAX_INTEGER_DIGITS = 15;
  private static final int MAX_WHOLE_DIGITS = 12;
  private static final int MAX_FRACTION_DIGITS = 3;

  private final String input;
  private int at;

  private StructuredFields(String input) {
    this.input = input;
  }

  /** Reads the lines of a List field (section 4.2.1). */
  static List<Member> list(List<String> lines) {
    return whole(lines, StructuredFields::list);
  }

  /** Reads the lines of a Dictionary field (section 4.2.2). */
  static Map<String, Member> dictionary(List<String> lines) {
    return whole(lines, StructuredFields::dictionary);
  }

  /** Reads the lines of an Item field (section 4.2.3). */
  static Member item(List<String> lines) {
    return whole(lines, StructuredFields::item);
  }

  private static <T> T whole(List<String> lines, Function<StructuredFields, T> type) {
    StructuredFields reader = new StructuredFields(String.join(", ", lines));
    reader.skip(" ");
    T value = type.apply(reader);
    reader.skip(" ");
    if (!reader.atEnd()) {
      throw reader.wrong("the end");
    }
    return value;
  }

  private List<Member> list() {
    List<Member> members = new ArrayList<>();
    while (!atEnd()) {
      members.add(itemOrInnerList());
      toNextMember();
    }
    return members;
  }

  private Map<String, Member> dictionary() {
    Map<String, Member> members = new LinkedHashMap<>();
    while (!atEnd()) {
      String key = key();
      members.put(key, takes('=') ? itemOrInnerList() : new Member(true, parameters()));
      toNextMember();
    }
    return members;
  }

  private void toNextMember() {
    skip(" \t");
    if (!atEnd()) {
      expect(',');
      skip(" \t");
      if (atEnd()) {
        throw wrong("a member");
      }
    }
  }

  private Member itemOrInnerList() {
    return peek() == '(' ? innerList() : item();
  }

  private Member innerList() {
    expect('(');
    List<Member> items = new ArrayList<>();
    while (true) {
      skip(" ");
      if (takes(')')) {
        return new Member(items, parameters());
      }
      items.add(item());
      if (peek() != ' ' && peek() != ')') {
        throw wrong("a space or )");
      }
    }
  }

  private Member item() {
    return new Member(bareItem(), parameters());
  }

  private Map<String, Object> parameters() {
    Map<String, Object> parameters = new LinkedHashMap<>();
    while (takes(';')) {
      skip(" ");
      String key = key();
      parameters.put(key, takes('=') ? bareItem() : true);
    }
    return parameters;
  }

  private String key() {
    int start = at;
    if (!isLower(peek()) && peek() != '*') {
      throw wrong("a key");
    }
    skipWhile(c -> isLower(c) || isDigit(c) || KEY_REST.indexOf(c) >= 0);
    return input.substring(start, at);
  }

  private Object bareItem() {
    int c = peek();
    if (c == '-' || isDigit(c)) {
      return number();
    }
    if (isAlpha(c) || c == '*') {
      return token();
    }
    return switch (c) {
      case '"' -> string();
      case ':' -> bytes();
      case '?' -> bool();
      case '@' -> date();
      case '%' -> displayString();
      default -> throw wrong("an item");
    };
  }

  /** Section 4.2.4. */
  private Object number() {
    int start = at;
    takes('-');
    int whole = digits();
    if (peek() != '.') {
      require(whole >= 1 && whole <= MAX_INTEGER_DIGITS, "1 to 15 digits");
      return Long.parseLong(input.substring(start, at));
    }
    require(whole >= 1 && whole <= MAX_WHOLE_DIGITS, "1 to 12 digits");
    expect('.');
    int fraction = digits();
    require(fraction >= 1 && fraction <= MAX_FRACTION_DIGITS, "1 to 3 digits of a fraction");
    return new BigDecimal(input.substring(start, at));
  }

  private int digits() {
    int start = at;
    skipWhile(StructuredFields::isDigit);
    return at - start;
  }

  /** Section 4.2.5. */
  private String string() {
    expect('"');
    StringBuilder text = new StringBuilder();
    while (!takes('"')) {
      int c = next();
      if (c == '\\') {
        c = next();
        require(c == '"' || c == '\\', "\" or \\ behind a \\");
      }
      require(c >= 0x20 && c < 0x7F, "printable ASCII");
      text.append((char) c);
    }
    return text.toString();
  }

  /** Section 4.2.6. */
  private Token token() {
    int start = at;
    skipWhile(c -> isAlpha(c) || isDigit(c) || TOKEN_REST.indexOf(c) >= 0);
    return new Token(input.substring(start, at));
  }

  /** Section 4.2.7. */
  private ByteBuffer bytes() {
    expect(':');
    int start = at;
    skipWhile(c -> isAlpha(c) || isDigit(c) || "+/=".indexOf(c) >= 0);
    String base64 = input.substring(start, at);
    expect(':');
    return ByteBuffer.wrap(Base64.getDecoder().decode(base64));
  }

  /** Section 4.2.8. */
  private Boolean bool() {
    expect('?');
    int c = next();
    require(c == '0' || c == '1', "0 or 1");
    return c == '1';
  }

  /** Section 4.2.9. */
  private Date date() {
    expect('@');
    if (number() instanceof Long seconds) {
      return new Date(seconds);
    }
    throw wrong("whole seconds");
  }

  /** Section 4.2.10. */
  private DisplayString displayString() {
    expect('%');
    expect('"');
    StringBuilder latin1 = new StringBuilder();
    while (!takes('"')) {
      int c = next();
      require(c >= 0x20 && c < 0x7F, "printable ASCII");
      latin1.append((char) (c == '%' ? 16 * hexDigit() + hexDigit() : c));
    }
    byte[] utf8 = latin1.toString().getBytes(StandardCharsets.ISO_8859_1);
    try {
      return new DisplayString(
          StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(utf8)).toString());
    } catch (CharacterCodingException e) {
      throw new IllegalArgumentException("no UTF-8 in " + input, e);
    }
  }

  private int hexDigit() {
    int digit = "0123456789abcdef".indexOf(next());
    require(digit >= 0, "a lower-case hexadecimal digit");
    return digit;
  }

  private boolean atEnd() {
    return at == input.length();
  }

  /** {@return the character here, -1 at the end} */
  private int peek() {
    return atEnd() ? -1 : input.charAt(at);
  }

  private int next() {
    require(!atEnd(), "more");
    return input.charAt(at++);
  }

  private boolean takes(char c) {
    boolean there = peek() == c;
    at += there ? 1 : 0;
    return there;
  }

  private void expect(char c) {
    require(takes(c), Character.toString(c));
  }

  private void skip(String characters) {
    skipWhile(c -> characters.indexOf(c) >= 0);
  }

  private void skipWhile(IntPredicate wanted) {
    while (!atEnd() && wanted.test(peek())) {
      at++;
    }
  }

  private void require(boolean condition, String wanted) {
    if (!condition) {
      throw wrong(wanted);
    }
  }

  private IllegalArgumentException wrong(String wanted) {
    return new IllegalArgumentException(wanted + " must stand at " + at + " of: " + input);
  }

  private static boolean isLower(int c) {
    return c >= 'a' && c <= 'z';
  }

  private static boolean isAlpha(int c) {
    return isLower(c) || (c >= 'A' && c <= 'Z');
  }

  private static boolean isDigit(int c) {
    return c >= '0' && c <= '9';
  }
}
