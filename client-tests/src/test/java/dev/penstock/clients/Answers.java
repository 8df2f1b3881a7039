package dev.penstock.clients;

/** What a service says to a request that is let through. */
final class Answers {

  static final String OPENAI_PATH = "/v1/chat/completions";
  static final String ANTHROPIC_PATH = "/v1/messages";

  private Answers() {}

  static String type(String path) {
    return path.equals(OPENAI_PATH) || path.equals(ANTHROPIC_PATH)
        ? "application/json"
        : "text/plain; charset=utf-8";
  }

  static String of(String path, String answer) {
    return switch (path) {
      case OPENAI_PATH -> completion(answer);
      case ANTHROPIC_PATH -> message(answer);
      default -> answer;
    };
  }

  private static String completion(String answer) {
    return """
        {"id":"c1","object":"chat.completion","created":1,"model":"some-model","choices":[
        {"index":0,"finish_reason":"stop","message":{"role":"assistant","content":"%s"}}],
        "usage":{"prompt_tokens":1,"completion_tokens":1,"total_tokens":2}}"""
        .formatted(answer);
  }

  private static String message(String answer) {
    return """
        {"id":"m1","type":"message","role":"assistant","model":"some-model",
        "content":[{"type":"text","text":"%s"}],"stop_reason":"end_turn","stop_sequence":null,
        "usage":{"input_tokens":1,"output_tokens":1}}"""
        .formatted(answer);
  }
}
