package dev.penstock.http;

/** What a problem has as its member {@code error}, by which some clients know a rejection. */
enum ErrorMember {
  /** Nothing. */
  NONE,

  /** Of what a bucket denied: a sentence, as SlowAPI writes it. */
  SLOW_API,

  /**
   * An object of {@code message}, {@code type} and {@code code}, as OpenAI's clients show it to
   * their users and Anthropic's do; the types are Anthropic's.
   */
  OBJECT
}
