package dev.penstock.jwt;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.core.util.JsonParserDelegate;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.Reader;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * JSON read in one way only: one object, no name twice at any depth, nothing behind it. RFC 7519,
 * section 4 lets a reader take the last of two equal names; two readers may then disagree about who
 * a token names.
 */
final class StrictJson {

  // The sender of a forged token chooses its names: they must not enter the JVM's table of strings.
  private static final ObjectReader READER =
      JsonMapper.builder(
              JsonFactory.builder()
                  .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                  .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
                  .build())
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build()
          .readerFor(new TypeReference<Map<String, Object>>() {});

  private StrictJson() {}

  /**
   * Reads one object.
   *
   * @param text what holds the object and nothing else
   * @return its members: maps, lists, strings, numbers, booleans and nulls
   * @throws JsonProcessingException if the text is anything else; the message may quote the text
   * @throws IOException if the reader fails
   */
  static Map<String, ?> object(Reader text) throws IOException {
    try (JsonParser parser = new ExactIntegers(READER.createParser(text))) {
      @Nullable Map<String, ?> members = READER.readValue(parser);
      return members == null ? Map.of() : members;
    }
  }

  /** {@return whether the number at which a parser stands is written as one of the integers} */
  static boolean isInteger(JsonParser parser) throws IOException {
    return parser.currentToken() == JsonToken.VALUE_NUMBER_INT && !parser.getText().equals("-0");
  }

  /** Keeps {@code -0} from becoming the integer 0, which is written otherwise. */
  private static final class ExactIntegers extends JsonParserDelegate {

    ExactIntegers(JsonParser parser) {
      super(parser);
    }

    @Override
    public Number getNumberValue() throws IOException {
      return currentToken() == JsonToken.VALUE_NUMBER_FLOAT || isInteger(delegate)
          ? super.getNumberValue()
          : Double.valueOf(-0.0);
    }
  }

  /** {@return line and column of an error, and nothing of the text} */
  static String place(JsonProcessingException error) {
    JsonLocation location = error.getLocation();
    return location == null
        ? "end of text"
        : "line " + location.getLineNr() + ", column " + location.getColumnNr();
  }
}
