package dev.penstock.admin;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.Identity;
import org.junit.jupiter.api.Test;

class JsonWriterTest {

  @Test
  void members_ofEveryKind_standInTheirOrder() {
    JsonWriter json =
        new JsonWriter()
            .begin()
            .member("text", "a")
            .member("number", -1)
            .member("truth", true)
            .member("kind", Identity.Kind.USER)
            .begin("object")
            .end()
            .beginList("list")
            .item("a")
            .item("b")
            .begin()
            .member("c", 1)
            .end()
            .endList()
            .member("last", false)
            .end();
    assertThat(json)
        .hasToString(
            "{\"text\":\"a\",\"number\":-1,\"truth\":true,\"kind\":\"user\",\"object\":{},"
                + "\"list\":[\"a\",\"b\",{\"c\":1}],\"last\":false}");
  }

  @Test
  void texts_withWhatEndsThem_areEscaped() {
    assertThat(new JsonWriter().begin().member("a\"b", "\\ \n \u0001 </script>").end())
        .hasToString("{\"a\\\"b\":\"\\\\ \\u000a \\u0001 \\u003c/script>\"}");
  }
}
