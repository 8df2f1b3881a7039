package dev.penstock.http;

import dev.penstock.Cost;
import dev.penstock.base.BoundedLog;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Pattern;

/**
 * How the response to a request says what that has cost. Those are equal that read the same, so
 * that rules which settle alike can pay in one decision.
 */
sealed interface Settling {

  /** By nothing: the response does not say it. */
  static Settling untold(boolean watches) {
    return new Untold(watches);
  }

  static Settling byField(String field, String unit, boolean isHidden) {
    return new ByField(field, unit, isHidden);
  }

  static Settling by(Function<ResponseView, Cost> total) {
    return new ByFunction(total, new BoundedLog(HttpRateLimiter.class));
  }

  /** Returns what the request has cost in the units that are named; empty where nothing is told. */
  Optional<Cost> total(ResponseView response);

  /** Returns whether the end of the response matters. */
  default boolean watches() {
    return true;
  }

  /** Returns the unit that is told, where that is known before. */
  default Optional<Cost> sample() {
    return Optional.empty();
  }

  /** Returns the field that the client is not to see. */
  default Optional<String> removedField() {
    return Optional.empty();
  }

  /**
   * By nothing.
   *
   * @param watches whether the end of the response matters all the same
   */
  record Untold(boolean watches) implements Settling {

    @Override
    public Optional<Cost> total(ResponseView response) {
      return Optional.empty();
    }
  }

  /** By a function of the application's. */
  record ByFunction(Function<ResponseView, Cost> function, BoundedLog log) implements Settling {

    public ByFunction {
      Objects.requireNonNull(function, "total");
    }

    @Override
    public Optional<Cost> total(ResponseView response) {
      try {
        Cost total = function.apply(response);
        if (total != null) {
          return Optional.of(total);
        }
        log.warn(function.getClass().getName() + " returned null, and the estimate is charged");
      } catch (Throwable e) { // an Error, too: the reservation is to be closed
        log.warn(function.getClass().getName() + " failed, and the estimate is charged", e);
      }
      return Optional.empty();
    }
  }

  /** By a field of the response. */
  final class ByField implements Settling {

    /** RFC 9110 section 5.6.2. */
    private static final Pattern NAME = Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]+");

    private static final Pattern WHOLE_NUMBER = Pattern.compile("[0-9]+");
    private static final int SHOWN = 40;

    private final String field;
    private final String unit;
    private final boolean isHidden;
    private final BoundedLog log = new BoundedLog(HttpRateLimiter.class);

    ByField(String field, String unit, boolean isHidden) {
      this.field = Objects.requireNonNull(field, "field");
      if (!NAME.matcher(field).matches()) {
        throw new IllegalArgumentException(
            "field must be the name of a header field: \"" + field + "\"");
      }
      this.unit = unit;
      this.isHidden = isHidden;
      Cost.units(unit, 0); // complains of what is no unit
    }

    @Override
    public Optional<Cost> total(ResponseView response) {
      List<String> lines = response.headerLines(field);
      if (lines.size() == 1 && WHOLE_NUMBER.matcher(lines.get(0).strip()).matches()) {
        try {
          return Optional.of(Cost.units(unit, Long.parseLong(lines.get(0).strip())));
        } catch (NumberFormatException e) {
          log.warn(complaint("a number below 2^63", lines));
          return Optional.empty();
        }
      }
      if (!lines.isEmpty() || response.status() / 100 == 2) {
        log.warn(complaint("one whole number", lines));
      }
      return Optional.empty();
    }

    private String complaint(String constraint, List<String> lines) {
      String value = String.join(", ", lines).replaceAll("[^\\x20-\\x7E]", "?");
      String shown = value.length() > SHOWN ? value.substring(0, SHOWN) + "..." : value;
      return field + " must be " + constraint + ", and the estimate is charged: \"" + shown + "\"";
    }

    @Override
    public Optional<Cost> sample() {
      return Optional.of(Cost.units(unit, 0));
    }

    @Override
    public Optional<String> removedField() {
      return isHidden ? Optional.of(field) : Optional.empty();
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof ByField that
          && field.equalsIgnoreCase(that.field)
          && unit.equals(that.unit)
          && isHidden == that.isHidden;
    }

    @Override
    public int hashCode() {
      return unit.hashCode();
    }
  }
}
