package dev.penstock.config;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.io.JsonEOFException;
import dev.penstock.config.Node.Kind;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Optional;

/** Reads JSON to the letter (RFC 8259). */
final class JsonTree {

  /** The tree says what is too long, and where: the parser would end at it without a place. */
  private static final JsonFactory FACTORY =
      JsonFactory.builder()
          .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNameLength(PolicyText.MOST_BYTES)
                  .maxNumberLength(PolicyText.MOST_BYTES)
                  .build())
          .build();

  private final Faults faults;
  private final Tree tree;
  private final String text;

  private JsonTree(String text, Faults faults) {
    this.text = text;
    this.faults = faults;
    this.tree = new Tree(faults);
  }

  /**
   * Reads a text.
   *
   * @return the tree; empty where it is none
   */
  static Optional<Node> read(String text, Faults faults) {
    return new JsonTree(text, faults).read();
  }

  private Optional<Node> read() {
    try (JsonParser parser = FACTORY.createParser(text)) {
      JsonToken token = parser.nextToken();
      while (token != null && tree.whole().isEmpty()) {
        JsonLocation place = parser.currentTokenLocation();
        take(token, parser, place.getLineNr(), place.getColumnNr());
        token = parser.nextToken();
      }
      if (token != null) {
        JsonLocation place = parser.currentTokenLocation();
        faults.add(
            Where.whole(place.getLineNr(), place.getColumnNr()),
            "must be nothing behind the end of the JSON");
      }
      return tree.whole();
    } catch (Tree.Stopped e) {
      return Optional.empty();
    } catch (JsonProcessingException e) {
      refuse(e);
      return Optional.empty();
    } catch (IOException e) { // reading a text fails in no other way
      throw new UncheckedIOException(e);
    }
  }

  /** What Jackson says of it may quote the file, and so a secret. */
  private void refuse(JsonProcessingException e) {
    JsonLocation at = e.getLocation();
    int end = text.stripTrailing().length();
    int index = at == null || e instanceof JsonEOFException ? end : (int) at.getCharOffset();
    if (index < 0 || index >= end) {
      faults.add(PolicyText.place(text, end), "must go on: the JSON is cut off");
      return;
    }
    char c = text.charAt(index);
    faults.add(
        PolicyText.place(text, index),
        "must be JSON: "
            + Shown.quoted(String.valueOf(c))
            + " is not expected here"
            + hint(c, index));
  }

  private String hint(char c, int index) {
    if (c == '#' || c == '/') {
      return ", as JSON has no comments";
    }
    boolean followsZero = index > 0 && text.charAt(index - 1) == '0';
    return followsZero && c >= '0' && c <= '9' ? ", as no number begins with 0" : "";
  }

  private void take(JsonToken token, JsonParser parser, int line, int column) throws IOException {
    switch (token) {
      case START_OBJECT -> tree.begin(true, line, column);
      case START_ARRAY -> tree.begin(false, line, column);
      case END_OBJECT, END_ARRAY -> tree.end();
      case FIELD_NAME -> tree.name(parser.currentName(), line, column);
      case VALUE_STRING -> tree.scalar(Kind.TEXT, parser.getText(), line, column);
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT ->
          tree.scalar(Kind.NUMBER, parser.getText(), line, column);
      case VALUE_TRUE, VALUE_FALSE -> tree.scalar(Kind.BOOLEAN, parser.getText(), line, column);
      default -> tree.scalar(Kind.NOTHING, "", line, column);
    }
  }
}
