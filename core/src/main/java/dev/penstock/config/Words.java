package dev.penstock.config;

import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** How the constants of an enum are written in the file: {@code charge-address}. */
final class Words {

  private Words() {}

  static <E extends Enum<E>> Map<String, E> of(Class<E> type) {
    return Stream.of(type.getEnumConstants())
        .collect(Collectors.toUnmodifiableMap(Words::of, Function.identity()));
  }

  static String of(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
