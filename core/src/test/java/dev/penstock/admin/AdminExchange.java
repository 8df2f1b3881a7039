package dev.penstock.admin;

import dev.penstock.http.FakeRequest;
import dev.penstock.http.HeaderField;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Asks an admin, with the token or otherwise, and shows what it answers. */
record AdminExchange(int status, List<HeaderField> fields, String content) {

  static final String TOKEN = "0123456789abcdef0123456789abcdef";
  static final String AUTHORIZED = "Authorization: Bearer " + TOKEN;
  static final String OF_JSON = "Content-Type: application/json";

  /** Asks for what is only looked at. */
  static AdminExchange get(Admin admin, String name) {
    return of(admin, "GET /" + name, "", AUTHORIZED);
  }

  /** Asks for something to be done. */
  static AdminExchange post(Admin admin, String name, String content) {
    return of(admin, "POST /" + name, content, AUTHORIZED, OF_JSON);
  }

  /** Sends these lines and no others. */
  static AdminExchange of(Admin admin, String requestLine, String content, String... lines) {
    return from(FakeRequest.PEER, admin, requestLine, content, lines);
  }

  static AdminExchange from(
      String peer, Admin admin, String requestLine, String content, String... lines) {
    Map<String, List<String>> fields = new HashMap<>();
    for (String line : lines) {
      String[] parts = line.split(": ", 2);
      fields.computeIfAbsent(parts[0], any -> new ArrayList<>()).add(parts[1]);
    }
    String[] parts = requestLine.split(" ", 2);
    try {
      AdminAnswer answer =
          admin.answer(
              new FakeRequest(parts[0], parts[1], fields, peer),
              new ByteArrayInputStream(content.getBytes(StandardCharsets.UTF_8)));
      return new AdminExchange(
          answer.status(), answer.fields(), new String(answer.content(), StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  String field(String name) {
    return fields.stream()
        .filter(field -> field.name().equals(name))
        .map(HeaderField::value)
        .reduce((first, second) -> first + " and " + second)
        .orElse("none");
  }

  /** {@return what a refusal says} */
  String detail() {
    return content.replaceAll(".*\"detail\":\"(.*)\"}", "$1").replace("\\\"", "\"");
  }
}
