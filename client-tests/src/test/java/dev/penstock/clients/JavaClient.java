package dev.penstock.clients;

import com.anthropic.client.AnthropicClient;
import com.anthropic.client.AnthropicClientAsync;
import com.openai.client.OpenAIClient;
import com.openai.client.OpenAIClientAsync;
import dev.langchain4j.model.openai.OpenAiChatModel;
import dev.langchain4j.model.openai.OpenAiStreamingChatModel;
import java.net.http.HttpClient;
import java.security.CodeSource;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import okhttp3.OkHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.springframework.web.client.RestClient;

/** The clients that are tried, by their names on the page. */
@SuppressWarnings("ImmutableEnumChecker") // the calls have no state
enum JavaClient {
  OPENAI_JAVA("openai-java", OpenAIClient.class, true, OpenAiJava::ask),

  OPENAI_JAVA_ASYNC(
      "openai-java, asynchronous", OpenAIClientAsync.class, true, OpenAiJava::askAsynchronously),

  ANTHROPIC_JAVA("anthropic-java", AnthropicClient.class, true, AnthropicJava::ask),

  ANTHROPIC_JAVA_ASYNC(
      "anthropic-java, asynchronous",
      AnthropicClientAsync.class,
      true,
      AnthropicJava::askAsynchronously),

  LANGCHAIN4J("LangChain4j", OpenAiChatModel.class, false, LangChain4j::ask),

  LANGCHAIN4J_STREAMING(
      "LangChain4j, streaming", OpenAiStreamingChatModel.class, false, LangChain4j::askForAStream),

  APACHE_HTTPCLIENT("Apache HttpClient", HttpClients.class, true, ApacheHttpClient::ask),

  APACHE_HTTPCLIENT_RESPONSE_TIMEOUT(
      "Apache HttpClient, response timeout 10 s",
      HttpClients.class,
      true,
      ApacheHttpClient::askWithResponseTimeout),

  APACHE_HTTPCLIENT_NO_RETRIES(
      "Apache HttpClient, no automatic retries",
      HttpClients.class,
      true,
      ApacheHttpClient::askWithoutRetries),

  SPRING_REST_CLIENT("Spring's `RestClient`", RestClient.class, false, SpringRestClient::ask),

  SPRING_REST_CLIENT_TOLD(
      "Spring's `RestClient` on Apache HttpClient",
      RestClient.class,
      true,
      SpringRestClient::askOnApacheHttpClient),

  OKHTTP("OkHttp", OkHttpClient.class, false, OkHttp::ask),

  JDK("java.net.http", HttpClient.class, false, JdkHttpClient::ask);

  private static final Pattern JAR = Pattern.compile(".*-(\\d[\\w.]*)\\.jar");

  private final String text;
  private final Class<?> type;
  private final boolean letsOthersWait;
  private final Call call;

  /** Calls a server once, and returns what the caller then has. */
  private interface Call {
    String ask(GuardedServer server, ServerClock clock) throws Exception;
  }

  /**
   * Names a client.
   *
   * @param type a class of it, whose jar bears the version
   * @param letsOthersWait whether its waits move the server's clock, and take no time
   */
  JavaClient(String text, Class<?> type, boolean letsOthersWait, Call call) {
    this.text = text;
    this.type = type;
    this.letsOthersWait = letsOthersWait;
    this.call = call;
  }

  static JavaClient of(String text) {
    return Arrays.stream(values())
        .filter(client -> client.text.equals(text))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("text must be that of one: " + text));
  }

  /** {@return the version of the jar; empty of what is a part of the JDK} */
  String version() {
    CodeSource source = type.getProtectionDomain().getCodeSource();
    if (source == null || source.getLocation().getProtocol().equals("jrt")) {
      return "";
    }
    Matcher jar = JAR.matcher(source.getLocation().getPath());
    if (!jar.matches()) {
      throw new IllegalStateException("location must be a jar's: " + source.getLocation());
    }
    return jar.group(1);
  }

  ServerClock clock() {
    return letsOthersWait ? ServerClock.told() : ServerClock.real();
  }

  /** {@return what a caller has in hand in the end} */
  String ask(GuardedServer server, ServerClock clock) {
    try {
      return call.ask(server, clock);
    } catch (Exception e) {
      return Seen.exception(e);
    }
  }

  @Override
  public String toString() {
    return text;
  }
}
