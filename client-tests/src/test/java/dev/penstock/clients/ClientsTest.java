package dev.penstock.clients;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.clients.GuardedServer.Arrival;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Holds the table of the page for clients to what clients do. */
class ClientsTest {

  private static final Path PAGE = Path.of("../docs/clients.md");
  private static final String HEADER =
      "| client | version | is told | comes at | its caller has in the end |";

  /**
   * On a busy machine a first request takes so long, all of its code being new, that the server
   * gives up waiting for its client to take the answer, and the client tries once more.
   */
  @BeforeAll
  static void warmUp() throws IOException {
    for (JavaClient client : JavaClient.values()) {
      ServerClock clock = client.clock();
      try (GuardedServer server = GuardedServer.start(Told.NEVER.gate(clock), clock)) {
        client.ask(server, clock);
      }
    }
  }

  static List<Row> rows() throws IOException {
    return Files.readString(PAGE)
        .lines()
        .dropWhile(line -> !line.equals(HEADER))
        .skip(2)
        .takeWhile(line -> line.startsWith("|"))
        .map(Row::cells)
        .map(Row::of)
        .toList();
  }

  @ParameterizedTest
  @MethodSource("rows")
  void call_deniedAtFirst_goesOnAsThePageSays(Row row) throws Exception {
    ServerClock clock = row.client().clock();
    GuardedServer server = GuardedServer.start(row.told().gate(clock), clock);
    String seen;
    try (server) {
      seen = row.client().ask(server, clock);
    }
    List<Arrival> arrivals = server.arrivals();
    Arrival first = arrivals.get(0);
    row.told().check(first.status(), first::field);
    assertThat(arrivals).extracting(Arrival::method).containsOnly("POST");
    assertThat(row.asStated(arrivals.stream().map(Arrival::at).toList())).isEqualTo(row.requests());
    String last = arrivals.get(arrivals.size() - 1).content();
    assertThat(seen).isEqualTo(row.seen().replace(Row.PROBLEM, last));
  }

  @ParameterizedTest
  @EnumSource(names = {"OPENAI_JAVA", "ANTHROPIC_JAVA"})
  void call_repeatedByAnSdk_isNumbered(JavaClient client) throws IOException {
    ServerClock clock = client.clock();
    GuardedServer server = GuardedServer.start(Told.NEVER.gate(clock), clock);
    try (server) {
      client.ask(server, clock);
    }
    assertThat(server.arrivals())
        .extracting(arrival -> arrival.sent("X-Stainless-Retry-Count"))
        .containsExactly("0", "1", "2");
  }

  @ParameterizedTest
  @EnumSource
  void page_everyClient_isThereInItsVersion(JavaClient client) throws IOException {
    assertThat(rows())
        .filteredOn(row -> row.client() == client)
        .isNotEmpty()
        .allSatisfy(row -> assertThat(client.version()).isIn(row.version(), ""));
  }

  @ParameterizedTest
  @EnumSource
  void page_everythingToldToClients_isThere(Told told) throws IOException {
    assertThat(rows()).extracting(Row::told).contains(told);
  }

  @Test
  void page_everyLine_isThereOnce() throws IOException {
    assertThat(rows()).extracting(Row::toString).doesNotHaveDuplicates();
  }
}
