package dev.penstock.config;

import dev.penstock.http.ClientAddress;
import dev.penstock.http.HttpRateLimiterBuilder;
import dev.penstock.http.Patience;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * How much is read of what rejected clients go on to send.
 *
 * @param all of everybody
 * @param toProxies of what trusted proxies send; empty where that is the same
 */
record PatienceSection(Patience all, Optional<Patience> toProxies) {

  static final String[] KNOWN = {"bytes", "time", "toProxies"};

  /** Of a file that does not say it. */
  static final PatienceSection STANDARD =
      new PatienceSection(Patience.standard(), Optional.empty());

  private static final String[] KNOWN_TO_PROXIES = {"bytes", "time"};

  /**
   * {@return the patience of a file}
   *
   * @param whole the file, which says what proxies there are
   */
  static PatienceSection read(Section section, Section whole, Faults faults) {
    if (section.has("toProxies") && !Clients.haveProxies(whole.node("clients"))) {
      faults.add(
          section.where("toProxies"),
          "must stand beside clients.trustedProxies: nobody else is a proxy");
    }
    Patience all = read(section, Patience.standard(), faults);
    return new PatienceSection(
        all,
        section.section("toProxies", KNOWN_TO_PROXIES).map(proxies -> read(proxies, all, faults)));
  }

  private static Patience read(Section section, Patience usual, Faults faults) {
    OptionalLong bytes = section.whole("bytes");
    Optional<Duration> time = section.period("time");
    Patience read =
        bytes.isEmpty()
            ? usual
            : faults
                .attempt(
                    section.where("bytes"), () -> new Patience(bytes.getAsLong(), usual.time()))
                .orElse(usual);
    return time.flatMap(
            each -> faults.attempt(section.where("time"), () -> new Patience(read.bytes(), each)))
        .orElse(read);
  }

  void addTo(HttpRateLimiterBuilder gate, ClientAddress clients) {
    gate.patience(all);
    toProxies.ifPresent(patience -> gate.patience(clients, patience));
  }
}
