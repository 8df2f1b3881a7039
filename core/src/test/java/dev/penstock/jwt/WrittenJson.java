package dev.penstock.jwt;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.jsonwebtoken.io.AbstractSerializer;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Map;

/** Writes the JSON of tokens for jjwt as an issuer does. */
final class WrittenJson extends AbstractSerializer<Map<String, ?>> {

  private static final ObjectMapper MAPPER = new ObjectMapper();

  @Override
  protected void doSerialize(Map<String, ?> members, OutputStream out) throws IOException {
    out.write(MAPPER.writeValueAsBytes(members));
  }
}
