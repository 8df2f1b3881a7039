package dev.penstock.jwt;

import io.jsonwebtoken.io.AbstractDeserializer;
import java.io.IOException;
import java.io.Reader;
import java.util.Map;

/** Reads the JSON of tokens for jjwt as an application does that leaves it to its defaults. */
final class PlainJson extends AbstractDeserializer<Map<String, ?>> {

  @Override
  protected Map<String, ?> doDeserialize(Reader text) throws IOException {
    return StrictJson.object(text);
  }
}
