package dev.penstock.servlet;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.http.HttpAdapterContract.LimitedServer;
import dev.penstock.http.RawHttpClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.apache.catalina.startup.ContextConfig;
import org.apache.catalina.startup.Tomcat;
import org.junit.jupiter.api.Test;

class TomcatWebXmlTest {

  private static final Path APPLICATION = Path.of("src/test/resources").toAbsolutePath();
  private static final Path WEB_XML = APPLICATION.resolve("web.xml");

  @Test
  void webXml_limitsAsItDeclares() throws IOException {
    try (LimitedServer server = declared();
        RawHttpClient client = new RawHttpClient(server.port())) {
      RawHttpClient.Response response = client.send("POST /agents/a1/runs");
      assertThat(response.status()).isEqualTo(200);
      assertThat(response.value("RateLimit")).isEqualTo("\"agent-runs\";r=9;t=54");
    }
  }

  private static LimitedServer declared() throws IOException {
    return TomcatServer.startApplication(
        context -> {
          ContextConfig config = new ContextConfig();
          config.setDefaultWebXml(new Tomcat().noDefaultWebXmlPath());
          context.addLifecycleListener(config);
          context.setDocBase(APPLICATION.toString());
          context.setAltDDName(WEB_XML.toString());
          context.addServletContainerInitializer(
              (classes, servlets) ->
                  ServletContainer.servlet(
                      servlets, (request, response) -> ServletContainer.answer(response)),
              Set.of());
        });
  }

  @Test
  void webXml_isTheReadmes() throws IOException {
    assertThat(Files.readString(Path.of("../README.md")))
        .contains("```xml\n" + filter(Files.readString(WEB_XML)) + "```");
  }

  /** Without the root element, and without its indentation. */
  private static String filter(String webXml) {
    return webXml
        .substring(webXml.indexOf("  <filter>"), webXml.indexOf("</web-app>"))
        .replaceAll("(?m)^  ", "");
  }
}
