package dev.penstock.admin;

import static dev.penstock.base.JsonStrings.string;

import java.util.Locale;

/** Writes JSON as it is said, member by member. Not thread-safe. */
final class JsonWriter {

  private final StringBuilder json = new StringBuilder();

  /** Whether something stands before what comes next. */
  private boolean isBehind;

  /** Begins an object, as an item or the whole. */
  JsonWriter begin() {
    return open('{');
  }

  /** Begins an object under a name. */
  JsonWriter begin(String name) {
    return named(name).open('{');
  }

  JsonWriter end() {
    return close('}');
  }

  JsonWriter beginList(String name) {
    return named(name).open('[');
  }

  JsonWriter endList() {
    return close(']');
  }

  JsonWriter member(String name, String text) {
    named(name);
    string(json, text);
    return written();
  }

  JsonWriter member(String name, long number) {
    named(name);
    json.append(number);
    return written();
  }

  JsonWriter member(String name, boolean truth) {
    named(name);
    json.append(truth);
    return written();
  }

  /** Writes the constant in lower case. */
  JsonWriter member(String name, Enum<?> constant) {
    return member(name, constant.name().toLowerCase(Locale.ROOT));
  }

  JsonWriter item(String text) {
    separate();
    string(json, text);
    return written();
  }

  private JsonWriter named(String name) {
    separate();
    string(json, name).append(':');
    isBehind = false;
    return this;
  }

  private JsonWriter open(char bracket) {
    separate();
    json.append(bracket);
    isBehind = false;
    return this;
  }

  private JsonWriter close(char bracket) {
    json.append(bracket);
    return written();
  }

  private void separate() {
    if (isBehind) {
      json.append(',');
    }
  }

  private JsonWriter written() {
    isBehind = true;
    return this;
  }

  @Override
  public String toString() {
    return json.toString();
  }
}
