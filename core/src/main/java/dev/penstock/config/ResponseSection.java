package dev.penstock.config;

import dev.penstock.config.Section.Located;
import dev.penstock.http.FieldSyntax;
import dev.penstock.http.ResponseStyle;
import dev.penstock.http.ResponseStyleBuilder;
import dev.penstock.http.SharedCaches;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** Reads what responses look like. */
final class ResponseSection {

  static final String[] KNOWN = {
    "fieldSyntax",
    "problemType",
    "error",
    "neverStatus",
    "spreadRetryAfter",
    "retryHints",
    "allowOrigins",
    "sharedCaches"
  };

  private static final Map<String, Consumer<ResponseStyleBuilder>> ERRORS =
      Map.of(
          "object", ResponseStyleBuilder::errorObject,
          "slow-api", ResponseStyleBuilder::slowApiError);

  private final Section section;
  private final Faults faults;
  private final ResponseStyleBuilder style = ResponseStyle.builder();

  private ResponseSection(Section section, Faults faults) {
    this.section = section;
    this.faults = faults;
  }

  /** {@return the style} */
  static ResponseStyle read(Section section, Faults faults) {
    return new ResponseSection(section, faults).read();
  }

  private ResponseStyle read() {
    section.choice("fieldSyntax", Words.of(FieldSyntax.class)).ifPresent(style::fieldSyntax);
    section.choice("sharedCaches", Words.of(SharedCaches.class)).ifPresent(style::sharedCaches);
    section.choice("error", ERRORS).ifPresent(each -> each.accept(style));
    section
        .text("problemType")
        .ifPresent(type -> set("problemType", () -> style.problemType(type)));
    OptionalLong status = section.whole("neverStatus");
    if (status.isPresent()) {
      set("neverStatus", () -> style.neverStatus(Numbers.asInt(status.getAsLong())));
    }
    section
        .fraction("spreadRetryAfter")
        .ifPresent(share -> set("spreadRetryAfter", () -> style.spreadRetryAfter(share)));
    section.period("retryHints").ifPresent(most -> set("retryHints", () -> style.retryHints(most)));
    readOrigins();
    return style.build();
  }

  private void readOrigins() {
    Optional<Node> written = section.node("allowOrigins");
    if (written.isEmpty()) {
      return;
    }
    if (written.get() instanceof Node.Scalar word && word.text().equals("any")) {
      style.allowAnyOrigin();
      return;
    }
    List<Located<String>> origins = section.texts("allowOrigins");
    List<String> valid =
        origins.stream()
            .filter(
                origin ->
                    faults
                        .attempt(origin.where(), () -> style.allowOrigins(origin.value()))
                        .isPresent())
            .map(Located::value)
            .toList();
    if (valid.size() == origins.size()) {
      set("allowOrigins", () -> style.allowOrigins(valid.toArray(String[]::new)));
    }
  }

  private void set(String name, Supplier<ResponseStyleBuilder> setter) {
    faults.attempt(section.where(name), setter);
  }
}
